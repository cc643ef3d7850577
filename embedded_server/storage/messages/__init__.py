"""Messages, each stored once: for the archives of its two sides and for its delivery."""
