"""Publish and subscribe: what both ends say, read and written (XEP-0060, XEP-0163)."""
