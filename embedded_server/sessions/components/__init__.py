"""Streams of external components (XEP-0114)."""
