"""Affiliations and roles of a room (XEP-0045 1.35.5, section 5).

Example::

    <item xmlns='http://jabber.org/protocol/muc#user' affiliation='member' role='participant'/>
"""

from enum import Enum
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError


class Affiliation(Enum):
    """What somebody is to a room for good, by bare JID (section 5.2); lowest first."""

    OUTCAST = "outcast"
    NONE = "none"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"

    @property
    def level(self) -> int:
        """How high it ranks, from 0."""
        return _AFFILIATION_LEVELS[self]

    @property
    def is_in_charge(self) -> bool:
        """Whether it is admin or owner."""
        return self in _IN_CHARGE


class Role(Enum):
    """What somebody may do during a visit, by nickname (section 5.1); lowest first."""

    NONE = "none"
    VISITOR = "visitor"
    PARTICIPANT = "participant"
    MODERATOR = "moderator"

    @property
    def level(self) -> int:
        """How high it ranks, from 0."""
        return _ROLE_LEVELS[self]


_AFFILIATION_LEVELS = {one: level for level, one in enumerate(Affiliation)}
_ROLE_LEVELS = {one: level for level, one in enumerate(Role)}
_IN_CHARGE = frozenset({Affiliation.ADMIN, Affiliation.OWNER})
_AFFILIATIONS = {one.value: one for one in Affiliation}
_ROLES = {one.value: one for one in Role}


def affiliation_of(item: Element) -> Affiliation | None:
    """Return the affiliation that an item names; None if it names none.

    Raises:
        MalformedStanzaError: It is unknown.
    """
    return _AFFILIATIONS[_known(item, "affiliation")] if "affiliation" in item.attrib else None


def role_of(item: Element) -> Role | None:
    """Return the role that an item names; None if it names none.

    Raises:
        MalformedStanzaError: It is unknown.
    """
    return _ROLES[_known(item, "role")] if "role" in item.attrib else None


def _known(item: Element, name: str) -> str:
    value = item.get(name, "")
    known = _AFFILIATIONS if name == "affiliation" else _ROLES
    if value not in known:
        message = f"expected one of {', '.join(known)} as {name}, got {value[:40]!r}"
        raise MalformedStanzaError(message)
    return value
