"""Rooms on a domain of their own (XEP-0045 and what builds on it): what stanzas do to them."""
