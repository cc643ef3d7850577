"""A stanza on its way: who sent it, and what kind of recipient it has (RFC 6120, section 10)."""

from enum import Enum
from typing import NamedTuple

from embedded_server.sessions.session import Session
from shared_protocol.addresses import BareJid, FullJid, Jid
from shared_protocol.xml.frames import StanzaFrame


class Recipient(Enum):
    """What a stanza is addressed to, seen from one host."""

    SERVER = "the domain itself"
    ACCOUNT = "a bare JID of this domain, whether the account exists or not"
    RESOURCE = "a full JID of this domain"
    REMOTE = "another domain"


class Inbound(NamedTuple):
    """A stanza that a session of this host sent.

    Attributes:
        to: The address, parsed; without ``to`` the sender's bare JID (RFC 6120, section 10.3).
        has_address: False if the stanza came without ``to``.
    """

    session: Session
    frame: StanzaFrame
    to: Jid
    recipient: Recipient
    has_address: bool

    @property
    def sender(self) -> FullJid:
        """Full JID of the sender; never taken from the stanza (RFC 6120, section 8.1.2.1)."""
        return self.session.full_jid

    @property
    def type(self) -> str:
        """The stanza's type; empty if it has none."""
        return self.frame.attributes.get("type", "")

    @property
    def is_to_own_account(self) -> bool:
        """Whether the sender addressed its own bare JID, or nobody."""
        return self.to == self.session.full_jid.bare

    @property
    def bare_to(self) -> BareJid:
        """The address without resource."""
        return self.to.bare
