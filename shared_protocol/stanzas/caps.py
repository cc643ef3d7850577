"""Entity capabilities (XEP-0115 1.6.0).

Example::

    <c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://code.example/psi'
       ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import LocalProtocolError, MalformedStanzaError
from shared_protocol.namespaces import CAPS
from shared_protocol.stanzas.disco import DiscoForm, DiscoInfo

CAPS_ELEMENT = f"{{{CAPS}}}c"

# Names of the IANA registry and of hashlib; what is weaker is not known and so never cached.
_HASHES = {"sha-1": "sha1", "sha-256": "sha256", "sha-512": "sha512"}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is announced: the node of a program and the hash of its discovery answer."""

    node: str
    version: str
    hash: str = "sha-1"

    @property
    def disco_node(self) -> str:
        """The node to ask for (section 6.2)."""
        return f"{self.node}#{self.version}"


def verification_string(info: DiscoInfo, hash_name: str = "sha-1") -> str:
    """Return the ``ver`` of a discovery answer (section 5.1).

    Raises:
        LocalProtocolError: The hash function is not known.
    """
    if hash_name not in _HASHES:
        message = f"expected a hash function of {sorted(_HASHES)}, got {hash_name!r}"
        raise LocalProtocolError(message)
    joined = "".join(f"{part}<" for part in _parts(info))
    digest = hashlib.new(_HASHES[hash_name], joined.encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def is_genuine(capabilities: Capabilities, info: DiscoInfo) -> bool:
    """Return whether an answer may be kept for all who announce the same (section 5.4).

    If not, it says something about its sender only.
    """
    return (
        capabilities.hash in _HASHES
        and _is_well_formed(info)
        and hmac.compare_digest(
            verification_string(info, capabilities.hash).encode(),
            capabilities.version.encode(errors="replace"),
        )
    )


def capabilities_of(stanza: Element) -> Capabilities | None:
    """Return what a presence stanza announces; None if nothing, or not well formed."""
    element = stanza.find(CAPS_ELEMENT)
    if element is None:
        return None
    try:
        return from_element(element)
    except MalformedStanzaError:
        return None


def from_element(element: Element) -> Capabilities:
    """Read an announcement.

    Raises:
        MalformedStanzaError: It is none, or lacks node, hash or version.
    """
    node, version, name = element.get("node"), element.get("ver"), element.get("hash")
    if element.tag != CAPS_ELEMENT or not node or not version or not name:
        message = f"expected capabilities with node, ver and hash, got {element.tag}"
        raise MalformedStanzaError(message)
    return Capabilities(node, version, name)


def to_element(capabilities: Capabilities) -> Element:
    """Write an announcement."""
    return Element(
        CAPS_ELEMENT, hash=capabilities.hash, node=capabilities.node, ver=capabilities.version
    )


def _parts(info: DiscoInfo) -> Iterator[str]:
    """Return what is hashed. Code points sort as their UTF-8 does, which is ``i;octet``."""
    by_kind = sorted(info.identities, key=lambda one: (one.category, one.type, one.language))
    for identity in by_kind:
        yield f"{identity.category}/{identity.type}/{identity.language}/{identity.name}"
    yield from sorted(info.features)
    for form in sorted(info.forms, key=lambda one: one.form_types[0]):
        yield form.form_types[0]
        for field in sorted(form.fields, key=lambda one: one.var):
            yield field.var
            yield from sorted(field.values)


def _is_well_formed(info: DiscoInfo) -> bool:
    """Check section 5.4, rules 3.3 to 3.5, and that nothing holds the mark between two parts.

    The mark would let two different answers have one hash (section 8.1).
    """
    identities = [(one.category, one.type, one.language, one.name) for one in info.identities]
    form_types = [form.form_types[0] for form in info.forms]
    return (
        _has_no_doubles(identities)
        and _has_no_doubles(info.features)
        and _has_no_doubles(form_types)
        and all(map(_has_one_type, info.forms))
        and not any("<" in part for part in _parts(info))
    )


def _has_no_doubles(values: Sequence[object]) -> bool:
    return len(set(values)) == len(values)


def _has_one_type(form: DiscoForm) -> bool:
    return len(set(form.form_types)) == 1
