"""vCards (XEP-0054 1.3.0), the photo in them (XEP-0153 1.1.1), and whom they let others find.

Example::

    <vCard xmlns='vcard-temp'>
      <FN>Juliet Capulet</FN>
      <N><FAMILY>Capulet</FAMILY><GIVEN>Juliet</GIVEN></N>
      <NICKNAME>JuliC</NICKNAME>
      <EMAIL><INTERNET/><USERID>juliet@shakespeare.lit</USERID></EMAIL>
      <PHOTO><TYPE>image/png</TYPE><BINVAL>AQID</BINVAL></PHOTO>
    </vCard>
"""

import base64
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import VCARD
from shared_protocol.stanzas.profile.avatars import picture_of

VCARD_ELEMENT = f"{{{VCARD}}}vCard"
_PHOTO, _TYPE, _BINVAL = (f"{{{VCARD}}}{name}" for name in ("PHOTO", "TYPE", "BINVAL"))
_CLASS = f"{{{VCARD}}}CLASS"
_OPEN_CLASS = f"{{{VCARD}}}PUBLIC"
_DEFAULT_TYPE = "image/png"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture in a vCard."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class DirectoryFacts:
    """What a vCard lets others find an account by; empty where it says nothing.

    Attributes:
        is_hidden: The vCard says that it is not for the public (``CLASS``).
    """

    first: str = ""
    last: str = ""
    nickname: str = ""
    email: str = ""
    full_name: str = ""
    is_hidden: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether the account is to be found: there is a name, and nothing against it."""
        return not self.is_hidden and any((self.first, self.last, self.nickname, self.full_name))


def require_vcard(vcard: Element) -> None:
    """Refuse what is no vCard.

    Raises:
        MalformedStanzaError: It is none.
    """
    if vcard.tag != VCARD_ELEMENT:
        message = f"expected {VCARD_ELEMENT}, got {vcard.tag}"
        raise MalformedStanzaError(message)


def photo_of(vcard: Element) -> Photo | None:
    """Return the photo that a vCard holds; None without one, or if it only names a place.

    Raises:
        MalformedStanzaError: It is no vCard, or what it holds is no Base64.
    """
    require_vcard(vcard)
    photo = vcard.find(_PHOTO)
    return None if photo is None else _photo(photo)


def photos_of(vcard: Element) -> tuple[Photo, ...]:
    """Return all photos that a vCard holds: the same picture in several formats (XEP-0486).

    Raises:
        MalformedStanzaError: It is no vCard, or what one of them holds is no Base64.
    """
    require_vcard(vcard)
    found = (_photo(photo) for photo in vcard.iterfind(_PHOTO))
    return tuple(photo for photo in found if photo is not None)


def take_photo(vcard: Element) -> None:
    """Take the photos out that a vCard holds; one that only names a place stays."""
    for photo in vcard.findall(_PHOTO):
        if photo.find(_BINVAL) is not None or not len(photo):
            vcard.remove(photo)


def put_photo(vcard: Element, photo: Photo) -> None:
    """Put a photo in the place of all others."""
    for other in vcard.findall(_PHOTO):
        vcard.remove(other)
    element = SubElement(vcard, _PHOTO)
    SubElement(element, _TYPE).text = photo.media_type
    SubElement(element, _BINVAL).text = base64.b64encode(photo.data).decode()


def directory_facts(vcard: Element) -> DirectoryFacts:
    """Read what a directory shows.

    Raises:
        MalformedStanzaError: It is no vCard.
    """
    require_vcard(vcard)
    kind = vcard.find(_CLASS)
    is_hidden = kind is not None and len(kind) > 0 and kind.find(_OPEN_CLASS) is None
    return DirectoryFacts(
        _text(vcard, "N", "GIVEN"),
        _text(vcard, "N", "FAMILY"),
        _text(vcard, "NICKNAME"),
        _text(vcard, "EMAIL", "USERID"),
        _text(vcard, "FN"),
        is_hidden,
    )


def _photo(element: Element) -> Photo | None:
    written = (element.findtext(_BINVAL) or "").strip()
    if not written:
        return None
    media_type = (element.findtext(_TYPE) or "").strip() or _DEFAULT_TYPE
    return Photo(picture_of(written), media_type)


def _text(vcard: Element, *path: str) -> str:
    return (vcard.findtext("/".join(f"{{{VCARD}}}{name}" for name in path)) or "").strip()
