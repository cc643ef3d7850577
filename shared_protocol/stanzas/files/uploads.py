"""Slots for uploads by HTTP (XEP-0363 1.2.0).

Example::

    <request xmlns='urn:xmpp:http:upload:0' filename='très cool.jpg' size='23456'
        content-type='image/jpeg'>
      <ephemeral xmlns='urn:xmpp:http:upload:purpose:0' expire-before='2025-09-10T23:08:25Z'/>
    </request>
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import UPLOAD, UPLOAD_PURPOSE
from shared_protocol.stanzas.delay import moment_from_text, moment_to_text

REQUEST = f"{{{UPLOAD}}}request"
_SLOT = f"{{{UPLOAD}}}slot"
_PUT = f"{{{UPLOAD}}}put"
_GET = f"{{{UPLOAD}}}get"
_HEADER = f"{{{UPLOAD}}}header"
_PURPOSE = f"{{{UPLOAD_PURPOSE}}}"
_EXPIRE_BEFORE = "expire-before"
_SIZE = re.compile("[0-9]{1,15}")
_RESTRICTED_NAME = r"[A-Za-z0-9!#$&^_.+-]{1,127}"
_MEDIA_TYPE = re.compile(
    rf"{_RESTRICTED_NAME}/{_RESTRICTED_NAME}(?:\s*;[\x20-\x7e]{{0,200}})?"
)  # RFC 6838, 4.2
_PUT_HEADERS = frozenset({"authorization", "cookie", "expires"})


class UploadPurpose(Enum):
    """What a file is for, by which its service chooses how long to keep it (section 5)."""

    MESSAGE = "message"
    PROFILE = "profile"
    EPHEMERAL = "ephemeral"
    PERMANENT = "permanent"

    @property
    def feature(self) -> str:
        """How a service announces that it knows the purpose."""
        return f"{UPLOAD_PURPOSE}#{self.value}"


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """What somebody wants to upload.

    Attributes:
        size_bytes: At least 1.
        media_type: As it will stand in ``Content-Type``; empty if it is not known.
        expire_before: For ``EPHEMERAL``: it must not be there any more then (UTC, aware).
    """

    file_name: str
    size_bytes: int
    media_type: str = ""
    purpose: UploadPurpose = UploadPurpose.MESSAGE
    expire_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class UploadSlot:
    """Where to put a file, and where others get it.

    Attributes:
        put_headers: Pairs of name and value that the upload carries, in order; of the three names
            that are allowed, without line breaks.
    """

    put_url: str
    get_url: str
    put_headers: tuple[tuple[str, str], ...] = ()


def request_from_element(element: Element) -> UploadRequest:
    """Read a request for a slot.

    Raises:
        MalformedStanzaError: It is none, has no name, no size, or a content type that is none.
    """
    if element.tag != REQUEST:
        message = f"expected {REQUEST}, got {element.tag}"
        raise MalformedStanzaError(message)
    name, size = element.get("filename", ""), element.get("size", "")
    if not name:
        message = "a request for a slot has no file name"
        raise MalformedStanzaError(message)
    if not _SIZE.fullmatch(size) or not int(size):
        message = f"expected a size in bytes, got {size[:20]!r}"
        raise MalformedStanzaError(message)
    media_type = element.get("content-type", "")
    if media_type and not _MEDIA_TYPE.fullmatch(media_type):
        message = f"expected a content type, got {media_type[:50]!r}"
        raise MalformedStanzaError(message)
    purpose, expire_before = _purpose(element)
    return UploadRequest(name, int(size), media_type, purpose, expire_before)


def request_to_element(request: UploadRequest) -> Element:
    """Write a request for a slot."""
    element = Element(REQUEST, filename=request.file_name, size=str(request.size_bytes))
    if request.media_type:
        element.set("content-type", request.media_type)
    if request.purpose is not UploadPurpose.MESSAGE:
        purpose = SubElement(element, f"{_PURPOSE}{request.purpose.value}")
        if request.expire_before is not None:
            purpose.set(_EXPIRE_BEFORE, moment_to_text(request.expire_before))
    return element


def slot_from_element(element: Element) -> UploadSlot:
    """Read a slot; header fields that are not allowed are left out (section 4).

    Raises:
        MalformedStanzaError: It is none, or an address is missing or no HTTPS.
    """
    put, get = element.find(_PUT), element.find(_GET)
    if element.tag != _SLOT or put is None or get is None:
        message = f"expected {_SLOT} with two addresses, got {element.tag}"
        raise MalformedStanzaError(message)
    headers = ((_one_line(one.get("name", "")), _one_line(one.text or "")) for one in put)
    return UploadSlot(
        _address(put),
        _address(get),
        tuple((name, value) for name, value in headers if name.lower() in _PUT_HEADERS),
    )


def slot_to_element(slot: UploadSlot) -> Element:
    """Write a slot."""
    element = Element(_SLOT)
    put = SubElement(element, _PUT, url=slot.put_url)
    for name, value in slot.put_headers:
        SubElement(put, _HEADER, name=name).text = value
    SubElement(element, _GET, url=slot.get_url)
    return element


def too_large_element(most_bytes: int) -> Element:
    """Write why a file is refused for its size (section 6)."""
    element = Element(f"{{{UPLOAD}}}file-too-large")
    SubElement(element, f"{{{UPLOAD}}}max-file-size").text = str(most_bytes)
    return element


def retry_element(moment: datetime) -> Element:
    """Write from when on the same may be asked for again (section 6)."""
    return Element(f"{{{UPLOAD}}}retry", stamp=moment_to_text(moment))


def _purpose(element: Element) -> tuple[UploadPurpose, datetime | None]:
    for purpose in UploadPurpose:
        found = element.find(f"{_PURPOSE}{purpose.value}")
        if found is not None:
            stamp = found.get(_EXPIRE_BEFORE)
            if purpose is not UploadPurpose.EPHEMERAL:
                return purpose, None
            if stamp is None:
                message = "an ephemeral upload does not say until when"
                raise MalformedStanzaError(message)
            return purpose, moment_from_text(stamp)
    return UploadPurpose.MESSAGE, None


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _address(element: Element) -> str:
    url = element.get("url", "")
    if not url.startswith("https://"):
        message = f"expected an address by https, got {url[:50]!r}"
        raise MalformedStanzaError(message)
    return url
