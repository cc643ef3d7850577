"""Rooms as values in memory: who is in them, who is what, what may change; no input or output."""
