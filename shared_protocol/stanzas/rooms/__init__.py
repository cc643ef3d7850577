"""What rooms and those who are in them say to each other (XEP-0045 and what builds on it)."""
