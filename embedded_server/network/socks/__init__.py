"""A relay for byte streams between two clients, spoken to by SOCKS5."""
