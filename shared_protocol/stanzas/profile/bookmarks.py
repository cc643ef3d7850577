"""Bookmarks of rooms, one item each (XEP-0402 1.2.0), and all in one as before (XEP-0048 1.2).

Example::

    <storage xmlns='storage:bookmarks'>
      <conference name='Council of Oberon' autojoin='true'
          jid='council@conference.underhill.org'>
        <nick>Puck</nick>
      </conference>
    </storage>
"""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, BareJid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import BOOKMARKS, PRIVATE_BOOKMARKS

CONFERENCE = f"{{{BOOKMARKS}}}conference"
STORAGE = f"{{{PRIVATE_BOOKMARKS}}}storage"
_OLD_CONFERENCE = f"{{{PRIVATE_BOOKMARKS}}}conference"
_EXTENSIONS = f"{{{BOOKMARKS}}}extensions"
_TRUE = frozenset({"true", "1"})


@dataclass(frozen=True, slots=True)
class Bookmark:
    """What a bookmark says of its room.

    Attributes:
        name: Empty if the user gave none, as nickname and password.
    """

    name: str = ""
    is_joined_automatically: bool = False
    nickname: str = ""
    password: str = ""


def from_element(conference: Element) -> Bookmark:
    """Read one bookmark, in either form.

    Raises:
        MalformedStanzaError: It is none.
    """
    if conference.tag not in {CONFERENCE, _OLD_CONFERENCE}:
        message = f"expected {CONFERENCE}, got {conference.tag}"
        raise MalformedStanzaError(message)
    namespace = conference.tag[1:].rpartition("}")[0]
    return Bookmark(
        conference.get("name", ""),
        conference.get("autojoin", "") in _TRUE,
        (conference.findtext(f"{{{namespace}}}nick") or "").strip(),
        conference.findtext(f"{{{namespace}}}password") or "",
    )


def to_element(bookmark: Bookmark, before: Element | None = None) -> Element:
    """Write one bookmark as an item.

    Args:
        bookmark: What it says.
        before: The item that it replaces, whose extensions it keeps (XEP-0402, section 3.4).
    """
    conference = _written(Element(CONFERENCE), bookmark, BOOKMARKS)
    if before is not None:
        conference.extend(before.findall(_EXTENSIONS))
    return conference


def storage_from_element(storage: Element) -> dict[BareJid, Bookmark]:
    """Read all bookmarks of rooms; those without a valid address, and all else, are left out.

    Raises:
        MalformedStanzaError: It is no such list.
    """
    if storage.tag != STORAGE:
        message = f"expected {STORAGE}, got {storage.tag}"
        raise MalformedStanzaError(message)
    bookmarks = {}
    for conference in storage.iterfind(_OLD_CONFERENCE):
        jid = room_of(conference.get("jid", ""))
        if jid is not None:
            bookmarks[jid] = from_element(conference)
    return bookmarks


def storage_to_element(
    bookmarks: Iterable[tuple[BareJid, Bookmark]], others: Iterable[Element] = ()
) -> Element:
    """Write all bookmarks in one.

    Args:
        bookmarks: In order.
        others: What else stands in the list, as bookmarks of web pages.
    """
    storage = Element(STORAGE)
    for jid, bookmark in bookmarks:
        conference = SubElement(storage, _OLD_CONFERENCE, jid=str(jid))
        _written(conference, bookmark, PRIVATE_BOOKMARKS)
    storage.extend(others)
    return storage


def others_in(storage: Element) -> list[Element]:
    """Return what stands in a list besides bookmarks of rooms."""
    return [child for child in storage if child.tag != _OLD_CONFERENCE]


def room_of(text: str) -> BareJid | None:
    """Return the room of an address as it was written; None if it is none."""
    try:
        return BareJid.parse(text)
    except AddressError:
        return None


def _written(conference: Element, bookmark: Bookmark, namespace: str) -> Element:
    if bookmark.name:
        conference.set("name", bookmark.name)
    if bookmark.is_joined_automatically:
        conference.set("autojoin", "true")
    for name, text in (("nick", bookmark.nickname), ("password", bookmark.password)):
        if text:
            SubElement(conference, f"{{{namespace}}}{name}").text = text
    return conference
