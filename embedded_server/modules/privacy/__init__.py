"""Whom a user blocks, and what others learn of when a user was there."""
