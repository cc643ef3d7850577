"""The address of BOSH: finds the session of a request, or begins one (XEP-0124, XEP-0206)."""

import secrets
from collections.abc import Callable

from embedded_server.network.admission import Admission
from embedded_server.network.http.messages import Cors, HttpRequest, HttpResponse
from embedded_server.network.http.request_body import BodyTooLargeError
from embedded_server.network.http.routes import Access, Route
from embedded_server.network.http.web_site import BOSH_PATH, WebSite
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.sessions.carriers.bosh.body import (
    BoshRequest,
    body,
    payload_of,
    request_of,
    spoken_version,
)
from embedded_server.sessions.carriers.bosh.bosh_session import BoshSession, BoshTerms
from embedded_server.sessions.carriers.element_framing import ElementFraming
from embedded_server.sessions.client_streams import ClientStreams
from shared_protocol.addresses import AddressError, prepare_domainpart
from shared_protocol.errors import MalformedStanzaError, StreamCondition, StreamError
from shared_protocol.limits import BEFORE_LOGIN, BoshLimits, HttpLimits
from shared_protocol.xml.framer import StanzaFramer
from shared_protocol.xml.frames import Frame, StanzaFrame, StreamEnd, StreamHeader

_SID_BYTES = 24
_CONTENT_TYPE = ("Content-Type", "text/xml; charset=utf-8")


class _RefusedError(Exception):
    """A request gets a terminal binding condition (XEP-0124, section 17.2)."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


class BoshStreams:
    """Begins sessions and hands requests to them.

    Args of the constructor:
        admission: Counts the sessions that have not logged in: they outlive their connections.
    """

    def __init__(
        self,
        streams: ClientStreams,
        site: WebSite,
        network: NetworkLoop,
        *,
        domain: str,
        admission: Admission,
    ) -> None:
        self._streams = streams
        self._site = site
        self._network = network
        self._domain = domain
        self._admission = admission
        self._sessions: dict[str, BoshSession] = {}
        self._limits = BoshLimits()
        self._most_body_bytes = HttpLimits().body_bytes

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self) -> Callable[[], None]:
        """Register the route; returns the function that takes it out."""
        return self._site.routes.add(
            Route(
                "POST", BOSH_PATH, Access.LOGIN_INSIDE, self._on_request, Cors(self._site.origins)
            )
        )

    async def _on_request(self, request: HttpRequest) -> HttpResponse:
        reading = _Reading(self._sessions, self._most_body_bytes)
        try:
            await reading.read(request)
            answer = await self._answer(reading, request)
        except (MalformedStanzaError, _RefusedError) as error:
            condition = error.condition if isinstance(error, _RefusedError) else "bad-request"
            answer = body({"type": "terminate", "condition": condition})
        except StreamError as error:
            if reading.session is None:
                answer = body({"type": "terminate", "condition": "bad-request"})
            else:
                answer = await reading.session.refuse(error)
        finally:
            reading.close()
        return HttpResponse(headers=[_CONTENT_TYPE], body=answer)

    async def _answer(self, reading: "_Reading", request: HttpRequest) -> bytes:
        wanted, session = reading.checked()
        if session is None:
            if wanted.sid:
                raise _RefusedError("item-not-found")
            session = self._begin(wanted, request)
        if session.is_logged_in:
            request.mark_known()
        answer = await session.take(wanted, reading.payloads())
        if session.is_logged_in:
            request.mark_known()
        return answer

    def _begin(self, wanted: BoshRequest, request: HttpRequest) -> BoshSession:
        self._check_target(wanted)
        if not self._admission.admit(request.peer_address):
            raise _RefusedError("policy-violation")
        sid = secrets.token_urlsafe(_SID_BYTES)
        framing = ElementFraming()
        session = BoshSession(
            self._network,
            framing,
            self._terms(wanted, sid),
            first_rid=wanted.rid,
            peer_address=request.peer_address,
            channel_binding=None if request.is_of_page else request.channel_binding,
        )
        self._sessions[sid] = session
        place = _Place(self._admission, request.peer_address)
        session.on_logged_in = place.give_back

        def forget() -> None:
            place.give_back()
            self._sessions.pop(sid, None)

        session.on_gone = forget
        session.start(self._streams.carried(session, framing))
        return session

    def _check_target(self, wanted: BoshRequest) -> None:
        if not wanted.to:
            raise _RefusedError("improper-addressing")
        try:
            is_served = prepare_domainpart(wanted.to) == self._domain
        except AddressError:
            is_served = False
        if not is_served:
            raise _RefusedError("host-unknown")

    def _terms(self, wanted: BoshRequest, sid: str) -> BoshTerms:
        """Agree on what the client asks for, as far as it is reasonable (section 7.2)."""
        limits = self._limits
        wait, hold = min(wanted.wait, limits.wait_seconds), min(wanted.hold, limits.hold)
        if not wait:
            hold = 0
        first = {
            "sid": sid,
            "from": self._domain,
            "ver": spoken_version(wanted.version) if wanted.version is not None else "",
            "wait": str(wait),
            "hold": str(hold),
            "requests": str(limits.requests),
            "inactivity": str(limits.inactivity_seconds if hold else limits.poller_seconds),
            "polling": str(limits.polling_seconds),
            "maxpause": str(limits.pause_seconds),
            "ack": str(wanted.rid) if wanted.ack == 1 else "",
            "xmpp:version": "1.0",
            "xmpp:restartlogic": "true",
        }
        return BoshTerms(wait, hold, uses_acks=wanted.ack == 1, first=first)


class _Reading:
    """Reads one body while it arrives, with the limits of its session as soon as that is known."""

    def __init__(self, sessions: dict[str, BoshSession], most_bytes: int) -> None:
        self.session: BoshSession | None = None
        self._sessions = sessions
        self._most_bytes = most_bytes
        self._framer = StanzaFramer(BEFORE_LOGIN)
        self._frames: list[Frame] = []
        self._wanted: BoshRequest | None = None

    async def read(self, request: HttpRequest) -> None:
        """Read all of it.

        Raises:
            StreamError: It is refused, by its XML or by its length.
            MalformedStanzaError: It is no body.
            BodyTooLargeError: It announces more bytes than anybody may send.
        """
        if (request.body.length or 0) > self._most_bytes:
            raise BodyTooLargeError
        received = 0
        while piece := await request.body.read():
            received += len(piece)
            self._feed(piece)
            is_known = self.session is not None and self.session.is_logged_in
            if received > (self._most_bytes if is_known else 2 * BEFORE_LOGIN.stanza_bytes):
                raise StreamError(StreamCondition.POLICY_VIOLATION, "a body that is too long")

    def _feed(self, piece: bytes) -> None:
        """Feed the opening tag alone: what is behind it has the limits of its session."""
        while piece and self._wanted is None:
            end = piece.find(b">") + 1 or len(piece)
            self._frames += self._framer.receive(piece[:end])
            piece = piece[end:]
            if self._frames:
                self._on_header(self._frames[0])
        if piece:
            self._frames += self._framer.receive(piece)

    def checked(self) -> tuple[BoshRequest, BoshSession | None]:
        """Return what is wanted of which session.

        Raises:
            MalformedStanzaError: The body is not whole.
        """
        if self._wanted is None or not isinstance(self._frames[-1], StreamEnd):
            message = "expected one whole body"
            raise MalformedStanzaError(message)
        return self._wanted, self.session

    def payloads(self) -> list[bytes]:
        """Return the elements in it, each of which can be parsed alone."""
        header = self._frames[0]
        if not isinstance(header, StreamHeader):
            return []
        return [payload_of(one, header) for one in self._frames if isinstance(one, StanzaFrame)]

    def close(self) -> None:
        """Let go of the parser."""
        self._framer.close()

    def _on_header(self, header: Frame) -> None:
        if not isinstance(header, StreamHeader):
            message = "expected a body"
            raise MalformedStanzaError(message)
        self._wanted = request_of(header)
        self.session = self._sessions.get(self._wanted.sid)
        if self.session is not None:
            self._framer.limits = self.session.framing.limits


class _Place:
    """The place of one session among those that have not logged in."""

    def __init__(self, admission: Admission, address: str) -> None:
        self._admission: Admission | None = admission
        self._address = address

    def give_back(self) -> None:
        admission, self._admission = self._admission, None
        if admission is not None:
            admission.leave(self._address)
