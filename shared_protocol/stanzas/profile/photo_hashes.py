"""The hash of the photo in presence (XEP-0153 1.1.1, section 4.1; XEP-0398 1.0.0, section 4).

Example::

    <x xmlns='vcard-temp:x:update'>
      <photo>01b87fcd030b72895ff8e88db57ec525450f000d</photo>
    </x>
"""

from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import VCARD_UPDATE

UPDATE = f"{{{VCARD_UPDATE}}}x"
_PHOTO = f"{{{VCARD_UPDATE}}}photo"


def hash_from_element(update: Element) -> str | None:
    """Return what is said about the photo.

    Returns:
        The hash; empty if there is no photo, None if nothing is said about it.

    Raises:
        MalformedStanzaError: It is no such element.
    """
    if update.tag != UPDATE:
        message = f"expected {UPDATE}, got {update.tag}"
        raise MalformedStanzaError(message)
    photo = update.find(_PHOTO)
    return None if photo is None else (photo.text or "").strip()


def hash_to_element(photo_hash: str) -> Element:
    """Write the hash of a photo; empty if there is none."""
    update = Element(UPDATE)
    SubElement(update, _PHOTO).text = photo_hash or None
    return update


def put_hash(presence: Element, photo_hash: str) -> bool:
    """Put the true hash into a presence stanza, unless it says that there is no photo (0398, 4).

    Returns:
        Whether something was changed.
    """
    updates = presence.findall(UPDATE)
    said = [hash_from_element(one) for one in updates]
    if "" in said or said == [photo_hash]:
        return False
    for one in updates:
        presence.remove(one)
    presence.append(hash_to_element(photo_hash))
    return True
