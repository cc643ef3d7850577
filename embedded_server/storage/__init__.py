"""The office's database: the only place of the server that knows SQL."""
