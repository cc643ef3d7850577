"""Live client streams: negotiation, login, bound sessions, acknowledgement of stanzas."""
