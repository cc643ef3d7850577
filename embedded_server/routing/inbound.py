"""A stanza on its way: who sent it, and what kind of recipient it has (RFC 6120, section 10)."""

from enum import Enum
from typing import NamedTuple

from embedded_server.routing.origin import Origin
from embedded_server.sessions.session import Session
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.xml.frames import StanzaFrame


class Recipient(Enum):
    """What a stanza is addressed to, seen from one host."""

    SERVER = "the domain itself"
    ACCOUNT = "a bare JID of this domain, whether the account exists or not"
    RESOURCE = "a full JID of this domain"
    SERVICE = "an address of a domain that a module or a component serves here"
    REMOTE = "another domain"


class Inbound(NamedTuple):
    """A stanza that a session of this host sent, or a service of it.

    Attributes:
        origin: Who sent it.
        to: The address, parsed; without ``to`` the sender's bare JID (RFC 6120, section 10.3).
        has_address: False if the stanza came without ``to``.
    """

    origin: Origin
    frame: StanzaFrame
    to: Jid
    recipient: Recipient
    has_address: bool

    @property
    def session(self) -> Session:
        """The session that sent it.

        Raises:
            StanzaError: It is none: services may not do what only accounts can.
        """
        origin = self.origin
        if not isinstance(origin, Session):
            raise StanzaError(StanzaCondition.NOT_ALLOWED)
        return origin

    @property
    def sender(self) -> Jid:
        """Full JID of the sender; never taken from the stanza (RFC 6120, section 8.1.2.1).

        For a service, the address that it speaks for.
        """
        return self.origin.address

    @property
    def type(self) -> str:
        """The stanza's type; empty if it has none."""
        return self.frame.attributes.get("type", "")

    @property
    def is_to_own_account(self) -> bool:
        """Whether the sender addressed its own bare JID, or nobody."""
        return self.to == self.origin.address.bare

    @property
    def bare_to(self) -> BareJid:
        """The address without resource."""
        return self.to.bare
