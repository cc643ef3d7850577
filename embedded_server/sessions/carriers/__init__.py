"""What carries a client's stream, and how the stream is cut out of it: TCP, WebSocket, BOSH."""
