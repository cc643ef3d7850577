"""What a client wants besides its login: its session back, or a resource (XEP-0386 1.1.0).

A resumption comes first, and a resource is bound where there is none to resume (XEP-0198 1.6.3,
section 6.2). Messages that wait are not dropped for a client that binds this way, since not all of
them read the archive; they come with their ids of the archive.
"""

from xml.etree.ElementTree import Element

from embedded_server.sessions.continuity.stream_resumption import (
    NotResumedError,
    StreamResumption,
)
from embedded_server.sessions.extensible_login.login_stream import LoginStream
from embedded_server.sessions.resource_binding import address_for_device, check_account
from embedded_server.sessions.session import Session
from embedded_server.sessions.stream_context import StreamContext
from shared_protocol.addresses import BareJid
from shared_protocol.errors import (
    MalformedStanzaError,
    StanzaError,
    StreamCondition,
    StreamError,
)
from shared_protocol.namespaces import CLIENT_STATE
from shared_protocol.sasl.server import Success
from shared_protocol.stanzas import client_state, stream_management
from shared_protocol.stanzas.login import binding
from shared_protocol.stanzas.login.authentication import Authenticate, success_bytes
from shared_protocol.stanzas.login.binding import BIND_REQUEST, BindRequest
from shared_protocol.stanzas.stream_management import ENABLE, RESUME, Enable
from shared_protocol.stream.receiving import Input


class InlineRequests:
    """The wishes of one login that was successful.

    Args of the constructor:
        told: What the client is told besides.
    """

    def __init__(
        self,
        context: StreamContext,
        stream: LoginStream,
        success: Success,
        asked: Authenticate,
        told: bytes = b"",
    ) -> None:
        self._context = context
        self._stream = stream
        self._success = success
        self._asked = asked
        self._localpart = success.localpart
        self._answers = told

    async def fulfil(self) -> None:
        """Do them in their order, and tell the client of the login and of them.

        Raises:
            StreamError: Something among them ends the stream.
        """
        if self._stream.is_ended:
            return
        check_account(self._context, self._localpart)
        resume = self._asked.wanted(RESUME)
        if resume is not None and await self._resume(resume):
            return
        wanted = self._asked.wanted(BIND_REQUEST)
        if wanted is not None:
            await self._bind(binding.from_element(wanted))
        else:
            self._tell(BareJid(self._localpart, self._context.host.domain))
        self._stream.write_features()

    async def _resume(self, element: Element) -> bool:
        """Go on with a former session; no features follow then."""
        resumption = StreamResumption(self._context, self._stream, self._localpart)
        try:
            session = await resumption.claim(element)
        except NotResumedError as error:
            self._answers += error.answer
            return False
        if not self._stream.is_ended:
            self._stream.advance(Input.RESUMED)

        def tell(resumed: bytes) -> bytes:
            return success_bytes(session.full_jid, self._success.data, self._answers + resumed)

        if await resumption.replay(session, tell):
            self._stream.go_on_with(session)
        return True

    async def _bind(self, request: BindRequest) -> None:
        try:
            jid = address_for_device(
                self._context, self._localpart, request.tag, self._asked.user_agent.id
            )
        except StanzaError as error:  # there is no answer for that: section 2.2 knows no failure
            text = "the account has too many resources"
            raise StreamError(StreamCondition.RESOURCE_CONSTRAINT, text) from error
        session = self._stream.begin_session(jid)
        session.device_id = self._asked.user_agent.id
        answers = await self._begin(session, request)
        if session.is_closed:
            return
        self._answers += binding.bound_bytes(answers)
        self._tell(jid)

    async def _begin(self, session: Session, request: BindRequest) -> bytes:
        """Let a session begin as the client wishes; returns the answers."""
        hooks = self._context.host.session_hooks
        hooks.bound(session)
        answers = await hooks.state_at_binding(session)
        for feature in request.features:
            if feature.tag == ENABLE:
                answers += self._enable(feature)
            elif feature.tag.startswith(f"{{{CLIENT_STATE}}}"):
                self._set_client_state(session, feature)
            else:
                answers += hooks.begin_with(session, feature)
        return answers

    def _enable(self, feature: Element) -> bytes:
        try:
            wanted = stream_management.from_element(feature)
        except MalformedStanzaError:
            wanted = None
        return self._stream.enable_acknowledgement(
            wanted if isinstance(wanted, Enable) else Enable()
        )

    def _set_client_state(self, session: Session, feature: Element) -> None:
        try:
            session.become(client_state.from_element(feature))
        except MalformedStanzaError:
            return

    def _tell(self, identifier: object) -> None:
        self._stream.write(success_bytes(identifier, self._success.data, self._answers))
