"""The server's end of one client's stream (RFC 6120, sections 4 to 7): the front of the machines.

Bytes of the connection go through the framer. The negotiation decides which elements exist at all;
the login, the binding and the bound stream take them. Nothing here decides about stanzas.
"""

import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from embedded_server.sessions import stream_answers
from embedded_server.sessions.bound_stream import BoundStream
from embedded_server.sessions.carriers.ports import StreamCarrier, StreamFraming
from embedded_server.sessions.continuity.stream_resumption import (
    NotResumedError,
    StreamResumption,
)
from embedded_server.sessions.extensible_login.exchange import ExtensibleLogin
from embedded_server.sessions.login import StreamLogin
from embedded_server.sessions.resource_binding import address_for, check_account
from embedded_server.sessions.session import Session
from embedded_server.sessions.stream_context import StreamContext
from embedded_server.sessions.stream_opening import check_header, features_for, language_of
from shared_protocol.addresses import FullJid
from shared_protocol.errors import (
    MalformedStanzaError,
    SaslError,
    StanzaCondition,
    StanzaError,
    StreamCondition,
    StreamError,
)
from shared_protocol.limits import StreamLimits
from shared_protocol.namespaces import STREAM_MANAGEMENT
from shared_protocol.sasl.server import Challenge, CheckPassword, Step, Success
from shared_protocol.stanzas.stream_management import Enable, failed_bytes
from shared_protocol.stream.receiving import ClientNegotiation, Input, State, input_of
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.frames import Frame, StanzaFrame, StreamEnd, StreamHeader

_logger = logging.getLogger(__name__)
_RESUME = f"{STREAM_MANAGEMENT} resume"
_SURVIVED = frozenset({StreamCondition.SYSTEM_SHUTDOWN})  # errors that end no session


class ClientStream:
    """One client, from its connection to its end. Receives from the connection.

    Made by ``ClientStreams``.
    """

    __slots__ = (
        "_backlog",
        "_bound",
        "_connection",
        "_context",
        "_extensible",
        "_framing",
        "_has_header",
        "_is_busy",
        "_is_ended",
        "_language",
        "_localpart",
        "_login",
        "_marked_until",
        "_negotiation",
        "_on_lost",
    )

    def __init__(
        self,
        context: StreamContext,
        connection: StreamCarrier,
        framing: StreamFraming,
        *,
        begins_in_tls: bool,
        on_lost: Callable[["ClientStream"], None],
    ) -> None:
        self._context = context
        self._connection = connection
        self._on_lost = on_lost
        self._negotiation = ClientNegotiation(begins_in_tls=begins_in_tls)
        self._framing = framing
        self._marked_until = 0.0  # until then its parser counts as used
        self._login: StreamLogin | None = None
        self._extensible: ExtensibleLogin | None = None
        self._localpart = ""
        self._language = ""
        self._bound: BoundStream | None = None
        self._has_header = False  # our header of the present beginning has been sent
        self._is_busy = False  # an answer is being worked out off the loop
        self._is_ended = False
        self._backlog: list[Frame] | None = None
        seconds = context.settings.negotiation_seconds
        context.network.set_deadline(self, seconds, self._on_deadline)

    @property
    def session(self) -> Session | None:
        """The session, once a resource is bound."""
        return self._bound.session if self._bound is not None else None

    @property
    def is_ended(self) -> bool:
        """Whether it is over."""
        return self._is_ended

    @property
    def has_parser(self) -> bool:
        """Whether it holds a parser; an idle one does without (``IdleParsers``)."""
        return self._framing.has_parser

    # What the connection calls.

    def received(self, data: bytes) -> None:
        """Take bytes of the client."""
        if self._is_ended:
            return
        try:
            frames = self._framing.receive(data)
        except StreamError as error:
            self._take_all(error.frames_before)
            self.end(error)
            return
        self._take_all(frames)
        if self._bound is not None and not self._is_ended and self._framing.has_parser:
            now = self._context.network.time()
            self._bound.pace(len(data), len(frames), now)
            if now > self._marked_until:
                self._mark_used(now)

    def rest(self) -> None:
        """Do without a parser until something arrives."""
        if not self._framing.rest():
            self._mark_used(self._context.network.time())

    def encrypted(self) -> None:
        """TLS has begun: whatever was said before counts no more (section 5.4.3.3)."""
        if self._negotiation.state is State.STARTING_TLS:
            self._negotiation.receive(Input.TLS_STARTED)
        self._begin_anew(self._context.settings.before_login)
        self._login = StreamLogin(
            self._context,
            channel_binding=self._connection.channel_binding,
            peer_address=self._connection.peer_address,
        )
        self._extensible = ExtensibleLogin(self._context, self, self._login)

    def lost(self) -> None:
        """The connection is gone."""
        self._is_ended = True
        self._framing.close()
        self._leave(is_lost=True)
        self._on_lost(self)

    # What a session calls.

    def write(self, data: bytes) -> None:
        """Queue bytes; see ``Connection.write``."""
        self._connection.write(data)

    def end(self, error: StreamError | None = None) -> None:
        """Answer with an error, or without, and with the end of the stream; then close."""
        if self._is_ended:
            return
        self._is_ended = True
        if error is not None:
            _logger.info("ended a stream of %s: %s", self._connection.peer_address, error)
        if self._negotiation.state is not State.STARTING_TLS:
            if not self._has_header:  # section 4.9.1.2
                self._send_header(None)
            for part in self._framing.end(error):
                self._connection.write(part)
        self._connection.close()
        self._leave(is_lost=error is not None and error.condition in _SURVIVED)

    def write_last(self, data: bytes) -> None:
        """Queue bytes behind those of this turn; see ``Connection.write_last``."""
        self._connection.write_last(data)

    def when_written(self, callback: Callable[[], None]) -> None:
        """See ``Connection.when_written``."""
        self._connection.when_written(callback)

    def when_relieved(self, callback: Callable[[], None]) -> None:
        """See ``Connection.when_relieved``."""
        self._connection.when_relieved(callback)

    @property
    def is_congested(self) -> bool:
        """See ``Connection.is_congested``."""
        return self._connection.is_congested

    # The negotiation.

    def _take_all(self, frames: Sequence[Frame]) -> None:
        for position, frame in enumerate(frames):
            if self._is_ended:
                return
            if self._is_busy:
                self._backlog = [*(self._backlog or ()), *frames[position:]]
                return
            try:
                if self._bound is not None and isinstance(frame, StanzaFrame):
                    self._bound.take(frame)
                else:
                    self._negotiate(frame, is_last=position == len(frames) - 1)
            except StreamError as error:
                self.end(error)
            except MalformedStanzaError:
                self.end(StreamError(StreamCondition.BAD_FORMAT, "a malformed element"))

    def _negotiate(self, frame: Frame, *, is_last: bool) -> None:
        if isinstance(frame, StreamHeader):
            self._on_header(frame)
            return
        if isinstance(frame, StreamEnd):
            self._negotiation.receive(Input.END)
            self.end()
            return
        given = input_of(frame)
        self._negotiation.receive(given)
        match given:
            case Input.STARTTLS:
                self._on_starttls(is_last=is_last)
            case Input.AUTH | Input.RESPONSE | Input.ABORT:
                self._on_sasl(given, frame)
            case Input.REGISTRATION:
                self.work(self._answer_stranger(frame), "answer before login")
            case Input.BIND_REQUEST:
                self._on_bind(frame)
            case Input.STREAM_MANAGEMENT:
                self._on_stream_management(frame)
            case _:  # of the extensible profile
                self._require_login()
                if self._extensible is not None:
                    self._extensible.take(given, frame)

    def _on_header(self, header: StreamHeader) -> None:
        state = self._negotiation.receive(Input.HEADER)
        self._send_header(header)
        check_header(header, self._context.host.domain)
        self._language = language_of(header)
        if self._login is not None:
            self._login.claimed = header.attributes.get("from", "")
        offer = self._login.offered if self._login is not None else None
        self._connection.write(features_for(self._context, state, offer))

    def _send_header(self, header: StreamHeader | None) -> None:
        self._has_header = True
        self._connection.write(self._framing.header(self._context.host.domain, header))

    def _begin_anew(self, limits: StreamLimits) -> None:
        """Expect another header of the client, which is answered by another of ours."""
        self._framing.begin(limits)
        self._has_header = False

    def _on_starttls(self, *, is_last: bool) -> None:
        if not is_last or not self._framing.is_between_stanzas:
            # Section 5.4.3.1: else whoever is between could put words into the client's mouth.
            text = "something follows starttls in clear text"
            raise StreamError(StreamCondition.POLICY_VIOLATION, text)
        self._connection.write(stream_answers.PROCEED)
        self._connection.start_tls(self._context.tls())

    def _on_sasl(self, given: Input, frame: StanzaFrame) -> None:
        login = self._require_login()
        try:
            if given is Input.AUTH:
                mechanism = frame.attributes.get("mechanism", "")
                step = login.begin(mechanism, login.decoded(frame))
            elif given is Input.RESPONSE:
                step = login.respond(login.decoded(frame) or b"")
            else:
                raise login.abort()
        except SaslError as error:
            self._refuse_login(login, error)
        else:
            self._on_step(login, step)

    def _require_login(self) -> StreamLogin:
        if self._login is None:
            raise StreamError(StreamCondition.NOT_AUTHORIZED, "a login in clear text")
        return self._login

    def _on_step(self, login: StreamLogin, step: Step) -> None:
        match step:
            case Challenge():
                self._connection.write(stream_answers.challenge(step.data))
            case CheckPassword():
                self.work(self._check_password(login, step), "check a password")
            case Success():
                self._negotiation.receive(Input.LOGIN_SUCCEEDED)
                self._connection.write(stream_answers.success(step.data))
                self.log_in(step.localpart)
                self._begin_anew(self._context.settings.client)

    def _refuse_login(self, login: StreamLogin, error: SaslError) -> None:
        _logger.info("login from %s failed: %s", self._connection.peer_address, error)
        if self._negotiation.state is State.AUTHENTICATING:
            self._negotiation.receive(Input.LOGIN_FAILED)
        self._connection.write(stream_answers.failure(error.condition))
        if not login.has_tries_left:  # section 6.4.5
            self.end(StreamError(StreamCondition.POLICY_VIOLATION, "too many failed logins"))

    async def _check_password(self, login: StreamLogin, step: CheckPassword) -> None:
        try:
            success = await login.check_password(step)
        except SaslError as error:
            if not self._is_ended:
                self._refuse_login(login, error)
        else:
            if not self._is_ended:
                self._on_step(login, success)

    async def _answer_stranger(self, frame: StanzaFrame) -> None:
        address = self._connection.peer_address
        self._connection.write(await self._context.host.iq_before_login(frame, address))

    def _on_bind(self, frame: StanzaFrame) -> None:
        context = self._context
        check_account(context, self._localpart)
        try:
            jid = address_for(context, self._localpart, frame)
        except StanzaError as error:
            self._connection.write(stream_answers.iq_error(frame.attributes, error))
            return
        session = self.begin_session(jid)
        self._connection.write(stream_answers.bind_result(frame.attributes, jid))
        context.host.session_hooks.bound(session)

    def _on_stream_management(self, frame: StanzaFrame) -> None:
        """Answer what comes before there is a session (XEP-0198, sections 3 and 5)."""
        if frame.name == _RESUME:
            check_account(self._context, self._localpart)
            self.work(self._resume(frame), "resume a session")
        else:
            self._connection.write(failed_bytes(StanzaCondition.UNEXPECTED_REQUEST))

    async def _resume(self, frame: StanzaFrame) -> None:
        resumption = StreamResumption(self._context, self, self._localpart)
        try:
            session = await resumption.claim(element_of(frame.raw))
            if not self._is_ended:
                self.advance(Input.RESUMED)
            if await resumption.replay(session):
                self.go_on_with(session)
        except NotResumedError as error:
            self._connection.write(error.answer)
        except StreamError as error:
            self.end(error)

    # What the extensible login calls.

    def advance(self, given: Input) -> None:
        """Go on in the negotiation, whose time ends with a session."""
        if self._negotiation.receive(given) is State.BOUND:
            self._context.network.clear_deadline(self)

    def log_in(self, localpart: str) -> None:
        """The client has shown who it is."""
        self._localpart = localpart
        self._login = self._extensible = None
        self._connection.mark_logged_in()
        self._framing.allow(self._context.settings.client)

    def begin_session(self, jid: FullJid) -> Session:
        """Bind a resource."""
        context = self._context
        self.advance(Input.BOUND)
        session = Session(
            full_jid=jid,
            stream=self,
            language=self._language,
            limits=context.settings.acknowledgements,
        )
        self._bound = BoundStream(context, self._connection, session)
        context.directory.add(session)
        return session

    def enable_acknowledgement(self, wanted: Enable) -> bytes:
        """Begin to count."""
        return self._bound.enable(wanted) if self._bound is not None else b""

    def go_on_with(self, session: Session) -> None:
        """A session was resumed."""
        self._bound = BoundStream(self._context, self._connection, session)
        self._context.host.session_hooks.resumed(session)

    def write_features(self) -> None:
        """Tell what the stream offers."""
        if not self._is_ended:
            self._connection.write(features_for(self._context, self._negotiation.state, None))

    def work(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Work out an answer; nothing more is taken from the client until it is there."""
        self._is_busy = True
        self._connection.pause_reading()
        self._context.tasks.spawn(self._work_and_go_on(work), name)

    async def _work_and_go_on(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._is_busy = False
            self._connection.resume_reading()
            backlog, self._backlog = self._backlog, None
            self._take_all(backlog or ())

    def _mark_used(self, now: float) -> None:
        parsers = self._context.parsers
        self._marked_until = now + parsers.idle_seconds
        parsers.mark_used(self, now)

    # The end.

    def _on_deadline(self) -> None:
        self.end(StreamError(StreamCondition.CONNECTION_TIMEOUT, "the negotiation took too long"))

    def _leave(self, *, is_lost: bool) -> None:
        """Take back what the stream has registered; done when it ends, however it ends.

        Args:
            is_lost: Nobody wanted the session to end with the stream.
        """
        self._context.network.clear_deadline(self)
        bound, self._bound = self._bound, None
        if bound is None:
            return
        bound.end()
        self._context.parsers.forget(self)
        if not bound.session.is_on(self):  # it goes on over another stream, or is over
            return
        if is_lost:
            self._context.keeper.lose(bound.session)
        else:
            self._context.keeper.close(bound.session)
