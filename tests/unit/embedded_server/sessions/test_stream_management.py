"""Acknowledgements over real sockets (XEP-0198; security.md, section 8)."""

import pytest

from shared_protocol.namespaces import STREAM_MANAGEMENT
from tests.helpers.certificates import TlsPair
from tests.helpers.echo_office import echo_office
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

R = f"<r xmlns='{STREAM_MANAGEMENT}'/>"


async def receive_answer(client: WireClient) -> str:
    answer = await client.receive(lambda one: one.tag == f"{{{STREAM_MANAGEMENT}}}a")
    return answer.attrib["h"]


async def receive_request(client: WireClient) -> None:
    await client.receive(lambda one: one.tag == f"{{{STREAM_MANAGEMENT}}}r")


def acknowledge(client: WireClient, count: int | str) -> None:
    client.send(f"<a xmlns='{STREAM_MANAGEMENT}' h='{count}'/>")


async def test_stanzas_after_enable_are_counted_and_those_before_are_not(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        romeo.send("<message id='before'/>")
        await romeo.enable_acknowledgement()

        romeo.send("<message/><iq type='get' id='i'><query xmlns='x'/></iq>" + R)

        assert await receive_answer(romeo) == "2"


async def test_answers_to_what_came_before_enable_are_not_counted(tls: TlsPair) -> None:
    """XEP-0198, section 4: the counter starts after sending <enabled/>; RFC 6120, section 10.1."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        office.host.is_storing = True
        romeo.send(f"<message id='1'/><enable xmlns='{STREAM_MANAGEMENT}'/><message id='2'/>")
        juliet = await office.log_in("juliet@montague.lit/balcony")  # by then it has arrived
        assert juliet.jid
        romeo.received.clear()

        office.host.commit(2)
        romeo.send(R)

        assert await receive_answer(romeo) == "1"
        names = [one.get("id") or one.tag.rpartition("}")[2] for one in romeo.received]
        assert names == ["1", "enabled", "2", "r", "a"]
        acknowledge(romeo, 1)
        acknowledge(romeo, 2)
        assert await romeo.wait_for_end() == "undefined-condition"


async def test_message_counts_only_when_it_is_stored(tls: TlsPair) -> None:
    """Section 8, rule 1: <a/> waits for the store."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        await romeo.enable_acknowledgement()
        office.host.is_storing = True
        romeo.send("<message id='m1'/><message id='m2'/><iq type='get' id='i'><q xmlns='x'/></iq>")
        romeo.send(R)

        romeo.received.clear()
        assert await receive_answer(romeo) == "0"  # after a second, since it must be answered
        office.host.commit()
        romeo.send(R)
        assert (await romeo.receive_id("m1")).get("from") == romeo.jid
        assert all(one.get("id") != "i" for one in romeo.received)
        office.host.commit()

        await romeo.receive_id("m2")
        await romeo.receive_id("i")  # in the order of sending, though nothing had to be stored
        assert await receive_answer(romeo) == "3"


async def test_request_behind_a_store_is_answered_once_when_the_store_is_quick(
    tls: TlsPair,
) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        await romeo.enable_acknowledgement()
        office.host.is_storing = True
        romeo.send("<message id='m1'/>" + R)
        juliet = await office.log_in("juliet@montague.lit/balcony")  # by then it has arrived
        assert juliet.jid
        office.host.commit()

        assert await receive_answer(romeo) == "1"
        romeo.send(R)
        assert await receive_answer(romeo) == "1"
        answers = [one for one in romeo.received if one.tag == f"{{{STREAM_MANAGEMENT}}}a"]
        assert len(answers) == 2


async def test_row_of_the_spool_is_released_by_the_receivers_acknowledgement(
    tls: TlsPair,
) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        await romeo.enable_acknowledgement()
        office.host.spool_id = 7
        romeo.send("<message id='m1'/><message id='m2'/>")
        await receive_request(romeo)
        assert office.host.acknowledged == []

        acknowledge(romeo, 1)
        await receive_request(romeo)  # asked again, because there is more
        assert office.host.acknowledged == [7]
        acknowledge(romeo, 2)
        romeo.send(R)
        await receive_answer(romeo)

        assert office.host.acknowledged == [7, 8]


async def test_unacknowledged_rows_are_handed_over_at_the_end(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        await romeo.enable_acknowledgement()
        office.host.spool_id = 7
        romeo.send("<message id='m1'/><message id='m2'/>")
        await receive_request(romeo)
        acknowledge(romeo, 1)
        await romeo.close()

        (session,) = office.host.closed
        assert session.unacknowledged == (8,)
        assert office.host.acknowledged == [7]


async def test_one_request_follows_all_that_one_turn_sends(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        await romeo.enable_acknowledgement()
        romeo.received.clear()

        romeo.send("<message/><message/><message id='last'/>")
        await receive_request(romeo)

        assert [one.tag.rpartition("}")[2] for one in romeo.received] == [*["message"] * 3, "r"]


async def test_more_acknowledged_than_sent_ends_the_stream(tls: TlsPair) -> None:
    """Protocol.md, section 5.6; XEP-0198, section 4."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        await romeo.enable_acknowledgement()

        acknowledge(romeo, 10)
        error = await romeo.receive()

        assert [child.tag.rpartition("}")[2] for child in error if "sm:3" in child.tag] == [
            "handled-count-too-high"
        ]
        assert await romeo.wait_for_end() == "undefined-condition"


@pytest.mark.parametrize("count", ["", "-1", "4294967296", "five"])
async def test_count_that_is_none_ends_the_stream(tls: TlsPair, count: str) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        await romeo.enable_acknowledgement()

        acknowledge(romeo, count)

        assert await romeo.wait_for_end() == "bad-format"


async def test_second_enable_ends_the_stream(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        await romeo.enable_acknowledgement()

        romeo.send(f"<enable xmlns='{STREAM_MANAGEMENT}'/>")

        assert await romeo.wait_for_end() == "policy-violation"


async def test_resumption_on_a_bound_stream_is_refused_and_the_stream_goes_on(
    tls: TlsPair,
) -> None:
    """XEP-0198, section 5: it takes the place of binding."""
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")

        romeo.send(f"<resume xmlns='{STREAM_MANAGEMENT}' h='1' previd='x'/><message id='on'/>")

        assert (await romeo.receive())[0].tag.endswith("unexpected-request")
        await romeo.receive_id("on")


async def test_session_is_closed_in_the_order_of_what_it_had_sent(tls: TlsPair) -> None:
    async with echo_office(tls) as office:
        romeo = await office.log_in("romeo@montague.lit/orchard")
        juliet = await office.log_in("juliet@montague.lit/balcony")
        office.host.is_storing = True
        romeo.send(f"<message to='{juliet.jid}' id='last words'/>")

        await romeo.close()
        assert office.host.closed == []
        assert len(office.directory) == 1
        office.host.commit()

        assert [str(session.full_jid) for session in office.host.closed] == [romeo.jid]
        assert (await juliet.receive_id("last words")).get("from") == romeo.jid
