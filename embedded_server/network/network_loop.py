"""What all connections of one event loop share, so that an idle one keeps nothing for itself.

One read buffer; one flush at the end of a turn of the loop for all connections that have something
to send; one sweep for all deadlines instead of a timer for each connection.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

_READ_BUFFER_BYTES = 65_536  # more than a record of TLS, so that OpenSSL keeps nothing back
_SWEEP_SECONDS = 0.5
_LINGER_SECONDS = 3.0

_logger = logging.getLogger(__name__)


class Flushable(Protocol):
    """Something with bytes to send."""

    def flush(self) -> None:
        """Send what has been written."""


class NetworkLoop:
    """The event loop as the connections see it; one for each loop.

    Attributes:
        loop: A loop with ``add_reader``: asyncio's selector loop, or uvloop.
        linger_seconds: How long a connection that we close waits for its peer.
        buffer: What connections read into; its content is taken before the next one reads.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        sweep_seconds: float = _SWEEP_SECONDS,
        linger_seconds: float = _LINGER_SECONDS,
    ) -> None:
        self.loop = loop
        self.time = loop.time
        self.linger_seconds = linger_seconds
        self.buffer = memoryview(bytearray(_READ_BUFFER_BYTES))
        self._dirty: list[Flushable] = []
        self._deadlines: dict[object, tuple[float, Callable[[], None]]] = {}
        self._sweep_seconds = sweep_seconds
        self._sweep_timer: asyncio.TimerHandle | None = None

    def flush_soon(self, flushable: Flushable) -> None:
        """Flush it once at the end of this turn; the caller takes care to ask once."""
        if not self._dirty:
            self.loop.call_soon(self._flush_all)
        self._dirty.append(flushable)

    def set_deadline(self, owner: object, seconds: float, action: Callable[[], None]) -> None:
        """Do something when the time is over; the owner's former deadline is forgotten.

        Coarse: it may come one sweep late.
        """
        self._deadlines[owner] = (self.time() + seconds, action)
        if self._sweep_timer is None:
            self._sweep_timer = self.loop.call_later(self._sweep_seconds, self._sweep)

    def clear_deadline(self, owner: object) -> None:
        """Forget an owner's deadline, if it has one."""
        self._deadlines.pop(owner, None)

    def stop(self) -> None:
        """Forget all deadlines and end the sweep."""
        self._deadlines.clear()
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
            self._sweep_timer = None

    def _flush_all(self) -> None:
        dirty, self._dirty = self._dirty, []
        for flushable in dirty:
            try:
                flushable.flush()
            except Exception:
                _logger.exception("what was written could not be sent")

    def _sweep(self) -> None:
        now = self.time()
        due = [(owner, action) for owner, (when, action) in self._deadlines.items() if when <= now]
        for owner, _action in due:
            del self._deadlines[owner]
        for _owner, action in due:
            try:
                action()
            except Exception:
                _logger.exception("what a deadline asked for failed")
        self._sweep_timer = None
        if self._deadlines:
            self._sweep_timer = self.loop.call_later(self._sweep_seconds, self._sweep)
