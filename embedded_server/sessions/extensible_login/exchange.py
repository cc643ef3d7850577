"""A login by the Extensible SASL Profile (XEP-0388 1.0.4), step by step.

It differs from the classic one in how its steps are written, and in its end: no further header
comes, and what else the client wants is done before it hears of the success.
"""

import logging

from embedded_server.sessions.extensible_login.inline_requests import InlineRequests
from embedded_server.sessions.extensible_login.login_stream import LoginStream
from embedded_server.sessions.login import StreamLogin
from embedded_server.sessions.stream_context import StreamContext
from shared_protocol.addresses import AddressError, BareJid, parse_jid
from shared_protocol.errors import SaslCondition, SaslError, StreamCondition, StreamError
from shared_protocol.sasl.server import Challenge, CheckPassword, Step, Success
from shared_protocol.stanzas.login import authentication
from shared_protocol.stanzas.login.authentication import Authenticate
from shared_protocol.stream.receiving import Input
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.frames import StanzaFrame

_logger = logging.getLogger(__name__)


class ExtensibleLogin:
    """The logins of one stream by this profile; made when its TLS has begun.

    Args of the constructor:
        login: Checks who it is; the same for both profiles, so that tries are counted together.
    """

    def __init__(self, context: StreamContext, stream: LoginStream, login: StreamLogin) -> None:
        self._context = context
        self._stream = stream
        self._login = login
        self._asked = Authenticate("")

    def take(self, given: Input, frame: StanzaFrame) -> None:
        """Take what the client says in its login.

        Raises:
            StreamError: It ends the stream.
        """
        try:
            element = element_of(frame.raw)
            if given is Input.AUTHENTICATE:
                self._asked = authentication.from_element(element)
                step = self._login.begin(self._asked.mechanism, self._asked.initial)
            elif given is Input.EXCHANGE_RESPONSE:
                step = self._login.respond(authentication.data_of(element))
            else:  # the negotiation is back where it was
                self._tell_failure(self._login.abort())
                return
        except SaslError as error:
            self._refuse(error)
        else:
            self._on_step(step)

    def _on_step(self, step: Step) -> None:
        match step:
            case Challenge():
                self._stream.write(authentication.challenge_bytes(step.data))
            case CheckPassword():
                self._stream.work(self._check_password(step), "check a password")
            case Success():
                self._stream.work(self._conclude(step), "conclude a login")

    async def _check_password(self, step: CheckPassword) -> None:
        try:
            success = await self._login.check_password(step)
        except SaslError as error:
            if not self._stream.is_ended:
                self._refuse(error)
            return
        if not self._stream.is_ended:
            await self._conclude(success)

    async def _conclude(self, success: Success) -> None:
        """Do what else was wanted, then tell of it (section 2.6.1)."""
        try:
            self._check_claim(success)
            self._stream.advance(Input.EXCHANGE_SUCCEEDED)
            self._stream.log_in(success.localpart)
            requests = InlineRequests(self._context, self._stream, success, self._asked)
            await requests.fulfil()
        except SaslError as error:
            self._refuse(error)
        except StreamError as error:
            self._stream.end(error)

    def _check_claim(self, success: Success) -> None:
        """Refuse who called himself somebody else in the header (section 2.3)."""
        claimed = self._login.claimed
        if not claimed:
            return
        try:
            bare = parse_jid(claimed).bare
        except AddressError:
            bare = None
        if bare != BareJid(success.localpart, self._context.host.domain):
            raise SaslError(SaslCondition.INVALID_AUTHZID, "another name than in the header")

    def _refuse(self, error: SaslError) -> None:
        _logger.info("a login failed: %s", error)
        self._stream.advance(Input.LOGIN_FAILED)
        self._tell_failure(error)

    def _tell_failure(self, error: SaslError) -> None:
        self._stream.write(authentication.failure_bytes(error.condition))
        if not self._login.has_tries_left:
            text = "too many failed logins"
            self._stream.end(StreamError(StreamCondition.POLICY_VIOLATION, text))
