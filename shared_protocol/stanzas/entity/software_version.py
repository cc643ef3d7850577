"""Software version (XEP-0092 1.1).

Example::

    <query xmlns='jabber:iq:version'><name>Parlour</name><version>0.1.0</version></query>
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import SOFTWARE_VERSION

QUERY = f"{{{SOFTWARE_VERSION}}}query"
_PARTS = ("name", "version", "os")


@dataclass(frozen=True, slots=True)
class SoftwareVersion:
    """Name and version of a program; the operating system only where it is told."""

    name: str
    version: str
    os: str = ""


def from_element(query: Element) -> SoftwareVersion:
    """Read an answer.

    Raises:
        MalformedStanzaError: It is none, or has no name or no version.
    """
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
    name, version, system = (query.findtext(f"{{{SOFTWARE_VERSION}}}{part}", "") for part in _PARTS)
    if not name or not version:
        message = f"expected name and version of a program, got {name!r} and {version!r}"
        raise MalformedStanzaError(message)
    return SoftwareVersion(name, version, system)


def to_element(version: SoftwareVersion | None = None) -> Element:
    """Write an answer, or the question if nothing is given."""
    query = Element(QUERY)
    if version is not None:
        for part, text in zip(_PARTS, (version.name, version.version, version.os), strict=True):
            if text:
                SubElement(query, f"{{{SOFTWARE_VERSION}}}{part}").text = text
    return query
