"""A stream that goes nowhere, for sessions in tests that need no socket."""

from collections.abc import Callable

from shared_protocol.errors import StreamError


class StillStream:
    """Remembers what a session sent; the test says when it has left.

    Attributes:
        last: What goes behind all else of this turn.
        errors: What the stream was ended with.
    """

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.last: list[bytes] = []
        self.errors: list[StreamError | None] = []
        self.is_congested = False
        self.on_written: list[Callable[[], None]] = []
        self.on_relieved: list[Callable[[], None]] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def write_last(self, data: bytes) -> None:
        self.last.append(data)

    def when_written(self, callback: Callable[[], None]) -> None:
        self.on_written.append(callback)

    def when_relieved(self, callback: Callable[[], None]) -> None:
        self.on_relieved.append(callback)

    def end(self, error: StreamError | None) -> None:
        self.errors.append(error)
