"""The people list, requests of people, and what can be done with a contact."""
