"""Rosters and waiting subscription requests (RFC 6121, sections 2 and 3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.errors import StorageError
from embedded_server.storage.roster_history import changes_since, note_change
from embedded_server.storage.row_statement import RowQuery
from embedded_server.storage.tables import (
    accounts,
    roster_groups,
    roster_items,
    subscription_requests,
)
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.roster import RosterItem, Subscription

OnCommitted = Callable[[StorageError | None], None]
_MANY = 500  # values of one IN list


@dataclass(frozen=True, slots=True)
class StoredRoster:
    """One account's roster as it lies on disk.

    Attributes:
        version: That of the last change; 0 if there was none.
        items: By contact, oldest first.
        requests: Whole subscription requests by who asks, oldest first, as bytes in UTF-8.
    """

    version: int
    items: dict[BareJid, RosterItem]
    requests: dict[BareJid, bytes]


class RosterRepository:
    """Reads rosters whole, writes them item by item.

    Each write has two forms: one to await, and ``..._in_order``, which queues at once and tells
    ``on_committed`` the result (``None`` or the error), in the order of the calls.
    """

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    async def load(self, localpart: str) -> StoredRoster:
        """Read an account's roster.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: It could not be read.
        """
        return await self._writer.read(lambda connection: _load(connection, localpart))

    async def items_about(self, jid: BareJid, localparts: Sequence[str]) -> dict[str, RosterItem]:
        """Read what one contact is in the rosters of many accounts.

        Returns:
            By localpart, without those that do not have the contact.

        Raises:
            StorageError: They could not be read.
        """
        return await self._writer.read(lambda connection: _items_about(connection, jid, localparts))

    async def changes_since(self, localpart: str, version: int) -> dict[BareJid, int] | None:
        """Tell whose items were put or removed after a version.

        Returns:
            By contact the version of its last change, oldest first; None if the roster never had
            that version, or too long ago.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: It could not be read.
        """
        return await self._writer.read(
            lambda connection: changes_since(connection, account_id(connection, localpart), version)
        )

    async def put(self, localpart: str, item: RosterItem, version: int) -> None:
        """Add or replace an item, and note the roster's new version.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: Nothing was changed.
        """
        await self._writer.write(_putting(localpart, item, version))

    async def remove(self, localpart: str, jid: BareJid, version: int) -> None:
        """Remove an item, if it is there, and note the roster's new version; errors as ``put``."""
        await self._writer.write(_removing(localpart, jid, version))

    async def put_request(self, localpart: str, jid: BareJid, stanza: bytes) -> None:
        """Keep or replace a request of ``jid`` to the account; errors as ``put``."""
        await self._writer.write(_putting_request(localpart, jid, stanza))

    async def remove_request(self, localpart: str, jid: BareJid) -> None:
        """Remove a request, if it is there; errors as ``put``."""
        await self._writer.write(_removing_request(localpart, jid))

    def put_in_order(
        self, localpart: str, item: RosterItem, version: int, on_committed: OnCommitted
    ) -> None:
        """Queue ``put``."""
        self._writer.submit(_putting(localpart, item, version), on_committed)

    def remove_in_order(
        self, localpart: str, jid: BareJid, version: int, on_committed: OnCommitted
    ) -> None:
        """Queue ``remove``."""
        self._writer.submit(_removing(localpart, jid, version), on_committed)

    def put_request_in_order(
        self, localpart: str, jid: BareJid, stanza: bytes, on_committed: OnCommitted
    ) -> None:
        """Queue ``put_request``."""
        self._writer.submit(_putting_request(localpart, jid, stanza), on_committed)

    def remove_request_in_order(
        self, localpart: str, jid: BareJid, on_committed: OnCommitted
    ) -> None:
        """Queue ``remove_request``."""
        self._writer.submit(_removing_request(localpart, jid), on_committed)


RosterWrite = Callable[[Connection], None]


def _putting(localpart: str, item: RosterItem, version: int) -> RosterWrite:
    return partial(_put, localpart=localpart, item=item, version=version)


def _removing(localpart: str, jid: BareJid, version: int) -> RosterWrite:
    return partial(_remove, localpart=localpart, jid=jid, version=version)


def _putting_request(localpart: str, jid: BareJid, stanza: bytes) -> RosterWrite:
    return partial(_put_request, localpart=localpart, jid=jid, stanza=stanza)


def _removing_request(localpart: str, jid: BareJid) -> RosterWrite:
    return partial(_remove_request, localpart=localpart, jid=jid)


_OWNER = RowQuery(
    select(accounts.c.id, accounts.c.roster_version).where(
        accounts.c.localpart == bindparam("localpart")
    ),
    ("localpart",),
)
_ITEM_COLUMNS = (
    roster_items.c.id,
    roster_items.c.jid,
    roster_items.c.name,
    roster_items.c.subscription,
    roster_items.c.is_asked,
    roster_items.c.is_approved,
    roster_groups.c.name,
)
_ITEMS = RowQuery(
    select(*_ITEM_COLUMNS)
    .outerjoin(roster_groups)
    .where(roster_items.c.account_id == bindparam("owner"))
    .order_by(roster_items.c.id, roster_groups.c.position),
    ("owner",),
)
_REQUESTS = RowQuery(
    select(subscription_requests.c.jid, subscription_requests.c.stanza)
    .where(subscription_requests.c.account_id == bindparam("owner"))
    .order_by(subscription_requests.c.id),
    ("owner",),
)


def _load(connection: Connection, localpart: str) -> StoredRoster:
    """Read a roster: at each login, so that it must cost little."""
    found = _OWNER.run(connection, (localpart,))
    owner, version = found[0] if found else (account_id(connection, localpart), 0)
    items: dict[BareJid, RosterItem] = {}
    for _id, rows in groupby(_ITEMS.run(connection, (owner,)), key=itemgetter(0)):
        item = _item_of(list(rows))
        items[item.jid] = item
    requests = _REQUESTS.run(connection, (owner,))
    return StoredRoster(
        int(version), items, {BareJid.parse(jid): bytes(stanza) for jid, stanza in requests}
    )


def _items_about(
    connection: Connection, jid: BareJid, localparts: Sequence[str]
) -> dict[str, RosterItem]:
    found: dict[str, RosterItem] = {}
    for start in range(0, len(localparts), _MANY):
        names = localparts[start : start + _MANY]
        rows = connection.execute(
            select(accounts.c.localpart, *_ITEM_COLUMNS)
            .join(roster_items, roster_items.c.account_id == accounts.c.id)
            .outerjoin(roster_groups)
            .where(accounts.c.localpart.in_(names), roster_items.c.jid == str(jid))
            .order_by(roster_items.c.id, roster_groups.c.position)
        )
        for localpart, of_one in groupby(rows, key=itemgetter(0)):
            found[localpart] = _item_of([tuple(row)[1:] for row in of_one])
    return found


def _item_of(rows: Sequence[tuple[Any, ...]]) -> RosterItem:
    """Make a contact from its rows, one for each group, in order."""
    _id, jid, name, subscription, is_asked, is_approved, _group = rows[0]
    return RosterItem(
        jid=BareJid.parse(jid),
        name=name,
        subscription=Subscription(subscription),
        groups=tuple(row[-1] for row in rows if row[-1] is not None),
        ask=bool(is_asked),
        approved=bool(is_approved),
    )


def _put(connection: Connection, *, localpart: str, item: RosterItem, version: int) -> None:
    owner = account_id(connection, localpart)
    values = {
        "name": item.name,
        "subscription": item.subscription.value,
        "is_asked": item.ask,
        "is_approved": item.approved,
    }
    key = connection.execute(
        update(roster_items)
        .where(roster_items.c.account_id == owner, roster_items.c.jid == str(item.jid))
        .values(values)
        .returning(roster_items.c.id)
    ).scalar()
    if key is None:
        key = connection.execute(
            insert(roster_items)
            .values(account_id=owner, jid=str(item.jid), **values)
            .returning(roster_items.c.id)
        ).scalar_one()
    else:
        connection.execute(delete(roster_groups).where(roster_groups.c.roster_item_id == key))
    if item.groups:
        connection.execute(
            insert(roster_groups),
            [
                {"roster_item_id": key, "position": position, "name": name}
                for position, name in enumerate(item.groups)
            ],
        )
    _note_version(connection, owner, item.jid, version)


def _remove(connection: Connection, *, localpart: str, jid: BareJid, version: int) -> None:
    owner = account_id(connection, localpart)
    connection.execute(
        delete(roster_items).where(
            roster_items.c.account_id == owner, roster_items.c.jid == str(jid)
        )
    )
    _note_version(connection, owner, jid, version)


def _note_version(connection: Connection, owner: int, jid: BareJid, version: int) -> None:
    connection.execute(
        update(accounts).where(accounts.c.id == owner).values(roster_version=version)
    )
    note_change(connection, owner, jid, version)


def _put_request(connection: Connection, *, localpart: str, jid: BareJid, stanza: bytes) -> None:
    owner = account_id(connection, localpart)
    changed = connection.execute(
        update(subscription_requests)
        .where(subscription_requests.c.account_id == owner, subscription_requests.c.jid == str(jid))
        .values(stanza=stanza)
    )
    if changed.rowcount == 0:
        connection.execute(
            insert(subscription_requests).values(account_id=owner, jid=str(jid), stanza=stanza)
        )


def _remove_request(connection: Connection, *, localpart: str, jid: BareJid) -> None:
    owner = account_id(connection, localpart)
    connection.execute(
        delete(subscription_requests).where(
            subscription_requests.c.account_id == owner, subscription_requests.c.jid == str(jid)
        )
    )
