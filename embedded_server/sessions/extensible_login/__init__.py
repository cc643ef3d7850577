"""The extensible login of clients: in one round trip, with binding and resumption (XEP-0388)."""
