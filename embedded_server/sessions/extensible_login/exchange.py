"""A login by the Extensible SASL Profile (XEP-0388 1.0.4), step by step.

It differs from the classic one in how its steps are written, and in its end: no further header
comes, and what else the client wants is done before it hears of the success.
"""

import logging
from dataclasses import replace
from xml.etree.ElementTree import Element

from embedded_server.sessions.extensible_login.device_tokens import DeviceTokens
from embedded_server.sessions.extensible_login.inline_requests import InlineRequests
from embedded_server.sessions.extensible_login.key_upgrade import KeyUpgrade
from embedded_server.sessions.extensible_login.login_stream import LoginStream
from embedded_server.sessions.login import StreamLogin
from embedded_server.sessions.stream_context import StreamContext
from embedded_server.sessions.stream_host import UsedToken
from shared_protocol.addresses import AddressError, BareJid, parse_jid
from shared_protocol.errors import SaslCondition, SaslError, StreamCondition, StreamError
from shared_protocol.sasl.server import Challenge, CheckPassword, CheckToken, Step, Success
from shared_protocol.stanzas.login import authentication
from shared_protocol.stanzas.login.authentication import Authenticate
from shared_protocol.stanzas.login.upgrades import Continue, continue_bytes
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
        self._tokens = DeviceTokens(context, login)
        self._asked = Authenticate("")
        self._task: tuple[Success, KeyUpgrade] | None = None

    def take(self, given: Input, frame: StanzaFrame) -> None:
        """Take what the client says in its login.

        Raises:
            StreamError: It ends the stream.
        """
        try:
            self._take(given, element_of(frame.raw))
        except SaslError as error:
            self._refuse(error)

    def _take(self, given: Input, element: Element) -> None:
        match given:
            case Input.AUTHENTICATE:
                self._asked = authentication.from_element(element)
                self._on_step(
                    self._login.begin(
                        self._asked.mechanism,
                        self._asked.initial,
                        self._tokens.offer_for(self._asked),
                    )
                )
            case Input.EXCHANGE_RESPONSE:
                self._on_step(self._login.respond(authentication.data_of(element)))
            case Input.NEXT_TASK:
                _, upgrade = self._require_task()
                self._stream.write(upgrade.begin(element.get("task", "")))
            case Input.TASK_DATA:
                self._stream.work(self._finish_task(element), "finish a task of a login")
            case _:  # aborted: the negotiation is back where it was
                self._tell_failure(self._login.abort())

    def _on_step(self, step: Step) -> None:
        match step:
            case Challenge():
                self._stream.write(authentication.challenge_bytes(step.data))
            case CheckPassword():
                self._stream.work(self._check_password(step), "check a password")
            case CheckToken():
                self._stream.work(self._check_token(step), "check a token")
            case Success():
                self._stream.work(self._conclude(step), "conclude a login")

    async def _check_password(self, step: CheckPassword) -> None:
        try:
            success = await self._login.check_password(step)
        except SaslError as error:
            self._refuse(error)
        else:
            await self._conclude(success)

    async def _check_token(self, step: CheckToken) -> None:
        try:
            success, used = await self._login.check_token(step, self._asked.user_agent.id)
        except SaslError as error:
            self._refuse(error)
        else:
            await self._conclude(success, used)

    async def _conclude(self, success: Success, used: UsedToken | None = None) -> None:
        """Somebody has shown who it is.

        Args:
            success: Of the mechanism.
            used: The token with which it was; None with a password.
        """
        if self._stream.is_ended:
            return
        try:
            self._check_claim(success)
        except SaslError as error:
            self._refuse(error)
            return
        upgrade = None
        if used is None:
            upgrade = KeyUpgrade.of(self._context.accounts, success.localpart, self._asked)
        if upgrade is None:
            await self._fulfil(success, used)
            return
        self._task = replace(success, data=None), upgrade  # the data goes with the task
        self._stream.advance(Input.TASK_GIVEN)
        self._stream.write(continue_bytes(Continue(upgrade.task, success.data)))

    async def _finish_task(self, element: Element) -> None:
        try:
            success, upgrade = self._require_task()
            self._task = None
            await upgrade.finish(element)
        except SaslError as error:
            self._refuse(error)
        else:
            await self._fulfil(success, None)

    def _require_task(self) -> tuple[Success, KeyUpgrade]:
        if self._task is None:
            raise SaslError(SaslCondition.MALFORMED_REQUEST, "there is no task")
        return self._task

    async def _fulfil(self, success: Success, used: UsedToken | None) -> None:
        """Do what else was wanted, then tell of the success (section 2.6.1)."""
        if self._stream.is_ended:
            return
        try:
            self._stream.advance(Input.EXCHANGE_SUCCEEDED)
            self._stream.log_in(success.localpart)
            told = await self._tokens.fulfil(success.localpart, self._asked, used)
            requests = InlineRequests(self._context, self._stream, success, self._asked, told)
            await requests.fulfil()
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
        if self._stream.is_ended:
            return
        _logger.info("a login failed: %s", error)
        self._task = None
        self._stream.advance(Input.LOGIN_FAILED)
        self._tell_failure(error)

    def _tell_failure(self, error: SaslError) -> None:
        self._stream.write(authentication.failure_bytes(error.condition))
        if not self._login.has_tries_left:
            text = "too many failed logins"
            self._stream.end(StreamError(StreamCondition.POLICY_VIOLATION, text))
