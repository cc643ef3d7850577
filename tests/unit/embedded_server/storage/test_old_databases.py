"""Databases of older versions are taken over with all they hold."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from embedded_server.storage.database import Database
from embedded_server.storage.messages.message_store import MessageStore
from embedded_server.storage.schema_upgrade import migration_settings
from embedded_server.storage.writer import StorageWriter
from tests.helpers.stored_messages import all_waiting

pytestmark = pytest.mark.asyncio
OFFICE = """
INSERT INTO accounts VALUES (1, 'romeo', 0.5, 0, 0), (2, 'juliet', 0.5, 0, 0);
INSERT INTO spooled_messages VALUES
  (3, 2, 'romeo@montague.lit', 'a', CAST('<message><body>1</body></message>' AS BLOB), 1.5),
  (5, 1, 'juliet@montague.lit', NULL, CAST('<message><body>2</body></message>' AS BLOB), 2.5),
  (6, 2, 'tybalt@montague.lit', NULL, CAST('<message><body>3</body></message>' AS BLOB), 3.5);
UPDATE versions SET schema_version = 1, is_closed = 1;
"""


def old_database(path: Path, revision: str, rows: str) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(migration_settings(connection), revision)
    engine.dispose()
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO versions VALUES (1, 1, 1)")
    connection.executescript(rows)
    connection.close()


async def test_messages_that_waited_in_the_spool_wait_on(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    old_database(path, "0001", OFFICE)

    database = Database.open(path)
    writer = StorageWriter(database)
    writer.start()
    store = MessageStore(writer)
    await store.load(was_closed=database.was_closed)
    found = {name: await all_waiting(store, name) for name in ("romeo", "juliet", "tybalt")}
    await writer.stop()
    database.close()

    assert [(one.id, one.stored_at, one.stanza) for one in found["juliet"]] == [
        (3, 1.5, b"<message><body>1</body></message>"),
        (6, 3.5, b"<message><body>3</body></message>"),
    ]
    assert [one.id for one in found["romeo"]] == [5]
    assert found["tybalt"] == []
    connection = sqlite3.connect(path)
    entries = connection.execute("SELECT owner_id, message_id FROM archive_entries").fetchall()
    former = connection.execute("SELECT address FROM correspondents WHERE is_former").fetchall()
    connection.close()
    assert sorted(message for _owner, message in entries) == [3, 5, 6]
    assert former == [("tybalt",)]
