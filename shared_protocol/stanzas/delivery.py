"""Where a server delivers a stanza for one of its accounts (RFC 6121, section 8.5).

The tables below are the whole rule: the server acts on them, and a test walks every cell. Where the
RFC leaves a choice, ours is in the table. A carbon copy comes on top and is no delivery.

Example, a message to a resource that is gone; of type ``normal`` it is answered with an error and
delivered to nobody else, of type ``chat`` it goes to the other resources or is kept::

    <message xmlns='jabber:client' type='chat' to='romeo@example.net/orchard'
             from='juliet@example.com/balcony'>
      <body>Art thou not Romeo, and a Montague?</body>
    </message>
"""

from collections.abc import Iterable
from enum import Enum

from shared_protocol.namespaces import (
    CARBONS,
    CHAT_MARKERS,
    CHAT_STATES,
    CLIENT,
    DIRECT_INVITATIONS,
    HINTS,
    MUC_USER,
    REACTIONS,
    RECEIPTS,
    RETRACTION,
)
from shared_protocol.stanzas.messages import MessageType


class ReceiverState(Enum):
    """What is known about the account that a stanza is for."""

    NO_ACCOUNT = "there is no such account"
    NOBODY = "nobody is on line, or all priorities are negative"
    SOMEBODY = "one or more resources have a priority of 0 or more"


class AddressKind(Enum):
    """How a stanza is addressed."""

    BARE = "a bare JID"
    FULL_WITHOUT_MATCH = "a full JID without such a resource on line"
    FULL_WITH_MATCH = "a full JID of a resource on line, whatever its priority"


class DeliveryChoice(Enum):
    """What becomes of a message."""

    ERROR = "E"
    """``service-unavailable`` to the sender."""
    ERROR_TO_KNOWN = "e"
    """The same, but only to senders of the own server and to those who may see the presence:
    silence hides from all others who exists (RFC 6120, section 10.2)."""
    SILENCE = "S"
    """Nothing."""
    OFFLINE = "O"
    """Keep until somebody comes; where nothing is kept, or no more, as ``ERROR_TO_KNOWN``."""
    DELIVER_TO_RESOURCE = "D"
    """To that resource."""
    HIGHEST = "H"
    """To all resources with the highest priority."""
    ALL = "A"
    """To all resources with a priority of 0 or more."""


#: Columns: normal, chat, groupchat, headline, error.
MESSAGES = {
    (ReceiverState.NO_ACCOUNT, AddressKind.BARE): "eeESS",
    (ReceiverState.NO_ACCOUNT, AddressKind.FULL_WITHOUT_MATCH): "eeeSS",
    (ReceiverState.NOBODY, AddressKind.BARE): "OOESS",
    (ReceiverState.NOBODY, AddressKind.FULL_WITHOUT_MATCH): "eOeSS",
    (ReceiverState.NOBODY, AddressKind.FULL_WITH_MATCH): "DDDDD",
    (ReceiverState.SOMEBODY, AddressKind.BARE): "AHEAS",
    (ReceiverState.SOMEBODY, AddressKind.FULL_WITHOUT_MATCH): "eHeSS",
    (ReceiverState.SOMEBODY, AddressKind.FULL_WITH_MATCH): "DDDDD",
}
_MESSAGE_COLUMNS = {
    MessageType.NORMAL: 0,
    MessageType.CHAT: 1,
    MessageType.GROUPCHAT: 2,
    MessageType.HEADLINE: 3,
    MessageType.ERROR: 4,
}


class OtherStanza(Enum):
    """Stanzas that are no messages."""

    PRESENCE = "available or unavailable presence"
    SUBSCRIPTION = "subscribe, subscribed, unsubscribe, unsubscribed"
    PROBE = "a presence probe"
    IQ_REQUEST = "an IQ of type get or set"
    IQ_ANSWER = "an IQ of type result or error"


class OtherChoice(Enum):
    """What becomes of a stanza that is no message."""

    SILENCE = "nothing"
    SILENCE_OR_UNSUBSCRIBED = "nothing; to a remote server, unsubscribed"
    ERROR = "service-unavailable to the sender"
    ALL_AVAILABLE = "to all available resources, its address unchanged"
    RESOURCE = "to that resource"
    RESOURCE_IF_SHARED = "to that resource if its presence is known to the sender, else an error"
    SUBSCRIPTION_STATES = "as the tables of subscription_states say"
    PROBE_RULES = "answered by the server for all resources (RFC 6121, section 4.3.2)"
    PROBE_OF_RESOURCE = "answered by the server for that resource only"
    SERVER_ANSWERS = "answered by the server for the account, never forwarded"


#: Columns: no such account, bare, full without match, full with match.
OTHERS = {
    OtherStanza.PRESENCE: (
        OtherChoice.SILENCE,
        OtherChoice.ALL_AVAILABLE,
        OtherChoice.SILENCE,
        OtherChoice.RESOURCE,
    ),
    OtherStanza.SUBSCRIPTION: (
        OtherChoice.SILENCE,
        OtherChoice.SUBSCRIPTION_STATES,
        OtherChoice.SUBSCRIPTION_STATES,
        OtherChoice.SUBSCRIPTION_STATES,
    ),
    OtherStanza.PROBE: (
        OtherChoice.SILENCE_OR_UNSUBSCRIBED,
        OtherChoice.PROBE_RULES,
        OtherChoice.PROBE_RULES,
        OtherChoice.PROBE_OF_RESOURCE,
    ),
    OtherStanza.IQ_REQUEST: (
        OtherChoice.ERROR,
        OtherChoice.SERVER_ANSWERS,
        OtherChoice.ERROR,
        OtherChoice.RESOURCE_IF_SHARED,
    ),
    OtherStanza.IQ_ANSWER: (
        OtherChoice.SILENCE,
        OtherChoice.SILENCE,
        OtherChoice.SILENCE,
        OtherChoice.RESOURCE,
    ),
}
_OTHER_COLUMNS = {
    AddressKind.BARE: 1,
    AddressKind.FULL_WITHOUT_MATCH: 2,
    AddressKind.FULL_WITH_MATCH: 3,
}

_BODY = f"{CLIENT} body"
_KEPT_TYPES = frozenset({MessageType.NORMAL, MessageType.CHAT})
_NO_STORE = f"{HINTS} no-store"
_STORE = f"{HINTS} store"
_CARBON_COPIES = frozenset({f"{CARBONS} received", f"{CARBONS} sent"})
_ARCHIVED = frozenset(
    {
        _BODY,
        _STORE,
        f"{RECEIPTS} received",
        f"{CHAT_MARKERS} received",
        f"{CHAT_MARKERS} displayed",
        f"{CHAT_MARKERS} acknowledged",
        f"{RETRACTION} retract",
        f"{REACTIONS} reactions",
        f"{DIRECT_INVITATIONS} x",
        f"{MUC_USER} x",
    }
)
_NOT_PERMANENT = frozenset({_NO_STORE, f"{HINTS} no-permanent-store"})
_NOT_COPIED = frozenset({f"{CARBONS} private", f"{HINTS} no-copy"}) | _CARBON_COPIES
_COPIED_NAMESPACES = (f"{RECEIPTS} ", f"{CHAT_STATES} ", f"{CHAT_MARKERS} ")
_INVITATIONS = frozenset({f"{DIRECT_INVITATIONS} x", f"{MUC_USER} x"})
_WEIGHTLESS = (f"{CHAT_STATES} ", f"{HINTS} ", f"{CLIENT} thread")


def message_choice(
    message_type: MessageType, receiver: ReceiverState, address: AddressKind
) -> DeliveryChoice:
    """Return what becomes of a message.

    ``NO_ACCOUNT`` has no resource on line, so that with ``FULL_WITH_MATCH`` it is taken as without.
    """
    if receiver is ReceiverState.NO_ACCOUNT and address is AddressKind.FULL_WITH_MATCH:
        address = AddressKind.FULL_WITHOUT_MATCH
    return DeliveryChoice(MESSAGES[receiver, address][_MESSAGE_COLUMNS[message_type]])


def other_choice(
    stanza: OtherStanza, address: AddressKind, *, has_account: bool = True
) -> OtherChoice:
    """Return what becomes of a presence stanza or an IQ."""
    return OTHERS[stanza][_OTHER_COLUMNS[address] if has_account else 0]


def is_kept(message_type: MessageType, children: Iterable[str]) -> bool:
    """Return whether a message is worth keeping (XEP-0160 1.0.1 section 3, XEP-0334 1.0.0).

    Of types normal and chat all is kept but carbon copies, what says ``no-store``, and what holds
    nothing but chat states.

    Args:
        message_type: Its type.
        children: The names of its children as "namespace local".
    """
    names = frozenset(children)
    if message_type not in _KEPT_TYPES or _NO_STORE in names or names & _CARBON_COPIES:
        return False
    if _BODY in names or _STORE in names:
        return True
    return any(not name.startswith(_WEIGHTLESS) for name in names)


def is_archived(message_type: MessageType, children: Iterable[str]) -> bool:
    """Return whether a message belongs into an archive (XEP-0313 1.1.3, section 6.1.1; XEP-0334).

    Of types normal and chat that is what holds text, or what conversations are made of besides:
    receipts, markers, reactions, retractions, invitations; and what says ``store``. Never what says
    ``no-store`` or ``no-permanent-store``.

    Args:
        message_type: Its type.
        children: The names of its children as "namespace local".
    """
    names = frozenset(children)
    if not is_kept(message_type, names) or names & _NOT_PERMANENT:
        return False
    return bool(names & _ARCHIVED)


def is_copied(message_type: MessageType, children: Iterable[str]) -> bool:
    """Return whether other resources get a copy (XEP-0280 1.0.1, section 6.1; XEP-0334).

    That rooms send their private messages to each resource themselves is for the caller to know.

    Args:
        message_type: Its type.
        children: The names of its children as "namespace local".
    """
    names = frozenset(children)
    if message_type is MessageType.ERROR:  # hints in it are those of what it answers
        return not names & _CARBON_COPIES
    if names & _NOT_COPIED or message_type in {MessageType.GROUPCHAT, MessageType.HEADLINE}:
        return False
    if message_type is MessageType.CHAT or _BODY in names or names & _INVITATIONS:
        return True
    return any(name.startswith(_COPIED_NAMESPACES) for name in names)
