"""Runs the migrations that a database has not seen yet."""

import logging

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, update

from embedded_server.storage.tables import COMPATIBILITY_VERSION, SCHEMA_VERSION, versions

_log = logging.getLogger(__name__)
_SCRIPTS = "embedded_server.storage:migrations"


def migration_settings(connection: Connection | None = None) -> Config:
    """Return what Alembic needs to find the migrations and, to run them, the connection."""
    settings = Config()
    settings.set_main_option("script_location", _SCRIPTS)
    settings.attributes["connection"] = connection
    return settings


def upgrade_schema(connection: Connection) -> None:
    """Run what is missing inside the caller's transaction: all of it, or nothing."""
    command.upgrade(migration_settings(connection), "head")
    numbers = {
        "schema_version": SCHEMA_VERSION,
        "compatibility_version": COMPATIBILITY_VERSION,
    }
    if connection.execute(update(versions).values(numbers)).rowcount == 0:
        connection.execute(insert(versions).values(**numbers, is_closed=True))
    _log.info("the database has schema version %d", SCHEMA_VERSION)
