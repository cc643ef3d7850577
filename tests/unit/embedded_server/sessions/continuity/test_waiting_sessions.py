"""Sessions over a stop and a start of the server (XEP-0198, section 5)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.sessions.continuity.waiting_sessions import WaitingSessions
from embedded_server.sessions.session import SessionState
from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.database import Database
from embedded_server.storage.session_repository import SessionRepository
from embedded_server.storage.writer import StorageWriter
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import EchoOffice, echo_office
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

ORCHARD = "romeo@montague.lit/orchard"
LOGGED_IN = "romeo@montague.lit/*"


@pytest_asyncio.fixture
async def repository(tmp_path: Path) -> AsyncIterator[SessionRepository]:
    database = Database.create(tmp_path / "parlour.db")
    writer = StorageWriter(database)
    writer.start()
    await AccountRepository(writer).create("romeo", {})
    yield SessionRepository(writer)
    await writer.stop()
    database.close()


def waiting(office: EchoOffice, repository: SessionRepository) -> WaitingSessions:
    return WaitingSessions(keeper=office.streams.keeper, host=office.host, repository=repository)


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)


async def stop_in_good_order(
    office: EchoOffice, client: WireClient, repository: SessionRepository
) -> None:
    told = asyncio.ensure_future(client.wait_for_end())  # noqa: TID251 - awaited below
    await office.streams.stop()
    assert await told == "system-shutdown"
    await waiting(office, repository).save()


async def test_session_is_resumed_where_it_was(tls: TlsPair, repository: SessionRepository) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in(ORCHARD)
        session_id = await romeo.enable_resumption()
        romeo.send("<message id='1'/><message id='2'/>")
        await romeo.receive_id("2")
        (session,) = office.directory
        session.presence, session.priority = b"<presence/>", 5
        session.is_interested = True
        session.directed.add(session.full_jid.bare)
        await stop_in_good_order(office, romeo, repository)

    async with echo_office(tls) as office:
        await waiting(office, repository).restore()
        (restored,) = office.directory
        assert (restored.presence, restored.priority) == (b"<presence/>", 5)
        assert restored.is_interested
        assert restored.directed == {restored.full_jid.bare}
        assert restored.bound_at == session.bound_at
        assert office.host.restored == [(restored, {"resource": "orchard"})]
        restored.send(b"<message id='3'/>")

        again = await office.log_in(LOGGED_IN)
        resumed = await again.resume(session_id, 1)
        await again.receive_id("3")

        assert resumed.get("h") == "2"
        assert [one.get("id") for one in again.received if one.get("id", "-") in "123"] == [
            "2",
            "3",
        ]


async def test_session_without_resumption_ends_with_the_office(
    tls: TlsPair, repository: SessionRepository
) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in(ORCHARD)
        await romeo.enable_acknowledgement()
        await stop_in_good_order(office, romeo, repository)
        assert len(office.host.closed) == 1

    assert await repository.take() == []


async def test_window_goes_on_while_the_office_is_closed(
    tls: TlsPair, repository: SessionRepository
) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in(ORCHARD)
        await romeo.enable_resumption(attributes=" max='1'")
        await stop_in_good_order(office, romeo, repository)

    async with echo_office(tls) as office:
        await waiting(office, repository).restore()
        await until(lambda: office.host.closed)

        (session,) = office.host.closed
        assert str(session.full_jid) == ORCHARD


async def test_what_waited_for_the_store_is_counted_before_the_session_is_written(
    tls: TlsPair, repository: SessionRepository
) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in(ORCHARD)
        await romeo.enable_resumption()
        office.host.is_storing = True
        romeo.send("<message id='1'/>")
        await until(lambda: office.host.holds)
        asyncio.get_running_loop().call_later(0.05, office.host.commit)
        await stop_in_good_order(office, romeo, repository)

    (record,) = await repository.take()
    assert record.handled == 1
    assert [one.was_sent for one in record.stanzas] == [False]


async def test_session_whose_messages_cannot_be_stored_in_time_is_not_written(
    tls: TlsPair, repository: SessionRepository
) -> None:
    """Its count would be wrong: the client shall send again what nobody has stored."""
    async with echo_office(tls) as office:
        romeo = await office.log_in(ORCHARD)
        await romeo.enable_resumption()
        office.host.is_storing = True
        romeo.send("<message id='1'/>")
        await until(lambda: office.host.holds)
        await stop_in_good_order(office, romeo, repository)
        (session,) = office.directory
        assert session.state is SessionState.HIBERNATING

    assert await repository.take() == []
