"""By what a room lets one know an occupant again, whatever the nickname (XEP-0421 1.0.1).

Example::

    <message xmlns='jabber:client' from='coven@chat.shakespeare.lit/thirdwitch' type='groupchat'>
      <body>Harpier cries: 'tis time, 'tis time.</body>
      <occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603deec90a38ba552f7c68cbcc61bca202cd'/>
    </message>
"""

import hmac
from hashlib import sha256
from xml.etree.ElementTree import Element

from shared_protocol.addresses import BareJid
from shared_protocol.namespaces import OCCUPANT_IDS

OCCUPANT_ID = f"{{{OCCUPANT_IDS}}}occupant-id"


def occupant_id_of(stanza: Element) -> str:
    """Return the id in a stanza of a room; empty if there is none, or more than one (section 4)."""
    found = stanza.findall(OCCUPANT_ID)
    return found[0].get("id", "") if len(found) == 1 else ""


def make_occupant_id(room_key: bytes, occupant: BareJid) -> str:
    """Make an id (section 4.1): the same for ever, told from no other, and no way back to the JID.

    Args:
        room_key: Secret of the room, random, 32 bytes.
        occupant: Real JID.
    """
    return hmac.new(room_key, str(occupant).encode(), sha256).hexdigest()


def to_element(occupant_id: str) -> Element:
    """Write an id."""
    return Element(OCCUPANT_ID, id=occupant_id)
