"""Archives of accounts (XEP-0313), and what is kept in them (XEP-0441)."""
