"""Byte streams between two clients through this server."""
