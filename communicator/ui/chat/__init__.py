"""One open conversation: its log, its composer, and what surrounds them."""
