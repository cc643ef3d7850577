"""Sessions that wait for their clients while the office is closed (XEP-0198, section 5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from embedded_server.storage.tables import (
    accounts,
    session_directed_presence,
    session_notes,
    session_stanzas,
    waiting_sessions,
)
from embedded_server.storage.writer import StorageWriter

_AT_ONCE = 200  # sessions in one transaction, so that other writes go on in between
_PARTS = (session_stanzas, session_directed_presence, session_notes)


@dataclass(frozen=True, slots=True)
class WaitingStanza:
    """A stanza that the client has not acknowledged, or was not sent.

    Attributes:
        stanza: As it is delivered; empty if only the store has it.
        message_id: By which the store knows it; None if it does not.
        sent_at: Seconds since 1970, UTC.
        was_sent: Whether it was sent once; then it counts in the client's ``h``.
    """

    stanza: bytes
    message_id: int | None
    sent_at: float
    was_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSession:
    """A session as it lies on disk.

    Attributes:
        id: What its client knows it by.
        localpart: The account's.
        ends_at: Seconds since 1970, UTC.
        handled: Our ``h``.
        acknowledged: The client's ``h``, modulo 2^32.
        presence: The last available presence; None while unavailable.
        directed: Who got directed presence, as addresses.
        stanzas: In the order of sending.
        notes: What modules have to know again, by a name of theirs.
    """

    id: str
    localpart: str
    resource: str
    language: str
    bound_at: float
    ends_at: float
    window_seconds: int
    handled: int
    acknowledged: int
    presence: bytes | None
    priority: int
    is_interested: bool
    directed: tuple[str, ...] = ()
    stanzas: tuple[WaitingStanza, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


class SessionRepository:
    """Writes sessions when the office closes, reads them once when it opens."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    async def put(self, sessions: Sequence[WaitingSession]) -> None:
        """Keep sessions; what was kept before stays.

        Raises:
            StorageError: Not all are kept.
        """
        for start in range(0, len(sessions), _AT_ONCE):
            some = sessions[start : start + _AT_ONCE]
            await self._writer.write(partial(_put, sessions=some))

    async def take(self) -> list[WaitingSession]:
        """Return what is kept, the longest lost first, and keep it no longer.

        A server that is killed later must not find what its clients have resumed since.

        Raises:
            StorageError: It could not be read.
        """
        return await self._writer.write(_take)


def _put(connection: Connection, *, sessions: Iterable[WaitingSession]) -> None:
    found = connection.execute(select(accounts.c.localpart, accounts.c.id))
    owners: dict[str, int] = {row.localpart: row.id for row in found}
    parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for session in sessions:
        owner = owners.get(session.localpart)
        if owner is None:  # deleted meanwhile
            continue
        key = connection.execute(
            insert(waiting_sessions)
            .values(_values(session, owner))
            .returning(waiting_sessions.c.id)
        ).scalar_one()
        for name, rows in _rows_of_parts(session).items():
            parts[name] += ({"session_id": key, **row} for row in rows)
    for table in _PARTS:
        if parts[table.name]:
            connection.execute(insert(table), parts[table.name])


def _values(session: WaitingSession, owner: int) -> dict[str, Any]:
    return {
        "account_id": owner,
        "resumption_id": session.id,
        "resource": session.resource,
        "language": session.language,
        "bound_at": session.bound_at,
        "ends_at": session.ends_at,
        "window_seconds": session.window_seconds,
        "handled": session.handled,
        "acknowledged": session.acknowledged,
        "presence": session.presence,
        "priority": session.priority,
        "is_interested": session.is_interested,
    }


def _rows_of_parts(session: WaitingSession) -> dict[str, list[dict[str, Any]]]:
    stanzas = [
        {
            "position": position,
            "stanza": one.stanza,
            "message_id": one.message_id,
            "sent_at": one.sent_at,
            "was_sent": one.was_sent,
        }
        for position, one in enumerate(session.stanzas)
    ]
    notes = [{"name": name, "value": value} for name, value in session.notes.items()]
    return {
        session_stanzas.name: stanzas,
        session_directed_presence.name: [{"jid": jid} for jid in session.directed],
        session_notes.name: notes,
    }


def _take(connection: Connection) -> list[WaitingSession]:
    stanzas = defaultdict(list)
    for row in connection.execute(
        select(session_stanzas).order_by(session_stanzas.c.session_id, session_stanzas.c.position)
    ):
        waiting = WaitingStanza(bytes(row.stanza), row.message_id, row.sent_at, row.was_sent)
        stanzas[row.session_id].append(waiting)
    directed = defaultdict(list)
    for row in connection.execute(select(session_directed_presence)):
        directed[row.session_id].append(row.jid)
    notes: dict[int, dict[str, str]] = defaultdict(dict)
    for row in connection.execute(select(session_notes)):
        notes[row.session_id][row.name] = row.value
    found = [
        WaitingSession(
            id=row.resumption_id,
            localpart=row.localpart,
            resource=row.resource,
            language=row.language,
            bound_at=row.bound_at,
            ends_at=row.ends_at,
            window_seconds=row.window_seconds,
            handled=row.handled,
            acknowledged=row.acknowledged,
            presence=row.presence,
            priority=row.priority,
            is_interested=row.is_interested,
            directed=tuple(directed[row.id]),
            stanzas=tuple(stanzas[row.id]),
            notes=notes[row.id],
        )
        for row in connection.execute(
            select(waiting_sessions, accounts.c.localpart)
            .join(accounts)
            .order_by(waiting_sessions.c.id)
        )
    ]
    connection.execute(delete(waiting_sessions))
    return found
