"""From an address to a stream that is logged in."""
