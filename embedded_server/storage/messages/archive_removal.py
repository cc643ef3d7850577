"""What becomes of the messages of an account that was deleted.

At once nothing waits for it any more, and its name is free: who gets it next is another
correspondent. Its archive goes in portions, since it may be large; what the other side keeps stays.
"""

import logging

from sqlalchemy import Connection, delete, exists, select, update

from embedded_server.storage.errors import StorageError
from embedded_server.storage.messages.message_rows import settled_up_to
from embedded_server.storage.tables import (
    archive_entries,
    correspondents,
    delivery_marks,
    messages,
    waiting_messages,
)
from embedded_server.storage.writer import StorageWriter

_log = logging.getLogger(__name__)
_PORTION = 500


def retire_account(connection: Connection, localpart: str) -> None:
    """Let nothing wait for an account, and its name stand for nobody; all in the transaction."""
    columns = correspondents.c
    owners = connection.execute(
        update(correspondents)
        .where(columns.address == localpart, ~columns.is_former)
        .values(is_former=True)
        .returning(columns.id)
    ).scalars()
    for owner in owners.all():
        _forget_unkept(connection, owner)
        for table in (waiting_messages, delivery_marks):
            connection.execute(delete(table).where(table.c.owner_id == owner))


async def remove_former_archives(writer: StorageWriter) -> None:
    """Remove the archives of accounts that are gone, as far as their entries are written."""
    try:
        while await writer.write(_remove_portion):
            pass
    except StorageError as error:
        _log.warning("archives of deleted accounts are removed later: %s", error)


def _forget_unkept(connection: Connection, owner: int) -> None:
    """Delete what only waited for the account: by the list of old ones, and among the newest."""
    columns = messages.c
    is_unkept = (
        (columns.receiver_id == owner) & ~columns.is_kept_by_sender & ~columns.is_kept_by_receiver
    )
    listed = select(waiting_messages.c.message_id).where(waiting_messages.c.owner_id == owner)
    for where in (columns.id.in_(listed), columns.id > settled_up_to(connection)):
        connection.execute(delete(messages).where(where, is_unkept))


def _remove_portion(connection: Connection) -> bool:
    """Remove some entries; return False when none are left."""
    entries, columns = archive_entries.c, messages.c
    former = select(correspondents.c.id).where(
        correspondents.c.is_former, exists().where(entries.owner_id == correspondents.c.id)
    )
    owner = connection.execute(former.limit(1)).scalar()
    if owner is None:
        return False
    found = select(entries.message_id).where(entries.owner_id == owner).limit(_PORTION)
    ids = connection.execute(found).scalars().all()
    these = columns.id.in_(ids)
    for side, is_kept in (
        (columns.sender_id, columns.is_kept_by_sender),
        (columns.receiver_id, columns.is_kept_by_receiver),
    ):
        connection.execute(update(messages).where(these, side == owner).values({is_kept: False}))
    is_waited_for = exists().where(
        waiting_messages.c.owner_id == columns.receiver_id,
        waiting_messages.c.message_id == columns.id,
    )
    not_kept = ~columns.is_kept_by_sender & ~columns.is_kept_by_receiver
    connection.execute(delete(messages).where(these, not_kept, ~is_waited_for))
    connection.execute(
        delete(archive_entries).where(entries.owner_id == owner, entries.message_id.in_(ids))
    )
    return True
