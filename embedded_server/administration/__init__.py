"""Setting an office up, running it, and everything that an administrator does to it."""
