"""HTTP/1.1 and WebSocket on the server's own transport; routes are registered from above."""
