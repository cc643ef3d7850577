"""Looks into a store of messages, by its own means and by those of SQLite."""

import contextlib
import sqlite3
from pathlib import Path

from embedded_server.storage.messages.message_rows import StoredMessage
from embedded_server.storage.messages.message_store import MessageStore
from embedded_server.storage.messages.origin_window import origin_id_in


async def all_waiting(store: MessageStore, account: str) -> list[StoredMessage]:
    """Return all that waits for an account, oldest first."""
    found: list[StoredMessage] = []
    while some := await store.waiting(account, found[-1].id if found else 0):
        found += some
    return found


def origin_ids_on_disk(database: Path) -> set[str]:
    """Return the senders' names of all messages in a database that nobody has open.

    Raises:
        sqlite3.DatabaseError: It cannot be read.
    """
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return {
            origin_id_in(stanza) for (stanza,) in connection.execute("SELECT stanza FROM messages")
        }
