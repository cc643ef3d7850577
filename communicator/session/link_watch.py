"""Notices a dead link: within 90 s when nothing is said, within 10 s of a question."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from communicator.session.stream.safe_client import SafeClient

if TYPE_CHECKING:
    import asyncio

IDLE_SECONDS = 60.0
ANSWER_SECONDS = 10.0


class LinkWatch:
    """Watches one connection; cuts it when an answer does not come.

    Any bytes count as an answer: a busy server may take its time, a dead link says nothing.
    """

    def __init__(
        self,
        client: SafeClient,
        ping: Callable[[], None],
        *,
        idle_seconds: float = IDLE_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._client = client
        self._ping = ping
        self._idle_seconds = idle_seconds
        self._answer_seconds = answer_seconds
        self._idle_timer: asyncio.Handle | None = None
        self._answer_timer: asyncio.Handle | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._idle_timer = self._client.loop.call_later(self._idle_seconds, self._on_idle)

    def stop(self) -> None:
        """Watch no longer."""
        for timer in (self._idle_timer, self._answer_timer):
            if timer is not None:
                timer.cancel()
        self._idle_timer = self._answer_timer = None

    def expect_answer(self) -> None:
        """Reckon with an answer to what was sent just now."""
        if self._answer_timer is None:
            loop = self._client.loop
            now = loop.time()
            self._answer_timer = loop.call_later(self._answer_seconds, self._on_deadline, now)

    def ask_now(self) -> None:
        """Ask, and reckon with an answer: the link may be dead."""
        self._ping()
        self.expect_answer()

    def _on_idle(self) -> None:
        loop = self._client.loop
        silent = loop.time() - self._client.last_received_at
        rest = self._idle_seconds - silent
        if rest <= 0:
            self.ask_now()
            rest = self._idle_seconds
        self._idle_timer = loop.call_later(rest, self._on_idle)

    def _on_deadline(self, asked_at: float) -> None:
        self._answer_timer = None
        if self._client.last_received_at < asked_at:
            self._client.cut(ConnectionResetError("the server does not answer any more"))
