"""Negotiation of a stream as tables, for both ends (RFC 6120)."""
