"""Nodes of publish-subscribe on disk."""
