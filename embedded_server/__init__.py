"""The office server: its own process and command."""
