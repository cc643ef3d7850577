"""The office server on this computer: its process, and the line on which it is controlled."""
