"""What both programs say on the wire: no Qt, no sockets, no clock, no database."""
