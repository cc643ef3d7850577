"""Sockets of the server: listeners, TLS, and a transport that costs little while it is idle."""
