"""Qt's item models over the plain state, the only ones in the program."""
