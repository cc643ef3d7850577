"""Who may send what: the declaration that every handler makes.

A handler is registered with what it accepts; ``require_from`` refuses the rest before it runs.
"""

from dataclasses import dataclass
from enum import Enum, auto

from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError


class Accepts(Enum):
    """Whose stanzas a handler accepts."""

    OWN_ACCOUNT = auto()
    """The account's own bare JID, or nobody named: roster pushes, carbons, private nodes."""
    OWN_SERVER = auto()
    """The account's server, or nobody named: notices, stream management."""
    ASKED = auto()
    """Who was asked, with the same id, while the answer is still open."""
    COUNTERPART = auto()
    """The bare JID of the conversation: receipts, corrections, chat states."""
    ANYONE = auto()
    """Everybody, within the limits of rate."""


@dataclass(frozen=True, slots=True)
class SenderContext:
    """Against whom a sender is judged.

    Attributes:
        account: Own bare JID.
        expected: Who was asked, or the conversation's counterpart; None where nobody was.
    """

    account: BareJid
    expected: Jid | None = None


def is_accepted(sender: Jid | None, accepts: Accepts, context: SenderContext) -> bool:
    """Return True if a stanza from ``sender`` (None if it names nobody) may be handled."""
    server = BareJid("", context.account.domainpart)
    match accepts:
        case Accepts.ANYONE:
            return True
        case Accepts.OWN_ACCOUNT:
            return sender is None or sender == context.account
        case Accepts.OWN_SERVER:
            return sender is None or sender in {server, context.account}
        case Accepts.ASKED:
            if context.expected in {None, context.account, server}:
                return sender is None or sender in {context.account, server}
            return sender == context.expected
        case Accepts.COUNTERPART:
            return (
                sender is not None
                and context.expected is not None
                and sender.bare == context.expected.bare
            )


def require_from(sender: Jid | None, accepts: Accepts, context: SenderContext) -> None:
    """Refuse a stanza from somebody whom its handler does not accept.

    Raises:
        StanzaError: ``forbidden``.
    """
    if not is_accepted(sender, accepts, context):
        raise StanzaError(StanzaCondition.FORBIDDEN, "this sender may not send this")
