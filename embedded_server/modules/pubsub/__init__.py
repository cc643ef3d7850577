"""Publish-subscribe: the service of the domain, and every account as a service (PEP)."""
