"""Writes answers on a connection, as fast as the client takes them."""

import asyncio
from contextlib import aclosing
from http import HTTPStatus

import h11

from embedded_server.network.connection import Connection
from embedded_server.network.http.messages import Headers, HttpResponse, has_content
from embedded_server.network.http.request_body import RequestLostError

_PIECE_BYTES = 65_536


class ResponseWriter:
    """Frames the answers of one connection by h11."""

    __slots__ = ("_connection", "_h11", "_is_lost", "_waiter")

    def __init__(self, state: h11.Connection, connection: Connection) -> None:
        self._h11 = state
        self._connection = connection
        self._waiter: asyncio.Future[None] | None = None
        self._is_lost = False

    @property
    def can_refuse(self) -> bool:
        """Whether nothing of an answer has been sent."""
        return self._h11.our_state in {h11.IDLE, h11.SEND_RESPONSE}

    async def write(self, method: str, response: HttpResponse, headers: Headers) -> None:
        """Write an answer; its pieces are asked for when the client has taken those before.

        Raises:
            RequestLostError: The client went away.
        """
        self._begin(response, headers)
        if response.pieces is not None:
            async with aclosing(response.pieces) as pieces:
                if has_content(response.status, method):
                    async for piece in pieces:
                        await self._write_piece(piece)
        elif has_content(response.status, method):
            for start in range(0, len(response.body), _PIECE_BYTES):
                await self._write_piece(response.body[start : start + _PIECE_BYTES])
        self._send(h11.EndOfMessage())

    def write_at_once(self, response: HttpResponse) -> None:
        """Write a short answer to what was no request."""
        if self.can_refuse:
            self._begin(response, ())
            self._send(h11.Data(data=response.body))
            self._send(h11.EndOfMessage())

    def continue_(self) -> None:
        """Tell the client to send the content of its request."""
        self._send(h11.InformationalResponse(status_code=HTTPStatus.CONTINUE, headers=[]))

    def switch(self, headers: Headers) -> None:
        """Tell the client that another protocol begins behind this answer."""
        status = HTTPStatus.SWITCHING_PROTOCOLS
        fields = _encoded(headers)
        self._send(
            h11.InformationalResponse(status_code=status, headers=fields, reason=_reason(status))
        )

    def lose(self) -> None:
        """The connection is gone."""
        self._is_lost = True
        self._wake()

    def _begin(self, response: HttpResponse, headers: Headers) -> None:
        fields = [*headers, *response.headers]
        if response.status != HTTPStatus.NO_CONTENT:  # RFC 9110, section 8.6
            fields.append(("Content-Length", str(response.content_length)))
        self._send(
            h11.Response(
                status_code=response.status,
                headers=_encoded(fields),
                reason=_reason(HTTPStatus(response.status)),
            )
        )

    async def _write_piece(self, piece: bytes) -> None:
        if self._is_lost:
            raise RequestLostError
        self._send(h11.Data(data=piece))
        if self._connection.is_congested:
            self._waiter = asyncio.get_running_loop().create_future()
            self._connection.when_relieved(self._wake)
            await self._waiter

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _send(self, event: h11.Event) -> None:
        data = self._h11.send(event)
        if data:
            self._connection.write(data)


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]


def _reason(status: HTTPStatus) -> bytes:
    return status.phrase.encode("ascii")
