"""What an occupant says of itself in presence, without what only the room may say (XEP-0045, 17.3).

Roles, status codes, occupant ids and hats come from the room; a client that sends them is not
believed, and nobody else sees them.
"""

from typing import NamedTuple

from embedded_server.modules.room_state.occupants import OccupantSession
from embedded_server.plugin_api import Inbound, ModuleHost, Session, to_attribute
from shared_protocol.addresses import FullJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.delay import DELAY_ELEMENT
from shared_protocol.stanzas.rooms import join_request
from shared_protocol.stanzas.rooms.hats import HATS_ELEMENT
from shared_protocol.stanzas.rooms.join_request import JoinRequest
from shared_protocol.stanzas.rooms.occupant_id import OCCUPANT_ID
from shared_protocol.stanzas.rooms.room_payload import PAYLOAD
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import attribute, serialise

_NOT_PASSED_ON = frozenset({join_request.JOIN, PAYLOAD, OCCUPANT_ID, HATS_ELEMENT, DELAY_ELEMENT})


class OwnPresence(NamedTuple):
    """What an occupant says.

    Attributes:
        payload: Written children, to stand in presence that the room sends.
        language: `` xml:lang='...'``, or empty.
        id: Of the stanza; empty if it had none.
        join: The wish to enter; None if it is not one.
    """

    payload: bytes
    language: bytes
    id: str
    join: JoinRequest | None


def own_presence_of(inbound: Inbound, most_bytes: int) -> OwnPresence:
    """Read a presence stanza.

    Args:
        inbound: The stanza.
        most_bytes: How much may be passed on; 0 for any amount.

    Raises:
        StanzaError: ``not-acceptable``, it is longer.
        MalformedStanzaError: The wish to enter cannot be read.
    """
    frame = inbound.frame
    element = element_of(frame.raw)
    wish = element.find(join_request.JOIN)
    payload = b"".join(serialise(child) for child in element if child.tag not in _NOT_PASSED_ON)
    if 0 < most_bytes < len(payload):
        text = f"presence in a room may have {most_bytes} bytes"
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, text)
    language = frame.language or inbound.origin.language
    return OwnPresence(
        payload,
        attribute("xml:lang", language).encode() if language else b"",
        frame.attributes.get("id", ""),
        None if wish is None else join_request.from_element(wish),
    )


def set_presence(session: OccupantSession, own: OwnPresence) -> None:
    """Let a device say something else; ``Occupant.show`` lets others see it."""
    session.payload, session.language = own.payload, own.language


def session_of(inbound: Inbound, host: ModuleHost) -> OccupantSession:
    """Make what a room knows of a device; who is logged in here is reached without the router."""
    jid = inbound.sender
    if not isinstance(jid, FullJid):
        raise StanzaError(StanzaCondition.JID_MALFORMED)
    origin, lists = inbound.origin, host.block_lists
    to = to_attribute(jid)
    if not isinstance(origin, Session):
        return OccupantSession(jid, to, lambda stanza: host.deliver(stanza, jid))
    send, account = origin.send, jid.localpart

    def send_if_open(stanza: bytes) -> None:
        if account in lists:  # the room, or somebody in it, may be blocked (XEP-0191)
            host.deliver(stanza, jid)
        else:
            send(stanza)

    return OccupantSession(jid, to, send_if_open)
