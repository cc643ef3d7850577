"""What accounts say about themselves, and keep for themselves."""
