"""What accounts want to have archived (XEP-0441 0.2.0), on disk."""

from sqlalchemy import Connection, delete, insert, select

from embedded_server.storage.account_repository import account_id
from embedded_server.storage.tables import accounts, archive_lists, archive_preferences
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import parse_jid
from shared_protocol.stanzas.archive_preferences import ArchiveDefault, ArchivePreferences


class ArchivePreferencesRepository:
    """Reads the preferences of all accounts at once, writes those of one.

    Attributes:
        loaded: What was on disk when ``load`` read it: of those who want something, by localpart.
    """

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer
        self.loaded: dict[str, ArchivePreferences] = {}

    async def load(self) -> None:
        """Read all.

        Raises:
            StorageError: They could not be read.
        """
        self.loaded = await self._writer.read(_load)

    async def put(self, localpart: str, preferences: ArchivePreferences) -> None:
        """Replace an account's preferences.

        Raises:
            AccountMissingError: There is no such account.
            StorageError: They are what they were.
        """
        await self._writer.write(lambda connection: _put(connection, localpart, preferences))


def _load(connection: Connection) -> dict[str, ArchivePreferences]:
    found: dict[str, ArchivePreferences] = {}
    defaults = select(accounts.c.localpart, archive_preferences.c.default_behaviour)
    for localpart, default in connection.execute(defaults.join_from(accounts, archive_preferences)):
        found[localpart] = ArchivePreferences(ArchiveDefault(default))
    columns = archive_lists.c
    listed = select(accounts.c.localpart, columns.jid, columns.is_kept).order_by(columns.jid)
    for localpart, jid, is_kept in connection.execute(listed.join_from(accounts, archive_lists)):
        before = found[localpart]
        always, never = before.always, before.never
        if is_kept:
            always = (*always, parse_jid(jid))
        else:
            never = (*never, parse_jid(jid))
        found[localpart] = ArchivePreferences(before.default, always, never)
    return found


def _put(connection: Connection, localpart: str, preferences: ArchivePreferences) -> None:
    owner = account_id(connection, localpart)
    for table in (archive_lists, archive_preferences):
        connection.execute(delete(table).where(table.c.account_id == owner))
    default = preferences.default.value
    connection.execute(
        insert(archive_preferences).values(account_id=owner, default_behaviour=default)
    )
    rows = {str(jid): True for jid in preferences.always}
    rows |= {str(jid): False for jid in preferences.never}
    if rows:
        connection.execute(
            insert(archive_lists),
            [{"account_id": owner, "jid": jid, "is_kept": kept} for jid, kept in rows.items()],
        )
