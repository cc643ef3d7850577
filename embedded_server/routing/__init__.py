"""Hosts, the router and the hook bus: who gets a stanza, and who is asked on its way."""
