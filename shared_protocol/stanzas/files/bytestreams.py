"""SOCKS5 byte streams (XEP-0065 1.8.2): a proxy's address, and what activates a stream.

Example::

    <query xmlns='http://jabber.org/protocol/bytestreams' sid='vxf9n471bn46'>
      <activate>target@example.org/bar</activate>
    </query>
"""

import hashlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import BYTESTREAMS

QUERY = f"{{{BYTESTREAMS}}}query"
_STREAM_HOST = f"{{{BYTESTREAMS}}}streamhost"
_ACTIVATE = f"{{{BYTESTREAMS}}}activate"
_LONGEST_SID = 255


@dataclass(frozen=True, slots=True)
class StreamHost:
    """Where both ends connect to.

    Attributes:
        jid: By which it is spoken to over XMPP.
        host: Name or IP address.
    """

    jid: Jid
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Activation:
    """The requester has both ends connected, and wants the stream to run (section 6.3.5)."""

    sid: str
    target: Jid

    def name_for(self, requester: Jid) -> str:
        """Return under which name both ends wait (section 5.3.2): SHA-1, hexadecimal."""
        text = f"{self.sid}{requester}{self.target}"
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def activation_from_element(query: Element) -> Activation:
    """Read a request to activate.

    Raises:
        MalformedStanzaError: It is none, has no stream id, or names no target.
    """
    sid = query.get("sid", "")
    if query.tag != QUERY or not 0 < len(sid) <= _LONGEST_SID:
        message = f"expected {QUERY} with a stream id, got {query.tag}"
        raise MalformedStanzaError(message)
    try:
        return Activation(sid, parse_jid((query.findtext(_ACTIVATE) or "").strip()))
    except AddressError as error:
        message = f"a stream has no valid target: {error}"
        raise MalformedStanzaError(message) from error


def stream_host_to_element(host: StreamHost) -> Element:
    """Write a proxy's answer to who asks for its address (section 4)."""
    query = Element(QUERY)
    SubElement(query, _STREAM_HOST, jid=str(host.jid), host=host.host, port=str(host.port))
    return query
