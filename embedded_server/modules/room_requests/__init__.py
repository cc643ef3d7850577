"""IQs that rooms and their service answer."""
