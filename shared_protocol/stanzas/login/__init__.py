"""Logins that do more in one round trip: SASL2, Bind 2, FAST, upgrades of stored keys."""
