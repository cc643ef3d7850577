"""The XMPP session of one account: slixmpp behind ports of our own."""
