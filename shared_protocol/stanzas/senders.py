"""Whom a handler believes: the declaration that every handler makes, and its check.

Who may send what is in the documents of each payload (RFC 6121, section 2.1.6; XEP-0280, section
11; XEP-0313; XEP-0359, section 6; XEP-0421). An address is believed because the own server has
stamped or checked it (RFC 6120, section 8.1.2); a stanza without ``from`` is the own account's.

Example, a roster push that everybody could send and nobody but the own account may::

    <iq xmlns='jabber:client' from='romeo@montague.lit' id='p1' type='set'>
      <query xmlns='jabber:iq:roster'><item jid='tybalt@capulet.lit'/></query>
    </iq>
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from enum import Enum, auto
from xml.etree.ElementTree import Element

from shared_protocol.addresses import AddressError, BareJid, FullJid, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError, RemoteProtocolError

_OCCUPANT_ID = "{urn:xmpp:occupant-id:0}occupant-id"  # XEP-0421


class Accepts(Enum):
    """Whose stanzas a handler accepts."""

    OWN_ACCOUNT = auto()
    """The account's own bare JID, or nobody named: roster pushes, carbons, private nodes."""
    OWN_SERVER = auto()
    """The account's server, or nobody named: notices, stream management."""
    ASKED = auto()
    """Who was asked, with the same id, while the answer is still open: IQ results and errors."""
    ARCHIVE = auto()
    """The archive that was asked: results of archives. The query's id is checked besides."""
    ROOM = auto()
    """The bare JID of a room that the account is in: subjects, status codes, moderation."""
    OCCUPANT = auto()
    """An occupant of such a room; for changes of a message the one who wrote it."""
    COUNTERPART = auto()
    """The other side of the conversation: receipts, corrections, chat states."""
    ANYONE = auto()
    """Everybody, within the limits of rate."""


class ForgedSenderError(RemoteProtocolError):
    """A stanza came from somebody who may not send it.

    It is dropped; a get or set is answered with ``service-unavailable``, which tells nothing.
    """


@dataclass(frozen=True, slots=True)
class SenderContext:
    """Against whom a sender is judged.

    Attributes:
        account: Own bare JID.
        expected: The archive that was asked, or the conversation's counterpart; None where there
            is none, so that nobody is believed.
        open_requests: Who was asked, by the id of the request that is still open; None for the own
            account.
        rooms: The rooms that the account is in.
        occupant_id: That of the author of the message to be changed; empty if none is changed.
    """

    account: BareJid
    expected: Jid | None = None
    open_requests: Mapping[str, Jid | None] = field(default_factory=dict)
    rooms: Set[BareJid] = frozenset()
    occupant_id: str = ""


def sender_of(stanza: Element) -> Jid | None:
    """Return who sent a stanza; None if it names nobody.

    Raises:
        MalformedStanzaError: Its ``from`` is no address.
    """
    text = stanza.get("from")
    if text is None:
        return None
    try:
        return parse_jid(text)
    except AddressError as error:
        message = f"a stanza has no valid sender: {error}"
        raise MalformedStanzaError(message) from error


def is_from(stanza: Element, accepts: Accepts, context: SenderContext) -> bool:
    """Return whether a handler may believe a stanza.

    Raises:
        MalformedStanzaError: Its ``from`` is no address.
    """
    sender = sender_of(stanza)
    match accepts:
        case Accepts.ASKED:
            stanza_id = stanza.get("id", "")
            requests = context.open_requests
            return stanza_id in requests and _is_asked(sender, requests[stanza_id], context)
        case Accepts.OCCUPANT:
            return _is_occupant(sender, context) and _is_author(stanza, context.occupant_id)
        case _:
            return is_accepted(sender, accepts, context)


def require_from(stanza: Element, accepts: Accepts, context: SenderContext) -> None:
    """Refuse a stanza from somebody whom its handler does not accept.

    Raises:
        ForgedSenderError: It may not be believed.
        MalformedStanzaError: Its ``from`` is no address.
    """
    if not is_from(stanza, accepts, context):
        message = f"expected a sender by {accepts.name}, got {stanza.get('from')!r}"
        raise ForgedSenderError(message)


def is_accepted(sender: Jid | None, accepts: Accepts, context: SenderContext) -> bool:
    """Return whether the address alone is right; ``is_from`` checks ids besides.

    For ``ASKED``, the one asked is ``context.expected``.
    """
    return _CHECKS[accepts](sender, context)


def _is_own_account(sender: Jid | None, context: SenderContext) -> bool:
    return sender is None or sender == context.account


def _is_own_server(sender: Jid | None, context: SenderContext) -> bool:
    return sender is None or sender == _server(context)


def _is_asked(sender: Jid | None, asked: Jid | None, context: SenderContext) -> bool:
    # Own account and own server may answer for each other: the same server stamps what they send,
    # and servers differ in whom they name.
    own = {None, context.account, _server(context)}
    return sender in own if asked in own else sender == asked


def _is_archive(sender: Jid | None, context: SenderContext) -> bool:
    return context.expected is not None and _is_asked(sender, context.expected, context)


def _is_room(sender: Jid | None, context: SenderContext) -> bool:
    return isinstance(sender, BareJid) and sender in context.rooms


def _is_occupant(sender: Jid | None, context: SenderContext) -> bool:
    return isinstance(sender, FullJid) and sender.bare in context.rooms


def _is_counterpart(sender: Jid | None, context: SenderContext) -> bool:
    expected = context.expected
    return sender is not None and expected is not None and sender.bare == expected.bare


_CHECKS: Mapping[Accepts, Callable[[Jid | None, SenderContext], bool]] = {
    Accepts.OWN_ACCOUNT: _is_own_account,
    Accepts.OWN_SERVER: _is_own_server,
    Accepts.ASKED: lambda sender, context: _is_asked(sender, context.expected, context),
    Accepts.ARCHIVE: _is_archive,
    Accepts.ROOM: _is_room,
    Accepts.OCCUPANT: _is_occupant,
    Accepts.COUNTERPART: _is_counterpart,
    Accepts.ANYONE: lambda _sender, _context: True,
}


def _is_author(stanza: Element, occupant_id: str) -> bool:
    """Compare with the author by what the room says once; two ids are as good as none."""
    found = stanza.findall(_OCCUPANT_ID)
    return not occupant_id or [one.get("id") for one in found] == [occupant_id]


def _server(context: SenderContext) -> BareJid:
    return BareJid("", context.account.domainpart)
