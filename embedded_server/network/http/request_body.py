"""The content of a request, read piece by piece; the client waits for who reads it."""

import asyncio
from collections.abc import Callable


class RequestLostError(Exception):
    """The connection is gone before the request was complete."""


class BodyTooLargeError(Exception):
    """The content has more bytes than its handler takes."""


class RequestBody:
    """What follows the head of a request.

    While more than a bounded amount waits for its reader, nothing is read from the client.

    Args of the constructor:
        length: The content's length as the client announced it; None if it did not.
        most_waiting_bytes: Beyond, ``pause`` is called; below, ``resume``.
        begin: Called before the first read, once.
    """

    __slots__ = (
        "_begin",
        "_has_ended",
        "_is_lost",
        "_is_paused",
        "_most_waiting_bytes",
        "_pause",
        "_pieces",
        "_resume",
        "_waiter",
        "_waiting_bytes",
        "length",
    )

    def __init__(
        self,
        length: int | None,
        *,
        most_waiting_bytes: int,
        begin: Callable[[], None],
        pause: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        self.length = length
        self._most_waiting_bytes = most_waiting_bytes
        self._begin: Callable[[], None] | None = begin
        self._pause = pause
        self._resume = resume
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0
        self._is_paused = False
        self._has_ended = False
        self._is_lost = False
        self._waiter: asyncio.Future[None] | None = None

    async def read(self) -> bytes:
        """Return the next piece of the content; no bytes at its end.

        Raises:
            RequestLostError: The client went away.
        """
        if self._begin is not None:
            begin, self._begin = self._begin, None
            begin()
        while not self._pieces and not self._has_ended:
            if self._is_lost:
                raise RequestLostError
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        pieces, self._pieces, self._waiting_bytes = self._pieces, [], 0
        if self._is_paused:
            self._is_paused = False
            self._resume()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def read_all(self, most_bytes: int) -> bytes:
        """Return the whole content.

        Raises:
            BodyTooLargeError: It has more bytes than that; those that were announced count.
            RequestLostError: The client went away.
        """
        if self.length is not None and self.length > most_bytes:
            raise BodyTooLargeError
        content = bytearray()
        while piece := await self.read():
            content += piece
            if len(content) > most_bytes:
                raise BodyTooLargeError
        return bytes(content)

    # What the connection calls.

    @property
    def is_paused(self) -> bool:
        """Whether the client waits for the reader."""
        return self._is_paused

    def put(self, piece: bytes) -> None:
        """More has arrived."""
        self._pieces.append(piece)
        self._waiting_bytes += len(piece)
        if self._waiting_bytes > self._most_waiting_bytes and not self._is_paused:
            self._is_paused = True
            self._pause()
        self._wake()

    def end(self) -> None:
        """All has arrived."""
        self._has_ended = True
        self._wake()

    def lose(self) -> None:
        """Nothing more will arrive."""
        self._is_lost = True
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
