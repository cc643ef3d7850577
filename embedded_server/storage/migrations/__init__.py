"""What changed from one schema version to the next, as Alembic reads it."""
