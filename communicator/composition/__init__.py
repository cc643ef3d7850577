"""Puts services and controllers together; imported late, for it brings slixmpp and SQLAlchemy."""
