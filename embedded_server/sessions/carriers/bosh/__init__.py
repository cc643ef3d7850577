"""Streams over requests that the server holds back (BOSH: XEP-0124, XEP-0206)."""
