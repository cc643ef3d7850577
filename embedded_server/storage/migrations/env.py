"""Alembic runs this for every upgrade; the connection comes from ``schema_upgrade``."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
