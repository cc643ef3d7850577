"""What the program knows, as plain values and typed signals."""
