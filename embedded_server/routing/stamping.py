"""Bytes of a stanza as they leave the server (docs/decisions/0002).

Most stanzas leave as they came, with the true sender put into the opening tag. The slow way, by a
tree and our own writer, is for those that may mean something else in another stream, whose address
is not in its normal form, or that claim what only the server may say.
"""

from functools import lru_cache
from xml.etree.ElementTree import Element

from embedded_server.routing.inbound import Inbound
from shared_protocol.addresses import AddressError, BareJid, Jid, parse_jid
from shared_protocol.namespaces import DELAY, STANZA_IDS, XML
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import serialise

# What a client may not say in the server's name, and the attribute that names the author.
_CLAIMS = {
    f"{DELAY} delay": "from",
    f"{STANZA_IDS} stanza-id": "by",
}
_CLAIM_NAMES = frozenset(_CLAIMS)
_LANGUAGE = f"{{{XML}}}lang"
_KNOWN_ADDRESSES = 20_000


def stamped(inbound: Inbound) -> bytes:
    """Return the stanza with the sender's full JID as ``from`` (RFC 6120, section 8.1.2.1).

    A stanza without address stays without one.
    """
    frame = inbound.frame
    if not frame.is_portable or not _CLAIM_NAMES.isdisjoint(frame.children):
        return serialise(stamped_tree(inbound))
    origin = inbound.origin
    attributes = origin.sender_attribute
    if inbound.has_address and not _is_normal(frame.attributes["to"]):
        return serialise(stamped_tree(inbound))
    if origin.language and not frame.language:  # RFC 6120, section 8.1.5
        attributes += origin.language_attribute
    return frame.stamped(attributes)


def stamped_tree(inbound: Inbound, *, sender: Jid | None = None, to: Jid | None = None) -> Element:
    """Return the stanza as a tree with the true sender, and without claims in the server's name.

    Args:
        inbound: The stanza.
        sender: Written as ``from`` instead of the sender's address.
        to: Written as ``to`` instead of the stanza's address, in its normal form.
    """
    origin = inbound.origin
    element = element_of(inbound.frame.raw)
    element.set("from", str(sender or origin.address))
    if to is not None or inbound.has_address:
        element.set("to", str(to or inbound.to))
    if origin.language and not inbound.frame.language:
        element.set(_LANGUAGE, origin.language)
    for child in tuple(element):
        author = _CLAIMS.get(child.tag[1:].replace("}", " "))
        if author and _is_ours(child.get(author, ""), origin.address.bare, author):
            element.remove(child)
    return element


def with_address(stanza: bytes, to: bytes) -> bytes:
    """Put a ``to`` attribute behind the name of an element that has none.

    Args:
        stanza: As ``stamped`` or our own writer made it.
        to: What ``to_attribute`` made.
    """
    end = _end_of_name(stanza)
    return stanza[:end] + to + stanza[end:]


def _end_of_name(stanza: bytes) -> int:
    end = 1
    while stanza[end] not in b" />\t\r\n":
        end += 1
    return end


def _is_ours(author: str, sender: BareJid, attribute: str) -> bool:
    """Whether a claim is one that only this server may make."""
    try:
        jid = parse_jid(author)
    except AddressError:
        return False
    # A client may say itself when it wrote what it sends late (XEP-0203, section 4).
    is_own_delay = attribute == "from" and jid.bare == sender
    return jid.domainpart == sender.domainpart and not is_own_delay


@lru_cache(maxsize=_KNOWN_ADDRESSES)
def _is_normal(text: str) -> bool:
    return str(parse_jid(text)) == text
