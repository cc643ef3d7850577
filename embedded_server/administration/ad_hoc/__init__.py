"""The operations of an office as ad-hoc commands (XEP-0133)."""
