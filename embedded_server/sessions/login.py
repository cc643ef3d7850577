"""The login of one stream, over several tries (RFC 6120, sections 6 and 13.11)."""

import asyncio
import base64
import binascii

from embedded_server.sessions.stream_context import StreamContext
from embedded_server.sessions.stream_host import UsedToken
from embedded_server.storage.errors import StorageError
from shared_protocol.errors import SaslCondition, SaslError
from shared_protocol.sasl.mechanisms import is_plus
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.sasl.server import CheckPassword, CheckToken, ServerLogin, Step, Success
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.frames import StanzaFrame


class StreamLogin:
    """Reads the SASL elements of one stream; made when its TLS has begun.

    Attributes:
        offered: What stands in the stream features.
        channel_binding: Data of ``tls-server-end-point``; None where logins cannot be bound.
        failures: Tries that failed.
        claimed: Whom the client calls itself in its header; to be believed by nobody.
    """

    def __init__(
        self, context: StreamContext, *, channel_binding: bytes | None, peer_address: str
    ) -> None:
        self.offered = SaslOffer.of(
            name
            for name in context.settings.mechanisms
            if channel_binding is not None or not is_plus(name)
        )
        self.channel_binding = channel_binding
        self.failures = 0
        self.claimed = ""
        self._context = context
        self._address = peer_address
        self._attempt: ServerLogin | None = None

    @property
    def has_tries_left(self) -> bool:
        """Whether the client may try once more on this stream."""
        most = self._context.settings.logins.tries_per_stream
        return not most or self.failures < most

    def decoded(self, frame: StanzaFrame) -> bytes | None:
        """Return what an element of the classic profile carries; None if it is empty.

        Raises:
            SaslError: It is not base64; the try failed.
        """
        try:
            return _content(frame)
        except SaslError:
            self._count_failure()
            raise

    def begin(
        self, mechanism: str, initial: bytes | None, offered: SaslOffer | None = None
    ) -> Step:
        """Begin a try.

        Args:
            mechanism: As the client names it.
            initial: The initial response; None if there is none.
            offered: In place of what is offered to who has a password.

        Raises:
            SaslError: The try failed.
        """
        self._attempt = ServerLogin(
            credentials=self._context.accounts.keys,
            domain=self._context.host.domain,
            fake_salt_secret=self._context.settings.fake_salt_secret,
            channel_binding=self.channel_binding,
            offered=offered or self.offered,
        )
        try:
            step = self._attempt.begin(mechanism, initial)
        except SaslError:
            self._count_failure()
            raise
        self._check_throttle()
        return step

    def respond(self, data: bytes) -> Step:
        """Take the client's next response.

        Raises:
            SaslError: The try failed.
        """
        attempt = self._require_attempt()
        self._check_throttle()  # others may have guessed since the challenge
        try:
            step = attempt.respond(data)
        except SaslError:
            self._count_failure()
            raise
        if isinstance(step, Success):
            self._passed(step)
        else:
            self._check_throttle()
        return step

    def abort(self) -> SaslError:
        """End a try as the client wishes; returns what is answered."""
        self.failures += 1
        self._attempt = None
        return SaslError(SaslCondition.ABORTED)

    async def check_password(self, step: CheckPassword) -> Success:
        """Look at the password of PLAIN, off the loop.

        Raises:
            SaslError: It is wrong.
        """
        attempt = self._require_attempt()
        is_right = await asyncio.to_thread(step.keys.matches, step.password, step.scram_hash)
        # Many at once would else all be looked at before the first has failed.
        self._check_throttle()
        try:
            success = attempt.password_checked(is_right=is_right)
        except SaslError:
            self._count_failure()
            raise
        self._passed(success)
        return success

    async def check_token(self, step: CheckToken, device: str) -> tuple[Success, UsedToken]:
        """Look for a token.

        Args:
            step: What the client shows.
            device: Id of its user agent; tokens of other devices do not fit.

        Raises:
            SaslError: There is none, or it is too old.
        """
        attempt = self._require_attempt()
        try:
            used = await self._context.tokens.use(step.localpart, device, step.mechanism, step.mac)
        except StorageError:
            self._attempt = None
            self.failures += 1
            text = "the tokens could not be read"
            raise SaslError(SaslCondition.TEMPORARY_AUTH_FAILURE, text) from None
        self._check_throttle()
        if used is None:
            self._count_failure()
            raise SaslError(SaslCondition.NOT_AUTHORIZED, "a token that nobody has")
        if used.is_expired:  # only who has it hears that
            self._count_failure()
            raise SaslError(SaslCondition.CREDENTIALS_EXPIRED, "the token is too old")
        success = attempt.token_found(used.answer)
        self._passed(success)
        return success, used

    def _passed(self, success: Success) -> None:
        """The proof was right; only who has it hears that the account is disabled (6.5.1)."""
        self._context.throttle.forget(success.localpart, self._address)
        if self._context.accounts.is_disabled(success.localpart):
            self._attempt = None
            self.failures += 1
            raise SaslError(SaslCondition.ACCOUNT_DISABLED, "the account is disabled")

    def _require_attempt(self) -> ServerLogin:
        if self._attempt is None:
            raise SaslError(SaslCondition.MALFORMED_REQUEST, "a response without a beginning")
        return self._attempt

    def _check_throttle(self) -> None:
        """Look at no password of an account that this address has guessed at too often."""
        name = self._attempt.localpart if self._attempt is not None else ""
        if name and self._context.throttle.delay(name, self._address):
            self.failures += 1
            self._attempt = None
            text = "too many wrong passwords from this address"
            raise SaslError(SaslCondition.TEMPORARY_AUTH_FAILURE, text)

    def _count_failure(self) -> None:
        self.failures += 1
        name = self._attempt.localpart if self._attempt is not None else ""
        self._attempt = None
        if name:
            self._context.throttle.count_failure(name, self._address)


def _content(frame: StanzaFrame) -> bytes | None:
    """Return what an element carries; None if it is empty, no bytes for ``=`` (section 6.4.2)."""
    text = (element_of(frame.raw).text or "").strip()
    if not text:
        return None
    if text == "=":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SaslError(SaslCondition.INCORRECT_ENCODING, "not base64") from None
