"""Avatars that are published: data, and what is told of it (XEP-0084 1.1.4, section 4).

Example::

    <metadata xmlns='urn:xmpp:avatar:metadata'>
      <info bytes='12345' height='64' id='357a8123a30844a3aa99861b6349264ba67a5694'
          type='image/gif' url='http://avatars.example.org/happy.gif' width='64'/>
      <info bytes='12345' height='64' id='111f4b3c50d7b0df729d299bc6f8e9ef9066971f'
          type='image/png' width='64'/>
    </metadata>
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import AVATAR_DATA, AVATAR_METADATA

METADATA = f"{{{AVATAR_METADATA}}}metadata"
DATA = f"{{{AVATAR_DATA}}}data"
_INFO = f"{{{AVATAR_METADATA}}}info"
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class AvatarInfo:
    """One form of the avatar.

    Attributes:
        id: SHA-1 of the picture's bytes, as it was written.
        size_bytes: Of the picture.
        media_type: As ``image/png``.
        width: In pixels; None if it is not told, as the height.
        url: Where the picture is; empty if it is at the data node.
    """

    id: str
    size_bytes: int
    media_type: str
    width: int | None = None
    height: int | None = None
    url: str = ""


def infos_from_element(metadata: Element) -> tuple[AvatarInfo, ...]:
    """Read metadata; nothing means that there is no avatar (section 3.5).

    Raises:
        MalformedStanzaError: It is none, or an info lacks what it must have.
    """
    if metadata.tag != METADATA:
        message = f"expected {METADATA}, got {metadata.tag}"
        raise MalformedStanzaError(message)
    return tuple(map(_info, metadata.iterfind(_INFO)))


def infos_to_element(infos: tuple[AvatarInfo, ...]) -> Element:
    """Write metadata."""
    metadata = Element(METADATA)
    for one in infos:
        written = SubElement(
            metadata, _INFO, bytes=str(one.size_bytes), id=one.id, type=one.media_type
        )
        for name, value in (("width", one.width), ("height", one.height)):
            if value is not None:
                written.set(name, str(value))
        if one.url:
            written.set("url", one.url)
    return metadata


def data_from_element(data: Element) -> bytes:
    """Read a picture; line feeds in it are accepted (section 4.1).

    Raises:
        MalformedStanzaError: It is none, or no Base64.
    """
    if data.tag != DATA:
        message = f"expected {DATA}, got {data.tag}"
        raise MalformedStanzaError(message)
    return picture_of(data.text or "")


def data_to_element(picture: bytes) -> Element:
    """Write a picture."""
    data = Element(DATA)
    data.text = base64.b64encode(picture).decode()
    return data


def picture_of(text: str) -> bytes:
    """Decode Base64, in which white space is passed over.

    Raises:
        MalformedStanzaError: It is none, or there is nothing.
    """
    try:
        picture = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        message = "expected a picture in Base64"
        raise MalformedStanzaError(message) from error
    if not picture:
        message = "expected a picture, got nothing"
        raise MalformedStanzaError(message)
    return picture


def id_of(picture: bytes) -> str:
    """Return the id of a picture: the SHA-1 of its bytes, in lower case."""
    return hashlib.sha1(picture, usedforsecurity=False).hexdigest()


def _info(element: Element) -> AvatarInfo:
    identity, media_type = element.get("id", ""), element.get("type", "")
    size = _number(element.get("bytes"))
    if not identity or not media_type or size is None:
        message = "expected an info with id, type and bytes"
        raise MalformedStanzaError(message)
    return AvatarInfo(
        identity,
        size,
        media_type,
        _number(element.get("width")),
        _number(element.get("height")),
        element.get("url", ""),
    )


def _number(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdigit()
    return int(text) if text is not None and is_number and len(text) <= _MOST_DIGITS else None
