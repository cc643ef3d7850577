"""Entity capabilities (XEP-0115 1.6.0).

Example::

    <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://code.example/psi'
       ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>
"""

import base64
import hashlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import CAPS
from shared_protocol.stanzas.disco import DiscoInfo, Identity

CAPS_ELEMENT = f"{{{CAPS}}}c"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is announced: the node of a program and the hash of its discovery answer."""

    node: str
    version: str
    hash: str = "sha-1"


def verification_string(info: DiscoInfo) -> str:
    """Return the ``ver`` of a discovery answer without forms (section 5.1)."""
    identities = sorted(map(_identity_part, info.identities))
    features = sorted(set(info.features))
    joined = "".join(f"{part}<" for part in (*identities, *features))
    return base64.b64encode(hashlib.sha1(joined.encode(), usedforsecurity=False).digest()).decode()


def from_element(element: Element) -> Capabilities:
    """Read an announcement.

    Raises:
        MalformedStanzaError: It is none, or lacks node, hash or version.
    """
    node, version, name = element.get("node"), element.get("ver"), element.get("hash")
    if element.tag != CAPS_ELEMENT or not node or not version or not name:
        message = "capabilities need node, ver and hash"
        raise MalformedStanzaError(message)
    return Capabilities(node, version, name)


def to_element(capabilities: Capabilities) -> Element:
    """Write an announcement."""
    return Element(
        CAPS_ELEMENT, hash=capabilities.hash, node=capabilities.node, ver=capabilities.version
    )


def _identity_part(identity: Identity) -> str:
    return f"{identity.category}/{identity.type}/{identity.language}/{identity.name}"
