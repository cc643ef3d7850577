"""What may wait while nobody looks at a client (XEP-0352)."""

from xml.etree.ElementTree import Element

import pytest

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.client_state import (
    ClientState,
    from_element,
    may_wait,
    to_element,
)

STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
ROOM = "<x xmlns='http://jabber.org/protocol/muc#user'>{}</x>"
COPY = (
    "<{} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
    "<message xmlns='jabber:client'>{}</message></forwarded></{}>"
)
PROPOSE = "<propose xmlns='urn:xmpp:jingle-message:0' id='c'/>"


@pytest.mark.parametrize("state", list(ClientState))
def test_state_survives_a_round_trip(state: ClientState) -> None:
    assert from_element(to_element(state)) is state


def test_other_element_is_no_state() -> None:
    with pytest.raises(MalformedStanzaError, match="expected active or inactive"):
        from_element(Element("{urn:xmpp:csi:0}asleep"))


@pytest.mark.parametrize(
    "stanza",
    [
        "<presence from='juliet@capulet.lit/balcony'/>",
        "<presence from='juliet@capulet.lit/balcony' type='unavailable'/>",
        "<presence type = \"unavailable\"><status>type='subscribe'</status></presence>",
        f"<presence from='coven@chat/witch'>{ROOM.format('<item/>')}</presence>",
        f"<message type='chat'>{STATE}</message>",
        f"<message type='groupchat'>{STATE}<thread>t</thread></message>",
        "<message><received xmlns='urn:xmpp:receipts' id='1'/></message>",
        "<message><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>",
        "<message type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>",
        f"<message>{COPY.format('received', STATE, 'received')}</message>",
        f"<message>{COPY.format('sent', STATE, 'sent')}</message>",
        "<message/>",
    ],
)
def test_what_nobody_reads_may_wait(stanza: str) -> None:
    assert may_wait(stanza.encode())


@pytest.mark.parametrize(
    "stanza",
    [
        "<presence type='subscribe'/>",
        "<presence type='error'/>",
        "<presence type='probe'/>",
        "<presence>" + ROOM.format("<status code='110'/>") + "</presence>",
        "<iq type='result' id='1'/>",
        "<message type='chat'><body>Wherefore art thou?</body></message>",
        f"<message type='error'>{STATE}</message>",
        "<message type='groupchat'><subject>Fire</subject></message>",
        f"<message>{PROPOSE}</message>",
        "<message><event xmlns='of somebody else'/></message>",
        "<message><received xmlns='of somebody else'/></message>",
        f"<message>{COPY.format('received', '<body>Ay me!</body>', 'received')}</message>",
        f"<message>{COPY.format('received', PROPOSE, 'received')}</message>",
        "<message><received xmlns='urn:xmpp:carbons:2'/></message>",
        "<message><result xmlns='urn:xmpp:mam:2'/></message>",
        "<message><thread></message>",
    ],
)
def test_what_somebody_waits_for_goes_at_once(stanza: str) -> None:
    assert not may_wait(stanza.encode())
