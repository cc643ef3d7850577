"""The settings and the sheet of shortcuts."""
