"""One module per schema version, named after it."""
