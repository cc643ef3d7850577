"""Resumption over real sockets (XEP-0198, section 5; protocol.md 5.6; security.md row 34)."""

import asyncio
from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from embedded_server.sessions.session import SessionState
from embedded_server.sessions.stream_context import StreamSettings
from shared_protocol.limits import AcknowledgementLimits
from shared_protocol.namespaces import DELAY, STREAM_MANAGEMENT
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import EchoOffice, echo_office
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

R = f"<r xmlns='{STREAM_MANAGEMENT}'/>"
ORCHARD = "romeo@montague.lit/orchard"
LOGGED_IN = "romeo@montague.lit/*"
JULIET = "juliet@montague.lit/balcony"


async def until(is_so: Callable[[], object]) -> None:
    """Wait for what the server does when it notices a lost connection."""
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)


async def leave_without_a_word(office: EchoOffice, client: WireClient) -> None:
    (session,) = [one for one in office.directory if str(one.full_jid) == client.jid]
    await client.abort()
    await until(lambda: session.state is not SessionState.ATTACHED)


async def resumable_romeo(office: EchoOffice) -> tuple[WireClient, str]:
    romeo = await office.log_in(ORCHARD)
    return romeo, await romeo.enable_resumption()


def bodies(elements: list[Element]) -> list[str]:
    return [one.get("id", "") for one in elements if one.tag.endswith("}message")]


def condition(failed: Element) -> str:
    return failed[0].tag.rpartition("}")[2]


async def test_session_outlives_a_lost_connection(tls: TlsPair) -> None:
    """Section 7: a stream that is not cleanly closed is unfinished."""
    async with echo_office(tls) as office:
        romeo, _ = await resumable_romeo(office)

        await leave_without_a_word(office, romeo)

        (session,) = office.directory
        assert session.state is SessionState.HIBERNATING
        assert office.host.closed == []


async def test_session_ends_with_a_stream_that_is_closed_cleanly(tls: TlsPair) -> None:
    """Section 7: the client ends its session by </stream:stream>."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)

        await romeo.close()

        await until(lambda: office.host.closed)
        assert not list(office.directory)
        again = await office.log_in(LOGGED_IN)
        assert condition(await again.resume(session_id, 0)) == "item-not-found"


async def test_session_without_resumption_ends_with_its_connection(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in(ORCHARD)
        await romeo.enable_acknowledgement()

        await romeo.abort()

        await until(lambda: office.host.closed)


async def test_id_has_128_bits_and_the_window_is_announced(tls: TlsPair) -> None:
    """Section 5; security.md row 34."""
    async with echo_office(tls) as office:
        romeo = await office.log_in(ORCHARD)
        enabled = await romeo.enable_acknowledgement(attributes=" resume='1' max='5000'")
        juliet = await office.log_in(JULIET)
        shorter = await juliet.enable_acknowledgement(attributes=" resume='true' max='60'")

        assert len(enabled.attrib["id"]) >= 22  # base64 of 16 bytes
        assert (enabled.get("max"), shorter.get("max")) == ("600", "60")
        assert enabled.get("id") != shorter.get("id")


async def test_what_was_not_acknowledged_comes_again_and_then_what_has_waited(
    tls: TlsPair,
) -> None:
    """Section 5: stanzas that are still marked as unhandled are sent again, in order."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        juliet = await office.log_in(JULIET)
        for number in "123":
            juliet.send(f"<message to='{ORCHARD}' id='{number}'><body>b</body></message>")
        await romeo.receive_id("3")
        await leave_without_a_word(office, romeo)
        for number in "45":
            juliet.send(f"<message to='{ORCHARD}' id='{number}'><body>b</body></message>")
        juliet.send("<iq type='get' id='done'><q xmlns='x'/></iq>")
        await juliet.receive_id("done")

        again = await office.log_in(LOGGED_IN)
        resumed = await again.resume(session_id, 1)
        await again.receive_id("5")

        assert resumed.get("previd") == session_id
        assert bodies(again.received) == list("2345")
        assert [str(one.full_jid) for one in office.host.resumed] == [ORCHARD]


async def test_what_has_waited_tells_its_time(tls: TlsPair) -> None:
    """Section 4: servers SHOULD add a delay element with the original timestamp."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)
        (session,) = office.directory
        session.send(b"<message id='m'><body>b</body></message>")
        session.send(b"<presence id='p'/>")

        again = await office.log_in(LOGGED_IN)
        await again.resume(session_id, 0)
        message, presence = await again.receive_id("m"), await again.receive_id("p")

        delay = message.find(f"{{{DELAY}}}delay")
        assert delay is not None
        assert delay.get("from") == "montague.lit"
        assert not list(presence)


async def test_client_learns_what_was_handled_of_its_own(tls: TlsPair) -> None:
    """Section 5: resumed MUST carry h, and the counters are carried over."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        romeo.send("<message id='1'/><message id='2'/>")
        await romeo.receive_id("2")
        await leave_without_a_word(office, romeo)

        again = await office.log_in(LOGGED_IN)
        resumed = await again.resume(session_id, 2)
        again.send("<message id='3'/>" + R)

        assert resumed.get("h") == "2"
        answer = await again.receive(lambda one: one.tag == f"{{{STREAM_MANAGEMENT}}}a")
        assert answer.get("h") == "3"


async def test_answer_waits_until_what_was_sent_before_is_stored(tls: TlsPair) -> None:
    """Else the client would send again what is on its way to the store (security.md, section 8)."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        office.host.is_storing = True
        romeo.send("<message id='1'/>" + R)
        await until(lambda: office.host.holds)
        await leave_without_a_word(office, romeo)

        again = await office.log_in(LOGGED_IN)
        again.send(f"<resume xmlns='{STREAM_MANAGEMENT}' previd='{session_id}' h='0'/>")
        await until(lambda: office.streams.keeper.find("romeo", session_id) is None)
        office.host.commit()

        resumed = await again.receive()
        assert resumed.get("h") == "1"
        await again.receive_id("1")


async def test_session_can_be_resumed_again_and_again(tls: TlsPair) -> None:
    """Section 5: previd is the id of the former stream; resumed gives no other."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        for count in range(3):
            await leave_without_a_word(office, romeo)
            (session,) = office.directory
            session.send(f"<message id='{count}'/>".encode())

            romeo = await office.log_in(LOGGED_IN)
            await romeo.resume(session_id, count)
            await romeo.receive_id(str(count))
            romeo.jid = ORCHARD

        assert len(list(office.directory)) == 1
        assert office.host.closed == []


async def test_old_stream_that_still_lives_ends_with_conflict(tls: TlsPair) -> None:
    """Section 5; security.md row 34."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)

        again = await office.log_in(LOGGED_IN)
        resumed = await again.resume(session_id, 0)

        assert resumed.get("previd") == session_id
        assert await romeo.wait_for_end() == "conflict"
        again.send("<message id='on'/>")
        assert (await again.receive_id("on")).get("from") == ORCHARD
        assert office.host.closed == []


async def test_r34_session_of_another_account_is_not_found(tls: TlsPair) -> None:
    """Security.md row 34: the id is bound to the account."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)

        juliet = await office.log_in("juliet@montague.lit/*")
        failed = await juliet.resume(session_id, 0)

        assert condition(failed) == "item-not-found"
        assert failed.get("h") is None
        await juliet.bind("balcony")  # protocol.md 5.6: then bind is possible on the same stream
        assert juliet.jid == JULIET
        again = await office.log_in(LOGGED_IN)
        assert (await again.resume(session_id, 0)).get("previd") == session_id


async def test_r34_resumption_before_the_login_ends_the_stream(tls: TlsPair) -> None:
    """Section 8: a server MUST NOT allow it until after the client has authenticated."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)

        thief = await office.connect_by_tls()
        await thief.open_stream()
        thief.send(f"<resume xmlns='{STREAM_MANAGEMENT}' previd='{session_id}' h='0'/>")

        assert await thief.wait_for_end() == "not-authorized"


@pytest.mark.parametrize("guess", ["", "x", "A" * 22, "x" * 5_000])
async def test_r34_guessed_id_is_refused_and_the_stream_goes_on(tls: TlsPair, guess: str) -> None:
    async with echo_office(tls) as office:
        romeo, _ = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)

        thief = await office.log_in(LOGGED_IN)
        failed = await thief.resume(guess, 0)

        assert condition(failed) in {"item-not-found", "bad-request"}
        await thief.bind("cell")
        assert thief.jid == "romeo@montague.lit/cell"


async def test_count_above_what_was_sent_ends_the_new_stream_alone(tls: TlsPair) -> None:
    """Section 6: handled-count-too-high."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)

        again = await office.log_in(LOGGED_IN)
        error = await again.resume(session_id, 5)

        assert any(child.tag.endswith("handled-count-too-high") for child in error)
        assert await again.wait_for_end() == "undefined-condition"
        (session,) = office.directory
        assert session.state is SessionState.HIBERNATING


async def test_window_over_ends_the_session_and_its_count_is_still_known(tls: TlsPair) -> None:
    """Section 5: failed MAY include h if the session has timed out."""
    limits = AcknowledgementLimits(resumption_seconds=1)
    async with echo_office(tls, settings=StreamSettings(acknowledgements=limits)) as office:
        romeo, session_id = await resumable_romeo(office)
        romeo.send("<message id='1'/>")
        await romeo.receive_id("1")
        await leave_without_a_word(office, romeo)
        await until(lambda: office.host.closed)

        again = await office.log_in(LOGGED_IN)
        failed = await again.resume(session_id, 1)

        assert (condition(failed), failed.get("h")) == ("item-not-found", "1")
        (session,) = office.host.closed
        assert session.undelivered[0].stanza.startswith(b"<message")


async def test_more_than_may_wait_ends_the_session(tls: TlsPair) -> None:
    """Security.md, section 6: 500 stanzas."""
    async with echo_office(tls) as office:
        romeo, _ = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)
        (session,) = office.directory

        for number in range(500):
            session.send(f"<message id='{number}'/>".encode())
        await asyncio.sleep(0)
        assert session.state is SessionState.HIBERNATING
        session.send(b"<message id='500'/>")

        await until(lambda: office.host.closed)
        assert len(session.undelivered) == 501  # nothing is lost on the way


async def test_more_bytes_than_may_wait_end_the_session(tls: TlsPair) -> None:
    """At most 64 KiB are held beyond stored messages."""
    async with echo_office(tls) as office:
        romeo, _ = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)
        (session,) = office.directory

        session.send(b"<message><body>" + b"x" * 70_000 + b"</body></message>")

        await until(lambda: office.host.closed)


async def test_stored_messages_beyond_wait_in_the_store(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)
        (session,) = office.directory
        for row in range(1, 31):
            stanza = f"<message id='{row}'><body>{'x' * 10_000}</body></message>".encode()
            office.host.stored[row] = stanza
            session.send(stanza, row)
        held = sum(len(one.stanza) for one in session.undelivered)

        again = await office.log_in(LOGGED_IN)
        await again.resume(session_id, 0)
        await again.receive_id("30")

        assert held <= 65_536
        assert bodies(again.received) == [str(row) for row in range(1, 31)]


async def test_stored_message_that_is_gone_ends_the_session(tls: TlsPair) -> None:
    """Another resource has acknowledged it: the client has to ask the archive."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)
        (session,) = office.directory
        session.send(b"<message><body>" + b"x" * 70_000 + b"</body></message>", 7)

        again = await office.log_in(LOGGED_IN)
        await again.resume(session_id, 0)

        assert await again.wait_for_end() == "undefined-condition"
        assert office.host.closed == [session]


async def test_eleventh_session_without_stream_ends_the_oldest(tls: TlsPair) -> None:
    """Security.md, section 6: 10 of one account."""
    async with echo_office(tls) as office:
        for number in range(11):
            romeo = await office.log_in(f"romeo@montague.lit/{number}")
            await romeo.enable_resumption()
            await leave_without_a_word(office, romeo)

        await until(lambda: office.host.closed)
        assert [str(one.full_jid) for one in office.host.closed] == ["romeo@montague.lit/0"]


async def test_resource_of_a_session_without_stream_goes_to_who_binds_it(tls: TlsPair) -> None:
    """RFC 6120, section 7.7.2.2: its client has come back, and has forgotten the id."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)

        again = await office.log_in(ORCHARD)

        assert again.jid == ORCHARD
        assert [str(one.full_jid) for one in office.host.closed] == [ORCHARD]
        third = await office.log_in(LOGGED_IN)
        assert condition(await third.resume(session_id, 0)) == "item-not-found"


async def test_stanza_error_of_the_client_ends_the_session(tls: TlsPair) -> None:
    """Who breaks the stream has not lost it."""
    async with echo_office(tls) as office:
        romeo, _ = await resumable_romeo(office)

        romeo.send("<message><!-- no --></message>")

        assert await romeo.wait_for_end() == "restricted-xml"
        await until(lambda: office.host.closed)


async def test_lost_again_while_it_is_resumed_waits_for_the_next_time(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        office.host.is_storing = True
        romeo.send("<message id='1'/>" + R)
        await until(lambda: office.host.holds)
        await leave_without_a_word(office, romeo)
        again = await office.log_in(LOGGED_IN)
        again.send(f"<resume xmlns='{STREAM_MANAGEMENT}' previd='{session_id}' h='0'/>")
        await until(lambda: office.streams.keeper.find("romeo", session_id) is None)
        await again.abort()
        office.host.commit()
        await until(lambda: office.streams.keeper.find("romeo", session_id))

        third = await office.log_in(LOGGED_IN)
        resumed = await third.resume(session_id, 0)

        assert resumed.get("h") == "1"
        await third.receive_id("1")


async def test_enable_after_resumption_is_a_second_one(tls: TlsPair) -> None:
    """Section 3: at most one attempt."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)
        again = await office.log_in(LOGGED_IN)
        await again.resume(session_id, 0)

        again.send(f"<enable xmlns='{STREAM_MANAGEMENT}'/>")

        assert await again.wait_for_end() == "policy-violation"


async def test_what_is_sent_behind_resume_is_taken_in_order(tls: TlsPair) -> None:
    """The client need not wait for the answer."""
    async with echo_office(tls) as office:
        romeo, session_id = await resumable_romeo(office)
        await leave_without_a_word(office, romeo)
        again = await office.log_in(LOGGED_IN)

        again.send(f"<resume xmlns='{STREAM_MANAGEMENT}' previd='{session_id}' h='0'/>")
        again.send("<message id='1'/>" + R)

        assert (await again.receive()).tag.endswith("}resumed")
        assert (await again.receive_id("1")).get("from") == ORCHARD


async def test_enable_before_binding_is_refused_and_the_stream_goes_on(tls: TlsPair) -> None:
    """Section 3: unexpected-request."""
    async with echo_office(tls) as office:
        romeo = await office.log_in(LOGGED_IN)

        romeo.send(f"<enable xmlns='{STREAM_MANAGEMENT}' resume='true'/>")

        assert condition(await romeo.receive()) == "unexpected-request"
        await romeo.bind("orchard")
        assert romeo.jid == ORCHARD
