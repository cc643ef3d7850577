"""What the server shows on the web."""
