"""A dead link is noticed."""

import asyncio

import pytest

from communicator.session.link_watch import LinkWatch
from communicator.session.stream.safe_client import SafeClient
from shared_protocol.addresses import BareJid
from tests.helpers.session_diary import until

pytestmark = pytest.mark.asyncio
IDLE, ANSWER = 0.05, 0.05


class Receiver:
    """Notes the end."""

    def __init__(self) -> None:
        self.reasons: list[Exception | None] = []

    def element_received(self, element: object) -> bool:
        return True

    def stream_ended(self, reason: Exception | None) -> None:
        self.reasons.append(reason)


def watched() -> tuple[SafeClient, Receiver, list[float], LinkWatch]:
    client = SafeClient(BareJid.parse("romeo@montague.lit"))
    client.receiver = receiver = Receiver()
    pings: list[float] = []
    watch = LinkWatch(
        client,
        lambda: pings.append(client.loop.time()),
        idle_seconds=IDLE,
        answer_seconds=ANSWER,
    )
    return client, receiver, pings, watch


async def test_silence_is_asked_about_and_no_answer_cuts_the_connection() -> None:
    _client, receiver, pings, watch = watched()
    watch.start()
    await until(lambda: receiver.reasons)
    watch.stop()
    assert pings
    assert isinstance(receiver.reasons[0], ConnectionResetError)


async def test_any_bytes_are_an_answer() -> None:
    client, receiver, _pings, watch = watched()
    watch.expect_answer()
    client.last_received_at = client.loop.time() + 1
    await asyncio.sleep(2 * ANSWER)
    assert receiver.reasons == []
    watch.expect_answer()  # and the next question is watched again
    client.last_received_at = 0
    await until(lambda: receiver.reasons)


async def test_nothing_is_asked_while_the_server_speaks() -> None:
    client, _receiver, pings, watch = watched()
    watch.start()
    end = client.loop.time() + 3 * IDLE
    while client.loop.time() < end:
        client.last_received_at = client.loop.time()
        await asyncio.sleep(0)
    watch.stop()
    assert pings == []


async def test_question_on_demand_is_watched() -> None:
    _client, receiver, pings, watch = watched()
    watch.ask_now()
    await until(lambda: receiver.reasons)
    assert len(pings) == 1
