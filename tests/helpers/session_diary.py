"""Writes down what a session tells, so that tests can wait for it instead of sleeping."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.signals import Signal

T = TypeVar("T")
WAIT_SECONDS = 10.0


class Diary:
    """Everything that the signals of one session said, each kind in its own list."""

    def __init__(self, session: SlixmppSession) -> None:
        self.connected = heard(session.connected)
        self.disconnected = heard(session.disconnected)
        self.pushed = heard(session.roster_pushed)
        self.presences = heard(session.presence_received)
        self.requests = heard(session.subscription_requested)
        self.withdrawn = heard(session.subscription_withdrawn)
        self.messages = heard(session.message_received)
        self.acknowledged = heard(session.message_acknowledged)
        self.refused = heard(session.message_refused)
        self.receipts = heard(session.receipt_received)
        self.chat_states = heard(session.chat_state_received)


def heard(signal: Signal[T]) -> list[T]:
    """Return a list that grows with the signal."""
    values: list[T] = []
    signal.connect(values.append)
    return values


async def until(condition: Callable[[], object], seconds: float = WAIT_SECONDS) -> None:
    """Let the loop turn until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - no event exists for what a list holds
            await asyncio.sleep(0.002)
