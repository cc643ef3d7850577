"""What client streams ask of the rest of the server; the composition root hands it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from xml.etree.ElementTree import Element

from embedded_server.sessions.session import Session
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ScramKeys
from shared_protocol.stanzas.login.tokens import Token
from shared_protocol.xml.framer import StanzaFrame


class StreamAccounts(Protocol):
    """The accounts, in memory."""

    def keys(self, localpart: str, scram_hash: ScramHash) -> ScramKeys | None:
        """Return what a login is checked with; None if there is no such account."""

    async def upgrade_keys(
        self, localpart: str, scram_hash: ScramHash, present: ScramKeys | None, keys: ScramKeys
    ) -> None:
        """Keep better keys of the same password, unless those present have been replaced.

        Raises:
            StorageError: They are not kept.
        """

    def exists(self, localpart: str) -> bool:
        """Whether there is such an account."""

    def is_disabled(self, localpart: str) -> bool:
        """Whether an account may not log in."""


class UsedToken(Protocol):
    """A token that was right."""

    @property
    def answer(self) -> bytes:
        """What the client is shown."""

    @property
    def is_expired(self) -> bool:
        """It is too old."""

    @property
    def is_due(self) -> bool:
        """It is time for another."""


class StreamTokens(Protocol):
    """The tokens with which devices log in (XEP-0484)."""

    async def issue(self, localpart: str, device: str, mechanism: str, binding: bytes) -> Token:
        """Make a token for a device.

        Raises:
            StorageError: There is none.
        """

    async def use(
        self, localpart: str, device: str, mechanism: str, mac: bytes
    ) -> UsedToken | None:
        """Look at what a client shows of its token; None if nobody has such a one.

        Raises:
            StorageError: They could not be read.
        """

    async def revoke(self, localpart: str, device: str) -> None:
        """Let the tokens of a device be good for nothing.

        Raises:
            StorageError: They still are good.
        """


@dataclass(frozen=True, slots=True)
class LoginSources:
    """What logins are checked with."""

    accounts: StreamAccounts
    tokens: StreamTokens


class SessionHooks(Protocol):
    """Whom sessions tell of what becomes of them."""

    def bound(self, session: Session) -> None:
        """A client has bound a resource; it is in the directory and has sent nothing."""

    async def state_at_binding(self, session: Session) -> bytes:
        """Return what a client that binds within its login is told of its account."""

    def begin_with(self, session: Session, feature: Element) -> bytes:
        """Let a session begin with something that its client wishes; returns the answer to it."""

    def detached(self, session: Session) -> None:
        """A session has lost its stream, and waits for its client to resume it."""

    def resumed(self, session: Session) -> None:
        """A session goes on over another stream; it is as it was, and has all that waited."""

    def notes_on(self, session: Session) -> dict[str, str]:
        """Return what has to be known of a session again when the office has been closed."""

    async def restored(self, session: Session, notes: Mapping[str, str]) -> None:
        """A session is back from the disk, with what ``notes_on`` said; it has no stream yet."""

    async def stored_message(self, session: Session, spool_id: int) -> bytes | None:
        """Return a message of a session from the store, as it is delivered; None if it is gone.

        Raises:
            StorageError: It could not be read.
        """

    def closed(self, session: Session) -> None:
        """A session has ended and is in no directory; all that it had sent is done."""


class StreamHost(Protocol):
    """One domain."""

    @property
    def features_at_binding(self) -> tuple[str, ...]:
        """What a session may begin with, by namespace (XEP-0386)."""

    @property
    def session_hooks(self) -> SessionHooks:
        """Whom to tell of sessions."""

    @property
    def domain(self) -> str:
        """The domain, in its normal form."""

    def features_before_login(self) -> bytes:
        """Return further stream features for a client that is encrypted and not logged in."""

    def features_after_login(self) -> bytes:
        """Return further stream features for a client that has no resource yet."""

    async def iq_before_login(self, frame: StanzaFrame, peer_address: str) -> bytes:
        """Answer an IQ of somebody who is encrypted and not logged in (XEP-0077).

        Args:
            frame: The IQ; get or set, with an id and one child.
            peer_address: IP address of the client, for limits.

        Returns:
            The answer, a result or an error.
        """

    def stanza_received(self, session: Session, frame: StanzaFrame) -> None:
        """Take a stanza, or another element that the stream does not know.

        Raises:
            StreamError: Nobody handles such an element.
        """
