"""One login at a server, mechanism by mechanism, as a step machine (RFC 6120, section 6).

The caller feeds what the client sends and gets the next step; it does the slow part of PLAIN
itself, off the loop, looks for tokens in the store, and reports the result. Unknown accounts take
the same path with made-up keys, so that answer, form and time tell nobody who exists (section
13.11).

``TRANSITIONS`` is the whole machine. What the client does out of turn is a malformed request, what
the caller does out of turn is a bug of his; after any refusal the login is over.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from shared_protocol.addresses import AddressError, BareJid, parse_jid, prepare_localpart
from shared_protocol.errors import LocalProtocolError, SaslCondition, SaslError
from shared_protocol.limits import ScramLimits
from shared_protocol.sasl.channel_binding import TLS_SERVER_END_POINT
from shared_protocol.sasl.hashed_token import TOKEN_MECHANISMS, read_message
from shared_protocol.sasl.mechanisms import PLAIN, ScramHash, is_plus, scram_hash_of
from shared_protocol.sasl.offer import SaslOffer, offer_hash
from shared_protocol.sasl.scram import (
    DEFAULT_ITERATIONS,
    ScramFirst,
    ScramKeys,
    ServerScram,
    prepared_password,
    read_first,
)

Credentials = Callable[[str, ScramHash], ScramKeys | None]
_BEST_FIRST = (ScramHash.SHA_256, ScramHash.SHA_1)
_PLAIN_PARTS = 3
_FAKE_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Challenge:
    """Send this to the client and wait for its response."""

    data: bytes


@dataclass(frozen=True, slots=True, repr=False)
class CheckPassword:
    """Compare this password with the account's keys off the loop, then call ``password_checked``.

    Attributes:
        keys: The account's, or made-up ones that nothing matches.
    """

    localpart: str
    password: str
    keys: ScramKeys
    scram_hash: ScramHash


@dataclass(frozen=True, slots=True, repr=False)
class CheckToken:
    """Look whether the account has a token that fits, then call ``token_found``.

    Attributes:
        mac: What the client shows of its token.
    """

    localpart: str
    mechanism: str
    mac: bytes


@dataclass(frozen=True, slots=True)
class Success:
    """The login is good.

    Attributes:
        data: Goes with the success; None for none.
    """

    localpart: str
    data: bytes | None


Step = Challenge | CheckPassword | CheckToken | Success


class LoginState(Enum):
    """Where a login stands."""

    FRESH = auto()
    AWAITING_FIRST = auto()
    AWAITING_FINAL = auto()
    CHECKING_PASSWORD = auto()
    CHECKING_TOKEN = auto()
    SUCCEEDED = auto()
    FAILED = auto()


class LoginInput(Enum):
    """What happens to a login: calls of the caller, and what came of them."""

    BEGUN = auto()
    RESPONDED = auto()
    CHALLENGED_EMPTY = auto()
    CHALLENGED = auto()
    PASSWORD_GIVEN = auto()
    PASSWORD_CHECKED = auto()
    TOKEN_GIVEN = auto()
    TOKEN_FOUND = auto()
    ACCEPTED = auto()


TRANSITIONS: dict[tuple[LoginState, LoginInput], LoginState] = {
    (LoginState.FRESH, LoginInput.BEGUN): LoginState.AWAITING_FIRST,
    (LoginState.AWAITING_FIRST, LoginInput.CHALLENGED_EMPTY): LoginState.AWAITING_FIRST,
    (LoginState.AWAITING_FIRST, LoginInput.RESPONDED): LoginState.AWAITING_FIRST,
    (LoginState.AWAITING_FIRST, LoginInput.CHALLENGED): LoginState.AWAITING_FINAL,
    (LoginState.AWAITING_FIRST, LoginInput.PASSWORD_GIVEN): LoginState.CHECKING_PASSWORD,
    (LoginState.AWAITING_FINAL, LoginInput.RESPONDED): LoginState.AWAITING_FINAL,
    (LoginState.AWAITING_FINAL, LoginInput.ACCEPTED): LoginState.SUCCEEDED,
    (LoginState.CHECKING_PASSWORD, LoginInput.PASSWORD_CHECKED): LoginState.CHECKING_PASSWORD,
    (LoginState.CHECKING_PASSWORD, LoginInput.ACCEPTED): LoginState.SUCCEEDED,
    (LoginState.AWAITING_FIRST, LoginInput.TOKEN_GIVEN): LoginState.CHECKING_TOKEN,
    (LoginState.CHECKING_TOKEN, LoginInput.TOKEN_FOUND): LoginState.SUCCEEDED,
}


class ServerLogin:
    """One login attempt.

    Args of the constructor:
        credentials: Gives an account's keys, or None.
        fake_salt_secret: Makes a stable salt for each name that does not exist.
        channel_binding: Data of ``tls-server-end-point``; None where there is no TLS.
        offered: What stands in the stream features.
        make_nonce: For published test vectors; fresh randomness otherwise.
    """

    def __init__(
        self,
        *,
        credentials: Credentials,
        domain: str,
        fake_salt_secret: bytes,
        channel_binding: bytes | None,
        offered: SaslOffer,
        make_nonce: Callable[[], str] | None = None,
    ) -> None:
        self._credentials = credentials
        self._domain = domain
        self._secret = fake_salt_secret
        self._binding = channel_binding
        self._offered = offered
        self._make_nonce = make_nonce
        self._limits = ScramLimits()
        self._mechanism = ""
        self._scram: ServerScram | None = None
        self._localpart = ""
        self._state = LoginState.FRESH

    @property
    def state(self) -> LoginState:
        """Where the login stands."""
        return self._state

    @property
    def localpart(self) -> str:
        """The name that was tried; empty before it is known. For throttling, never for the log."""
        return self._localpart

    def begin(self, mechanism: str, initial: bytes | None) -> Step:
        """Start with a mechanism.

        Args:
            mechanism: Its name as the client sent it.
            initial: The initial response; None if there was none, then an empty challenge follows.

        Raises:
            SaslError: The mechanism is not offered, or the response is refused.
            LocalProtocolError: The login has begun already.
        """
        self._advance(LoginInput.BEGUN)
        self._mechanism = mechanism
        return self._guarded(lambda: self._begin(initial))

    def respond(self, data: bytes) -> Step:
        """Take the client's next response.

        Raises:
            SaslError: It is refused.
        """
        if (self._state, LoginInput.RESPONDED) not in TRANSITIONS:
            self._state = LoginState.FAILED
            raise SaslError(SaslCondition.MALFORMED_REQUEST, "a response to no challenge")
        self._advance(LoginInput.RESPONDED)
        scram = self._scram
        return self._guarded(lambda: self._final(scram, data) if scram else self._first(data))

    def password_checked(self, *, is_right: bool) -> Success:
        """Go on after ``CheckPassword``.

        Raises:
            SaslError: The password was wrong.
            LocalProtocolError: No password was to be checked.
        """
        self._advance(LoginInput.PASSWORD_CHECKED)
        if not is_right:
            self._state = LoginState.FAILED
            raise SaslError(SaslCondition.NOT_AUTHORIZED, "the password is wrong")
        self._advance(LoginInput.ACCEPTED)
        return Success(self._localpart, None)

    def token_found(self, answer: bytes) -> Success:
        """Go on after ``CheckToken``, where there is such a token; else the login is over.

        Args:
            answer: Shows the client that we know its token.

        Raises:
            LocalProtocolError: No token was to be looked for.
        """
        self._advance(LoginInput.TOKEN_FOUND)
        return Success(self._localpart, answer)

    def _advance(self, given: LoginInput) -> None:
        following = TRANSITIONS.get((self._state, given))
        if following is None:
            message = f"{given.name.lower()} while {self._state.name.lower()}".replace("_", " ")
            raise LocalProtocolError(message)
        self._state = following

    def _guarded(self, take: Callable[[], Step]) -> Step:
        """End the login with the first refusal: what follows must begin anew."""
        try:
            return take()
        except SaslError:
            self._state = LoginState.FAILED
            raise

    def _begin(self, initial: bytes | None) -> Step:
        if self._mechanism not in self._offered.mechanisms:
            raise SaslError(SaslCondition.INVALID_MECHANISM, "a mechanism that is not offered")
        if initial is not None:
            return self._first(initial)
        self._advance(LoginInput.CHALLENGED_EMPTY)
        return Challenge(b"")

    def _final(self, scram: ServerScram, data: bytes) -> Step:
        signature = scram.final(data)
        self._advance(LoginInput.ACCEPTED)
        return Success(self._localpart, signature)

    def _first(self, data: bytes) -> Step:
        if self._mechanism == PLAIN:
            return self._plain(data)
        if self._mechanism in TOKEN_MECHANISMS:
            return self._token(data)
        scram_hash = scram_hash_of(self._mechanism)
        if scram_hash is None:
            raise SaslError(SaslCondition.INVALID_MECHANISM, "a mechanism that is not known")
        first = read_first(data, self._limits)
        binding = self._check_binding(first)
        self._localpart = self._prepared(first.localpart)
        self._check_authzid(first.authzid)
        self._scram = ServerScram(
            first=first,
            keys=self._keys(scram_hash),
            scram_hash=scram_hash,
            channel_binding=binding,
            offer_hash=offer_hash(self._offered.mechanisms, self._offered.bindings, scram_hash),
            nonce=self._make_nonce() if self._make_nonce else None,
        )
        self._advance(LoginInput.CHALLENGED)
        return Challenge(self._scram.challenge())

    def _check_binding(self, first: ScramFirst) -> bytes:
        """Refuse a flag that does not fit what was offered (RFC 5802, section 6)."""
        if is_plus(self._mechanism):
            if first.binding_flag != f"p={TLS_SERVER_END_POINT}" or self._binding is None:
                raise SaslError(SaslCondition.MALFORMED_REQUEST, "another channel binding")
            return self._binding
        if first.binding_flag == "y" and self._offered.can_bind:
            raise SaslError(SaslCondition.NOT_AUTHORIZED, "the list of mechanisms was changed")
        if first.binding_flag not in {"n", "y"}:
            raise SaslError(SaslCondition.MALFORMED_REQUEST, "binding without -PLUS")
        return b""

    def _plain(self, data: bytes) -> Step:
        """Read RFC 4616's message: authzid NUL authcid NUL password."""
        parts = data.split(b"\0")
        if len(data) > self._limits.longest_message_bytes or len(parts) != _PLAIN_PARTS:
            raise SaslError(SaslCondition.MALFORMED_REQUEST, "not a message of PLAIN")
        try:
            authzid, name, password = (part.decode() for part in parts)
        except UnicodeDecodeError:
            raise SaslError(SaslCondition.MALFORMED_REQUEST, "not UTF-8") from None
        self._localpart = self._prepared(name)
        self._check_authzid(authzid)
        try:
            password = prepared_password(password)
        except ValueError as error:
            raise SaslError(SaslCondition.NOT_AUTHORIZED, str(error)) from None
        new, old = (self._credentials(self._localpart, one) for one in _BEST_FIRST)
        scram_hash = ScramHash.SHA_1 if new is None and old is not None else ScramHash.SHA_256
        keys = self._keys(scram_hash)
        self._advance(LoginInput.PASSWORD_GIVEN)
        return CheckPassword(self._localpart, password, keys, scram_hash)

    def _token(self, data: bytes) -> Step:
        message = read_message(data)
        self._localpart = self._prepared(message.name)
        self._advance(LoginInput.TOKEN_GIVEN)
        return CheckToken(self._localpart, self._mechanism, message.mac)

    def _prepared(self, name: str) -> str:
        try:
            return prepare_localpart(name)
        except AddressError:
            raise SaslError(SaslCondition.NOT_AUTHORIZED, "a name that nobody has") from None

    def _check_authzid(self, authzid: str) -> None:
        """Allow nobody to act as somebody else (RFC 6120, section 6.3.8)."""
        if not authzid:
            return
        try:
            is_own = parse_jid(authzid) == BareJid(self._localpart, self._domain)
        except AddressError:
            is_own = False
        if not is_own:
            raise SaslError(SaslCondition.INVALID_AUTHZID, "an authzid other than the account")

    def _keys(self, scram_hash: ScramHash) -> ScramKeys:
        """Return the account's keys, or made-up ones; both are worked out, for the same time."""
        seed = f"{self._localpart}@{self._domain} {scram_hash.value}".encode()
        salt = hmac.digest(self._secret, b"salt " + seed, "sha256")[:_FAKE_SALT_BYTES]
        stored = hmac.digest(self._secret, b"stored " + seed, "sha256")[: scram_hash.digest_bytes]
        made_up = ScramKeys(salt, DEFAULT_ITERATIONS, stored, stored)
        return self._credentials(self._localpart, scram_hash) or made_up
