"""The last roster that the server gave, and the requests that wait, for the next start."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from communicator.state.roster import Contact, ContactRequest
from communicator.storage.database import Database
from communicator.storage.tables import contact_groups, contact_requests, contacts
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.roster import Subscription


class SqlRosterCache:
    """Contacts without presence, and requests, of the account in use."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def contacts(self) -> list[Contact]:
        """Return the kept contacts, all offline."""
        account_id = self._database.account_id

        def read(connection: Connection) -> list[Contact]:
            groups_by_row: dict[int, list[str]] = {}
            of_account = contacts.c.account_id == account_id
            groups = select(contact_groups).join(contacts).where(of_account)
            for row, name in connection.execute(groups):
                groups_by_row.setdefault(row, []).append(name)
            query = select(contacts).where(of_account).order_by(contacts.c.id)
            return [
                Contact(
                    jid=BareJid.parse(row.jid),
                    name=row.name,
                    groups=tuple(sorted(groups_by_row.get(row.id, ()))),
                    subscription=Subscription(row.subscription),
                    is_asked=row.is_asked,
                )
                for row in connection.execute(query)
            ]

        return await self._database.run(read)

    async def replace_all(self, roster: Iterable[Contact]) -> None:
        """Keep a complete roster."""
        kept = list(roster)
        account_id = self._database.account_id

        def write(connection: Connection) -> None:
            connection.execute(delete(contacts).where(contacts.c.account_id == account_id))
            _insert(connection, account_id, kept)

        await self._database.run(write)

    async def put(self, changed: Iterable[Contact], removed: Iterable[BareJid]) -> None:
        """Keep contacts that changed, and forget those that are gone."""
        kept = list(changed)
        gone = [str(contact.jid) for contact in kept] + [str(jid) for jid in removed]
        account_id = self._database.account_id

        def write(connection: Connection) -> None:
            connection.execute(
                delete(contacts).where(
                    contacts.c.account_id == account_id, contacts.c.jid.in_(gone)
                )
            )
            _insert(connection, account_id, kept)

        await self._database.run(write)

    async def requests(self) -> list[ContactRequest]:
        """Return the requests that wait for an answer, oldest first."""
        query = (
            select(contact_requests)
            .where(contact_requests.c.account_id == self._database.account_id)
            .order_by(contact_requests.c.id)
        )
        return await self._database.run(
            lambda connection: [
                ContactRequest(BareJid.parse(row.jid), row.body)
                for row in connection.execute(query)
            ]
        )

    async def put_request(self, request: ContactRequest) -> None:
        """Keep a request."""
        await self._write_request(request.jid, request)

    async def remove_request(self, jid: BareJid) -> None:
        """Forget a request."""
        await self._write_request(jid, None)

    async def _write_request(self, jid: BareJid, request: ContactRequest | None) -> None:
        account_id = self._database.account_id
        is_it = (contact_requests.c.account_id == account_id) & (contact_requests.c.jid == str(jid))

        def write(connection: Connection) -> None:
            connection.execute(delete(contact_requests).where(is_it))
            if request is not None:
                row = {"account_id": account_id, "jid": str(jid), "body": request.text}
                connection.execute(insert(contact_requests).values(row))

        await self._database.run(write)


def _insert(connection: Connection, account_id: int, kept: list[Contact]) -> None:
    if not kept:
        return
    rows = [
        {
            "account_id": account_id,
            "jid": str(contact.jid),
            "name": contact.name,
            "subscription": contact.subscription.value,
            "is_asked": contact.is_asked,
        }
        for contact in kept
    ]
    connection.execute(insert(contacts), rows)
    if not any(contact.groups for contact in kept):
        return
    query = select(contacts.c.jid, contacts.c.id).where(contacts.c.account_id == account_id)
    row_by_jid = {jid: number for jid, number in connection.execute(query)}  # noqa: C416 - typed
    groups = [
        {"contact_id": row_by_jid[str(contact.jid)], "name": name}
        for contact in kept
        for name in dict.fromkeys(contact.groups)
    ]
    connection.execute(insert(contact_groups), groups)
