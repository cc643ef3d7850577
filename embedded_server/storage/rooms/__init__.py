"""Rooms on disk: what they are, and what was said in them."""
