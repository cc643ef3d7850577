"""Blocking of addresses (XEP-0191 1.3). Reports beside an item (XEP-0377 0.4.1) are passed over.

Example, what a client sends and what the server tells the others::

    <block xmlns='urn:xmpp:blocking'>
      <item jid='romeo@montague.lit'>
        <report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'/>
      </item>
      <item jid='verona.lit'/>
    </block>
"""

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, BareJid, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import BLOCKING

_ITEM = f"{{{BLOCKING}}}item"


class BlockingAction(Enum):
    """What a payload is for; the value is its name."""

    LIST = "blocklist"
    BLOCK = "block"
    UNBLOCK = "unblock"


@dataclass(frozen=True, slots=True)
class Blocking:
    """A block list, or a change of one.

    Attributes:
        addresses: In order, each once; with ``UNBLOCK`` none means all, with ``LIST`` none means
            that nobody is blocked, or that the list is asked for.
    """

    action: BlockingAction
    addresses: tuple[Jid, ...] = ()


def from_element(element: Element) -> Blocking:
    """Read a payload.

    Raises:
        MalformedStanzaError: It is none, an item has no address, or nobody is to be blocked
            (section 3.3).
    """
    namespace, _, name = element.tag[1:].partition("}")
    try:
        action = BlockingAction(name)
    except ValueError:
        namespace = ""
        action = BlockingAction.LIST
    if namespace != BLOCKING:
        message = f"expected a payload of {BLOCKING}, got {element.tag}"
        raise MalformedStanzaError(message)
    addresses = tuple(dict.fromkeys(map(_address_of, element.iterfind(_ITEM))))
    if action is BlockingAction.BLOCK and not addresses:
        message = "nobody is named to be blocked"
        raise MalformedStanzaError(message)
    return Blocking(action, addresses)


def to_element(blocking: Blocking) -> Element:
    """Write a payload."""
    element = Element(f"{{{BLOCKING}}}{blocking.action.value}")
    for address in blocking.addresses:
        SubElement(element, _ITEM, jid=str(address))
    return element


def is_listed(addresses: Set[Jid], jid: Jid) -> bool:
    """Whether a block list has an address: as it is, its bare JID, or its domain (section 5)."""
    bare = jid.bare
    return jid in addresses or bare in addresses or BareJid("", bare.domainpart) in addresses


def _address_of(item: Element) -> Jid:
    text = item.get("jid", "")
    try:
        return parse_jid(text)
    except AddressError as error:
        message = f"{text!r} cannot be blocked: {error}"
        raise MalformedStanzaError(message) from error
