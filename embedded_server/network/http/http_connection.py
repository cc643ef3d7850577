"""One HTTP/1.1 connection on our own transport (RFC 9112); h11 parses, this one does the I/O.

One request at a time: what a client sends ahead waits. Limits hold before parsing: a head that is
not complete within its bytes and its time is refused, and content is handed on piece by piece.
"""

import logging
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http import HTTPStatus

import h11

from embedded_server.network.connection import Connection, Receiver
from embedded_server.network.http.dispatch import (
    Target,
    chosen_route,
    options_answer,
    target_of,
)
from embedded_server.network.http.http_context import HttpContext
from embedded_server.network.http.messages import (
    Headers,
    HttpError,
    HttpRequest,
    RequestHeaders,
    Upgrade,
    error_response,
    text_response,
)
from embedded_server.network.http.request_body import (
    BodyTooLargeError,
    RequestBody,
    RequestLostError,
)
from embedded_server.network.http.response_writer import ResponseWriter
from embedded_server.network.http.routes import Answer

_logger = logging.getLogger(__name__)
_PIECE_OF_A_HEAD = 4_096
_NO_HEADERS: Headers = ()
_ALWAYS: Headers = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")]


class HttpConnection:
    """Takes requests, has them answered, one after the other. Receives from the connection."""

    __slots__ = (
        "_body",
        "_connection",
        "_context",
        "_h11",
        "_has_head_begun",
        "_is_lost",
        "_on_lost",
        "_paced_bytes",
        "_successor",
        "_writer",
    )

    def __init__(self, context: HttpContext, connection: Connection) -> None:
        self._context = context
        self._connection = connection
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=context.limits.head_bytes)
        self._body: RequestBody | None = None  # that of the request that is being answered
        self._successor: Receiver | None = None  # after an upgrade
        self._on_lost: list[Callable[[], None]] = []
        self._writer = ResponseWriter(self._h11, connection)
        self._is_lost = False
        self._has_head_begun = False
        self._paced_bytes = 0
        self._await_head(context.limits.head_seconds)

    # What the connection calls.

    def encrypted(self) -> None:
        """TLS has begun; the client speaks first."""

    def received(self, data: bytes) -> None:
        """Take bytes of the client."""
        while data and self._successor is None and not self._connection.is_closed:
            # Never so many that a head beyond its limit would be taken for complete
            is_head = self._h11.their_state is h11.IDLE
            size = _PIECE_OF_A_HEAD if is_head else len(data)
            piece, data = data[:size], data[size:]
            if is_head and not self._has_head_begun:
                self._has_head_begun = True
                self._await_head(self._context.limits.head_seconds)
            self._h11.receive_data(piece)
            self._take_events()
        if data and self._successor is not None:
            self._successor.received(data)

    def lost(self) -> None:
        """The connection is gone."""
        self._is_lost = True
        self._context.network.clear_deadline(self)
        if self._successor is not None:
            self._successor.lost()
        if self._body is not None:
            self._body.lose()
        self._writer.lose()
        on_lost, self._on_lost = self._on_lost, []
        for callback in on_lost:
            callback()

    # Requests.

    def _take_events(self) -> None:
        while not self._connection.is_closed:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                _logger.debug("no HTTP from %s: %s", self._connection.peer_address, error)
                self._refuse(HTTPStatus(error.error_status_hint))
                return
            if isinstance(event, h11.Request):
                self._begin(event)
            elif isinstance(event, h11.Data):
                self._take_content(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._context.network.clear_deadline(self)
                if self._body is not None:
                    self._body.end()
            else:  # nothing complete, or a request is being answered
                if event is h11.PAUSED and self._h11.trailing_data[0]:
                    self._connection.pause_reading()  # sent ahead: it waits where it is
                return

    def _begin(self, head: h11.Request) -> None:
        self._has_head_begun = False
        self._await_content()
        self._body = body = RequestBody(
            _announced_length(head),
            most_waiting_bytes=self._context.limits.waiting_bytes,
            begin=self._continue,
            pause=self._pause,
            resume=self._resume,
        )
        self._context.spawn(self._answer(head, body), "answer a request")

    async def _answer(self, head: h11.Request, body: RequestBody) -> None:
        method, cors = head.method.decode("ascii"), _NO_HEADERS
        answer: Answer
        try:
            target = target_of(head, self._context.names)
            routes, parameters = self._context.routes.find(target.path)
            request = self._request(head, target, parameters, body)
            if method == "OPTIONS":
                answer = options_answer(routes, request)
            else:
                route = chosen_route(routes, request)
                if route.cors is not None:
                    cors = route.cors.answer_headers(request.foreign_origin)
                answer = await route.handle(request)
        except HttpError as error:
            answer = error_response(error)
        except BodyTooLargeError:
            answer = text_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except RequestLostError:
            return
        except Exception:
            _logger.exception("a request could not be answered")
            answer = text_response(HTTPStatus.INTERNAL_SERVER_ERROR)
        await self._give(method, answer, cors)

    def _request(
        self, head: h11.Request, target: Target, parameters: Mapping[str, str], body: RequestBody
    ) -> HttpRequest:
        return HttpRequest(
            method=head.method.decode("ascii"),
            path=target.path,
            query=target.query,
            headers=RequestHeaders(head.headers),
            parameters=parameters,
            authority=target.authority,
            peer_address=self._connection.peer_address,
            channel_binding=self._connection.channel_binding,
            body=body,
            when_lost=self._on_lost.append,
            mark_known=self._connection.mark_logged_in,
        )

    # Answers.

    async def _give(self, method: str, answer: Answer, cors: Headers) -> None:
        if self._is_lost or self._connection.is_closed:
            return
        if isinstance(answer, Upgrade):
            self._switch(answer)
            return
        headers = [("Date", formatdate(self._context.clock(), usegmt=True)), *_ALWAYS, *cors]
        is_unread = self._h11.their_state is h11.SEND_BODY
        if is_unread:  # what is still to come would be taken for the next request
            headers.append(("Connection", "close"))
        try:
            await self._writer.write(method, answer, headers)
        except RequestLostError:
            return
        except Exception:
            _logger.exception("an answer broke off")
            self._connection.abort()
            return
        self._finish()

    def _switch(self, upgrade: Upgrade) -> None:
        self._context.network.clear_deadline(self)
        self._writer.switch(upgrade.headers)
        rest, _ = self._h11.trailing_data
        self._successor = upgrade.begin(self._connection)
        self._body = None
        self._connection.resume_reading()
        if rest:
            self._successor.received(rest)

    def _finish(self) -> None:
        """The answer is complete: go on with the next request, or close."""
        self._body = None
        self._on_lost.clear()
        if self._h11.our_state is not h11.DONE or self._h11.their_state is not h11.DONE:
            self._connection.close()
            return
        self._h11.start_next_cycle()
        self._await_head(self._context.limits.idle_seconds)
        self._connection.resume_reading()
        self._take_events()

    def _refuse(self, status: HTTPStatus) -> None:
        """What arrives is no HTTP, or passes a limit."""
        if self._body is not None:  # the request is being answered
            self._body.lose()
            self._connection.abort()
            return
        self._writer.write_at_once(text_response(status, headers=[("Connection", "close")]))
        self._connection.close()

    # Time, and how much may wait.

    def _await_head(self, seconds: float) -> None:
        self._context.network.set_deadline(self, seconds, self._on_deadline)

    def _await_content(self) -> None:
        self._paced_bytes = 0
        self._context.network.set_deadline(
            self, self._context.limits.pace_seconds, self._on_deadline
        )

    def _take_content(self, data: bytes) -> None:
        if self._body is None:
            return
        self._paced_bytes += len(data)
        if self._paced_bytes >= self._context.limits.pace_bytes:
            self._await_content()
        self._body.put(data)

    def _continue(self) -> None:
        """Somebody wants the content (RFC 9110, section 10.1.1)."""
        if self._h11.they_are_waiting_for_100_continue and not self._is_lost:
            self._writer.continue_()

    def _pause(self) -> None:
        self._context.network.clear_deadline(self)  # it is not the client that is slow
        self._connection.pause_reading()

    def _resume(self) -> None:
        if not self._is_lost and self._h11.their_state is h11.SEND_BODY:
            self._await_content()
            self._connection.resume_reading()

    def _on_deadline(self) -> None:
        is_idle = self._body is None and not self._has_head_begun
        if is_idle or not self._writer.can_refuse:
            self._connection.close() if is_idle else self._connection.abort()
            return
        if self._body is not None:
            self._body.lose()
        self._writer.write_at_once(
            text_response(HTTPStatus.REQUEST_TIMEOUT, headers=[("Connection", "close")])
        )
        self._connection.close()


def _announced_length(head: h11.Request) -> int | None:
    """Return the length of a request's content; None if it comes in chunks."""
    for name, value in head.headers:
        if name == b"content-length":
            return int(value)  # h11 has found it to be a number
        if name == b"transfer-encoding":
            return None
    return 0
