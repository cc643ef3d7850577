"""A request as its handler sees it, and what a handler answers (RFC 9110)."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from embedded_server.network.connection import Connection, Receiver
from embedded_server.network.http.request_body import RequestBody

TEXT = "text/plain; charset=utf-8"
_WITHOUT_CONTENT = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
Headers = Sequence[tuple[str, str]]


class RequestHeaders:
    """The header fields of a request, found by their names in lower case."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        self._fields = [(name.decode("ascii").lower(), value) for name, value in fields]

    def get(self, name: str) -> str:
        """Return a field's value; several of one name are joined by a comma, none is empty."""
        return ", ".join(self.all(name))

    def all(self, name: str) -> list[str]:
        """Return the values of all fields of a name, in order."""
        return [value.decode("latin-1") for key, value in self._fields if key == name]

    def tokens(self, name: str) -> list[str]:
        """Return the members of a list field, in lower case."""
        return [one.strip().lower() for one in self.get(name).split(",") if one.strip()]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request.

    Attributes:
        path: As it was sent, percent-encoded, without the query.
        query: What stood behind the question mark.
        parameters: The named parts of the path, decoded.
        authority: Name and port by which the client reached the server, in lower case.
        peer_address: IP address of the client.
        channel_binding: Data of ``tls-server-end-point`` of the connection.
        body: What follows the head; a handler that wants it reads it.
        when_lost: Calls a function when the connection is lost before the answer is complete.
        mark_known: The client has shown that it belongs here: it is not counted as a stranger.
    """

    method: str
    path: str
    query: str
    headers: RequestHeaders
    parameters: Mapping[str, str]
    authority: str
    peer_address: str
    channel_binding: bytes | None
    body: RequestBody
    when_lost: Callable[[Callable[[], None]], None]
    mark_known: Callable[[], None]

    @property
    def is_of_page(self) -> bool:
        """Whether a browser sends it for a page: scripts never see the TLS below."""
        return bool(self.headers.get("origin"))

    @property
    def foreign_origin(self) -> str:
        """The origin of the page that asks, if it is another than this server's; else empty."""
        origin = self.headers.get("origin").lower()
        return "" if origin == f"https://{self.authority}" else origin


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer.

    Attributes:
        headers: Without those that frame the message.
        body: The content, if it is at hand.
        pieces: The content in pieces, if it is not; they are asked for as the client takes them.
        length: How many bytes ``pieces`` are.
    """

    status: int = HTTPStatus.OK
    headers: Headers = ()
    body: bytes = b""
    pieces: AsyncGenerator[bytes, None] | None = None
    length: int = 0

    @property
    def content_length(self) -> int:
        """How many bytes the content has."""
        return self.length if self.pieces is not None else len(self.body)


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The connection goes over to another protocol (RFC 9110, section 7.8).

    Attributes:
        begin: Makes who takes the bytes from now on; what has arrived already is given to it.
    """

    headers: Headers
    begin: Callable[[Connection], Receiver]


class HttpError(Exception):
    """A request is answered with an error.

    Attributes:
        status: From 400 on.
        headers: Further header fields of the answer.
        text: For people; empty for the status's own phrase.
    """

    def __init__(self, status: HTTPStatus, text: str = "", headers: Headers = ()) -> None:
        super().__init__(text or status.phrase)
        self.status = status
        self.headers = headers
        self.text = text


@dataclass(frozen=True, slots=True)
class Cors:
    """What pages of other origins may do (Fetch standard, "CORS protocol").

    Attributes:
        origins: Who; ``*`` for all. Nobody is allowed to send credentials of the browser.
        request_headers: Which header fields they may send.
        exposed_headers: Which header fields of an answer they may read.
    """

    origins: frozenset[str] = frozenset({"*"})
    request_headers: tuple[str, ...] = ("Content-Type",)
    exposed_headers: tuple[str, ...] = ()
    max_age_seconds: int = 3_600

    def allows(self, origin: str) -> bool:
        """Whether pages of an origin are allowed; whoever is no page has none."""
        return not origin or "*" in self.origins or origin in self.origins

    def answer_headers(self, origin: str) -> Headers:
        """Return what every answer to an origin carries; nothing for a request without one."""
        if "*" in self.origins:
            headers = [("Access-Control-Allow-Origin", "*")]
        elif not origin or origin not in self.origins:
            return [("Vary", "Origin")]
        else:
            headers = [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
        if self.exposed_headers:
            headers.append(("Access-Control-Expose-Headers", ", ".join(self.exposed_headers)))
        return headers

    def preflight_headers(self, methods: Iterable[str]) -> Headers:
        """Return what the answer to a preflight carries besides."""
        return [
            ("Access-Control-Allow-Methods", ", ".join(methods)),
            ("Access-Control-Allow-Headers", ", ".join(self.request_headers)),
            ("Access-Control-Max-Age", str(self.max_age_seconds)),
        ]


def text_response(status: HTTPStatus, text: str = "", headers: Headers = ()) -> HttpResponse:
    """Answer with a line for people."""
    body = f"{text or status.phrase}\n".encode()
    return HttpResponse(status, [("Content-Type", TEXT), *headers], body)


def error_response(error: HttpError) -> HttpResponse:
    """Answer with an error."""
    return text_response(error.status, error.text, error.headers)


def has_content(status: int, method: str) -> bool:
    """Whether an answer has content on the wire (RFC 9110, sections 6.4.1 and 9.3.2)."""
    return method != "HEAD" and status not in _WITHOUT_CONTENT
