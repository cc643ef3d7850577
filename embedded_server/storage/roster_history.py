"""What changed in a roster, by version, for clients that know an old one (RFC 6121, section 2.6).

Only whose item changed is kept, so that a row stands for what was put as for what was removed, and
a client is told the final state. The oldest rows go when there are too many.
"""

from sqlalchemy import Connection, delete, func, insert, select

from embedded_server.storage.tables import roster_changes
from shared_protocol.addresses import BareJid
from shared_protocol.limits import RosterLimits

_REMEMBERED = RosterLimits().remembered_changes


def note_change(connection: Connection, owner: int, jid: BareJid, version: int) -> None:
    """Remember that the item of a contact was put or removed.

    Args:
        connection: In the transaction of the change.
        owner: Row of the account.
        jid: The contact.
        version: Of the roster after the change; greater than all before.
    """
    columns = roster_changes.c
    connection.execute(
        insert(roster_changes).values(account_id=owner, version=version, jid=str(jid))
    )
    newest_forgotten = (
        select(columns.version)
        .where(columns.account_id == owner)
        .order_by(columns.version.desc())
        .offset(_REMEMBERED)
        .limit(1)
        .scalar_subquery()
    )
    connection.execute(
        delete(roster_changes).where(
            columns.account_id == owner, columns.version <= newest_forgotten
        )
    )


def changes_since(connection: Connection, owner: int, version: int) -> dict[BareJid, int] | None:
    """Return the version of the last change by contact, oldest first.

    Returns:
        None if the roster never had that version, or too long ago.
    """
    columns = roster_changes.c
    is_owners = columns.account_id == owner
    known = select(columns.version).where(is_owners, columns.version == version)
    if connection.execute(known).first() is None:
        return None
    last = func.max(columns.version)
    changes = connection.execute(
        select(columns.jid, last)
        .where(is_owners, columns.version > version)
        .group_by(columns.jid)
        .order_by(last)
    )
    return {BareJid.parse(jid): int(changed_in) for jid, changed_in in changes}
