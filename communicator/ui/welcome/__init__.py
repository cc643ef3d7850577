"""The first run: three choices, one form each, and where the password is kept."""
