"""Sessions on disk while the office is closed (XEP-0198, section 5)."""

from dataclasses import replace

import pytest

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.session_repository import (
    SessionRepository,
    WaitingSession,
    WaitingStanza,
)
from embedded_server.storage.writer import StorageWriter

pytestmark = pytest.mark.asyncio

SESSION = WaitingSession(
    id="some-long-sm-id",
    localpart="juliet",
    resource="balcony",
    language="it",
    bound_at=1.5,
    ends_at=600.25,
    window_seconds=600,
    handled=2**32 - 1,
    acknowledged=7,
    presence=b"<presence/>",
    priority=-1,
    is_interested=True,
    directed=("coven@chat.shakespeare.lit/thirdwitch", "romeo@montague.lit"),
    stanzas=(
        WaitingStanza("<message>è</message>".encode(), None, 2.5, was_sent=True),
        WaitingStanza(b"", 12, 3.5, was_sent=False),
    ),
    notes={"urn:xmpp:blocking": "", "rooms": "[]"},
)


async def test_session_comes_back_as_it_was_and_only_once(
    writer: StorageWriter, repository: AccountRepository
) -> None:
    sessions = SessionRepository(writer)
    hall = replace(SESSION, id="2", localpart="romeo", presence=None, stanzas=(), notes={})

    await sessions.put([SESSION, hall])

    assert await repository.all()
    assert await sessions.take() == [SESSION, hall]
    assert await sessions.take() == []


async def test_session_of_a_deleted_account_is_not_kept(
    writer: StorageWriter, repository: AccountRepository
) -> None:
    sessions = SessionRepository(writer)
    await sessions.put([SESSION, replace(SESSION, id="2", localpart="nobody")])

    await repository.delete("juliet")

    assert await sessions.take() == []


async def test_many_sessions_are_written_in_several_transactions(
    writer: StorageWriter, repository: AccountRepository
) -> None:
    sessions = SessionRepository(writer)
    assert await repository.all()
    many = [replace(SESSION, id=str(number), resource=str(number)) for number in range(450)]

    await sessions.put(many)

    assert await sessions.take() == many
