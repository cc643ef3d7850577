"""Last activity (XEP-0012 2.0); in presence it is relayed as it comes (XEP-0256 1.1).

Example, an account that has gone a quarter of an hour ago::

    <query xmlns='jabber:iq:last' seconds='903'>Heading home</query>
"""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import LAST_ACTIVITY

QUERY = f"{{{LAST_ACTIVITY}}}query"
_NUMBER = re.compile("[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LastActivity:
    """For how long an entity has been gone or idle, or a server has run.

    Attributes:
        seconds: Whole ones.
        status: What an account said when it went; empty if nothing.
    """

    seconds: int
    status: str = ""


def from_element(query: Element) -> LastActivity:
    """Read an answer.

    Raises:
        MalformedStanzaError: It is none, or its seconds are no number.
    """
    if query.tag != QUERY:
        message = f"expected {QUERY}, got {query.tag}"
        raise MalformedStanzaError(message)
    text = query.get("seconds", "")
    if not _NUMBER.fullmatch(text):
        message = f"expected seconds, got {text!r}"
        raise MalformedStanzaError(message)
    return LastActivity(int(text), query.text or "")


def to_element(activity: LastActivity) -> Element:
    """Write an answer."""
    query = Element(QUERY, seconds=str(activity.seconds))
    query.text = activity.status or None
    return query
