"""The main window: who is there on the left, what is said on the right."""
