"""Who writes to whom, as small numbers; all of them in memory, so that no message waits for one.

An account of this office goes by its localpart, everybody else by the bare JID with its ``@`` (that
of a domain alone begins with it), so that a name never means two.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, insert, select

from embedded_server.storage.row_statement import ManyRowsInsert
from embedded_server.storage.tables import correspondents
from shared_protocol.addresses import BareJid

CorrespondentRow = tuple[int, str, bool]

_NAMES = ("id", "address", "is_former")
_INSERT = ManyRowsInsert(
    insert(correspondents).values({name: bindparam(name) for name in _NAMES}), _NAMES
)


class Correspondents:
    """Numbers of addresses. A new one is in memory at once, and on disk with its first message."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._new: list[CorrespondentRow] = []
        self._last_id = 0

    def fill(self, rows: Iterable[CorrespondentRow]) -> None:
        """Take what is on disk."""
        for key, address, is_former in rows:
            self._last_id = max(self._last_id, key)
            if not is_former:
                self._ids[address] = key

    def id_of(self, address: str) -> int:
        """Return the number of an address; one that is new gets the next."""
        found = self._ids.get(address)
        if found is not None:
            return found
        self._last_id += 1
        self._ids[address] = self._last_id
        self._new.append((self._last_id, address, False))
        return self._last_id

    def known(self, address: str) -> int | None:
        """Return the number of an address that has one."""
        return self._ids.get(address)

    def retire(self, address: str) -> None:
        """An account is gone: who gets its name next is somebody else."""
        self._ids.pop(address, None)

    def take_new(self) -> list[CorrespondentRow]:
        """Return what is not on disk yet, to be written before any message of theirs."""
        new, self._new = self._new, []
        return new

    def give_back(self, rows: Sequence[CorrespondentRow]) -> None:
        """What ``take_new`` returned was not written; it goes with the next."""
        self._new = [*rows, *self._new]


def stored_address(jid: BareJid, domain: str) -> str:
    """Return how the store names an address.

    Args:
        jid: Of an account, a service or a domain.
        domain: Of this office.
    """
    if jid.domainpart == domain and jid.localpart:
        return jid.localpart
    return f"{jid.localpart}@{jid.domainpart}"


def insert_correspondents(connection: Connection, rows: Sequence[CorrespondentRow]) -> None:
    """Write new ones."""
    _INSERT.run(connection, rows)


def read_correspondents(connection: Connection) -> list[CorrespondentRow]:
    """Read all, those of deleted accounts included."""
    columns = correspondents.c
    rows = connection.execute(select(columns.id, columns.address, columns.is_former))
    return [(row.id, row.address, row.is_former) for row in rows]
