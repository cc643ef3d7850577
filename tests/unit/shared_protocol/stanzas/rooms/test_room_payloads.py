"""What rooms say, and what is said to them: each survives the way over the wire."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.addresses import BareJid, FullJid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.rooms import (
    admin_query,
    hats,
    invitations,
    join_request,
    moderation,
    occupant_id,
    owner_query,
    room_payload,
)
from shared_protocol.stanzas.rooms.admin_query import AdminItem
from shared_protocol.stanzas.rooms.hats import Hat
from shared_protocol.stanzas.rooms.invitations import Decline, DirectInvitation, Invitation
from shared_protocol.stanzas.rooms.join_request import HistoryRequest, JoinRequest
from shared_protocol.stanzas.rooms.moderation import Moderation, ModerationRequest
from shared_protocol.stanzas.rooms.ranks import Affiliation, Role
from shared_protocol.stanzas.rooms.room_payload import Destruction, RoomItem, RoomPayload
from shared_protocol.stanzas.rooms.status_codes import StatusCode
from shared_protocol.xml.elements import element_of
from tests.unit.shared_protocol.stanzas.stanza_values import JIDS, MOMENTS, NAMES, TEXTS

COVEN = BareJid.parse("coven@chat.shakespeare.lit")
HECATE = BareJid.parse("hecate@shakespeare.lit")
MESSAGE = "{jabber:client}message"
NUMBERS = st.none() | st.integers(0, 10**6)
HISTORIES = st.builds(HistoryRequest, NUMBERS, NUMBERS, NUMBERS, st.none() | MOMENTS)
ITEMS = st.builds(
    RoomItem,
    st.sampled_from(Affiliation),
    st.sampled_from(Role),
    st.none() | JIDS,
    TEXTS,
    TEXTS,
    TEXTS,
)
PAYLOADS = st.builds(
    RoomPayload,
    st.none() | ITEMS,
    st.frozensets(st.sampled_from(StatusCode).map(int) | st.integers(100, 999)),
    st.none() | st.builds(Destruction, st.none() | JIDS, TEXTS, TEXTS),
)
ADMIN_ITEMS = st.builds(
    AdminItem,
    st.none() | st.sampled_from(Affiliation),
    st.none() | st.sampled_from(Role),
    st.none() | JIDS,
    st.none() | TEXTS,
    TEXTS,
)


def message_with(*children: Element) -> Element:
    message = Element(MESSAGE)
    message.extend(children)
    return message


@given(st.builds(JoinRequest, TEXTS, HISTORIES))
def test_join_request_survives_a_round_trip(request: JoinRequest) -> None:
    assert join_request.from_element(join_request.to_element(request)) == request


@given(PAYLOADS)
def test_payload_survives_a_round_trip(payload: RoomPayload) -> None:
    assert room_payload.from_element(room_payload.to_element(payload)) == payload


@given(st.lists(ADMIN_ITEMS, min_size=1, max_size=4).map(tuple))
def test_admin_query_survives_a_round_trip(items: tuple[AdminItem, ...]) -> None:
    assert admin_query.from_element(admin_query.to_element(items)) == items


@given(st.none() | JIDS, TEXTS, TEXTS)
def test_destruction_survives_a_round_trip(
    venue: BareJid | None, reason: str, password: str
) -> None:
    wanted = Destruction(venue, reason, password)

    assert owner_query.destruction_of(owner_query.destruction_to_element(wanted)) == wanted


def test_owner_query_around_a_form_destroys_nothing() -> None:
    assert owner_query.destruction_of(owner_query.form_query(Element("{jabber:x:data}x"))) is None
    assert len(owner_query.form_query()) == 0


def test_invitations_survive_the_way_to_the_room() -> None:
    """XEP-0045, example 60: several in one message."""
    first = Invitation(HECATE, "Come", is_continuation=True, thread="t1")
    second = Invitation(FullJid.parse("hag66@shakespeare.lit/pda"), is_continuation=True)

    message = message_with(invitations.request_to_element(first, second))

    assert invitations.requests_of(message) == (first, second)


def test_invitation_survives_the_way_from_the_room() -> None:
    invitation = Invitation(HECATE, "Come", password="cauldronburn")

    message = message_with(invitations.invitation_to_element(invitation))

    assert invitations.invitation_of(message) == invitation
    assert invitations.requests_of(Element(MESSAGE)) == ()
    assert invitations.invitation_of(Element(MESSAGE)) is None


def test_decline_survives_both_ways() -> None:
    decline = Decline(HECATE, "Too busy")
    asked = message_with(invitations.decline_request_to_element(decline))
    told = message_with(invitations.decline_to_element(Decline(HECATE)))

    assert invitations.decline_request_of(asked) == decline
    assert invitations.decline_of(told) == Decline(HECATE)
    assert invitations.decline_of(Element(MESSAGE)) is None


@given(st.builds(DirectInvitation, st.just(COVEN), TEXTS, st.booleans(), TEXTS, TEXTS))
def test_direct_invitation_survives_a_round_trip(invitation: DirectInvitation) -> None:
    message = message_with(invitations.direct_invitation_to_element(invitation))

    assert invitations.direct_invitation_of(message) == invitation
    assert invitations.direct_invitation_of(Element(MESSAGE)) is None


def test_direct_invitation_to_no_room_is_refused() -> None:
    element = Element("{jabber:x:conference}x", jid="coven@chat.shakespeare.lit/nick")

    with pytest.raises(MalformedStanzaError, match="bare JID of a room"):
        invitations.direct_invitation_of(message_with(element))


def test_invitation_without_an_address_is_refused() -> None:
    payload = Element(room_payload.PAYLOAD)
    SubElement(payload, "{http://jabber.org/protocol/muc#user}invite")

    with pytest.raises(MalformedStanzaError, match="expected an address as to"):
        invitations.requests_of(message_with(payload))


@pytest.mark.parametrize("is_old", [False, True])
def test_request_of_a_moderator_survives_a_round_trip(*, is_old: bool) -> None:
    """XEP-0425 0.3.0, and the form of 0.2.1."""
    request = ModerationRequest("stanza-id-1", "Not here")

    element = moderation.request_to_element(request, is_old=is_old)

    assert moderation.request_from_element(element) == request


def test_moderation_is_said_in_both_forms() -> None:
    told = Moderation("s1", parse_jid("coven@chat.shakespeare.lit/firstwitch"), "o1", "Not here")
    new, old = moderation.moderation_to_elements(told)

    assert moderation.moderation_of(message_with(new)) == told
    assert moderation.moderation_of(message_with(old)) == told
    assert moderation.moderation_of(Element(MESSAGE)) is None


def test_tombstone_stands_in_both_forms() -> None:
    told = Moderation("s1", parse_jid("coven@chat.shakespeare.lit/firstwitch"), "o1", "Not here")
    new, old = moderation.tombstone_to_elements(told, datetime(2019, 9, 20, 23, 19, 12, tzinfo=UTC))

    assert new.get("stamp") == "2019-09-20T23:19:12Z"
    assert moderation.is_tombstone(message_with(new))
    assert moderation.is_tombstone(message_with(old))
    assert not moderation.is_tombstone(Element(MESSAGE))


@pytest.mark.parametrize(
    "text",
    [
        "<moderate xmlns='urn:xmpp:message-moderate:1'/>",
        "<moderate xmlns='urn:xmpp:message-moderate:1' id='s'/>",
        "<apply-to xmlns='urn:xmpp:fasten:0' id='s'/>",
        "<apply-to xmlns='urn:xmpp:fasten:0' id='s'><moderate xmlns='urn:x'/></apply-to>",
        "<x/>",
    ],
)
def test_request_that_takes_nothing_back_is_refused(text: str) -> None:
    with pytest.raises(MalformedStanzaError, match="moderator"):
        moderation.request_from_element(element_of(text.encode()))


def test_moderation_that_names_no_message_is_refused() -> None:
    new, _old = moderation.moderation_to_elements(Moderation(""))

    with pytest.raises(MalformedStanzaError, match="taken back"):
        moderation.moderation_of(message_with(new))


def test_hats_survive_a_round_trip() -> None:
    worn = (Hat("urn:h", "Host", 327.255249), Hat("urn:p", "Presenter"))

    assert hats.hats_of(message_with(hats.to_element(worn))) == worn


@pytest.mark.parametrize(("text", "hue"), [("361", None), ("red", None), ("nan", None), ("0", 0)])
def test_hue_is_an_angle_or_nothing(text: str, hue: float | None) -> None:
    assert hats.hue_of(text) == hue


@given(st.binary(min_size=32, max_size=32), NAMES)
def test_occupant_id_hides_who_it_is_and_is_his_for_ever(key: bytes, name: str) -> None:
    """XEP-0421, section 4.1."""
    juliet = BareJid.parse("juliet@capulet.lit")
    first = occupant_id.make_occupant_id(key, juliet)

    assert first == occupant_id.make_occupant_id(key, juliet)
    assert first != occupant_id.make_occupant_id(key, HECATE)
    assert first != occupant_id.make_occupant_id(key + b"x", juliet)
    assert len(first) <= 128
    assert "juliet" not in first


def test_two_occupant_ids_are_as_good_as_none() -> None:
    one = message_with(occupant_id.to_element("a"))
    two = message_with(occupant_id.to_element("a"), occupant_id.to_element("b"))

    assert occupant_id.occupant_id_of(one) == "a"
    assert occupant_id.occupant_id_of(two) == ""


def test_stanza_without_payload_of_a_room_says_nothing() -> None:
    assert room_payload.payload_of(Element(MESSAGE)) is None
    payload = RoomPayload(codes=frozenset({104}))
    assert room_payload.payload_of(message_with(room_payload.to_element(payload))) == payload


USER = "xmlns='http://jabber.org/protocol/muc#user'"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"<x {USER}><item affiliation='king'/></x>", "expected one of"),
        (f"<x {USER}><item role='king'/></x>", "expected one of"),
        (f"<x {USER}><item jid='a@b@'/></x>", "expected an address as jid"),
        (f"<x {USER}><status code='one'/></x>", "three digits"),
        (f"<x {USER}><status code='1000'/></x>", "three digits"),
        ("<x/>", "expected"),
    ],
)
def test_payload_that_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(MalformedStanzaError, match=said):
        room_payload.from_element(element_of(text.encode()))


@pytest.mark.parametrize("text", ["-1", "many", "1.5", ""])
def test_history_with_a_bound_that_is_no_number_is_refused(text: str) -> None:
    element = join_request.to_element(JoinRequest(history=HistoryRequest(most_messages=1)))
    element[0].set("maxstanzas", text)

    with pytest.raises(MalformedStanzaError, match="whole number as maxstanzas"):
        join_request.from_element(element)


def test_absurd_bound_of_history_counts_as_a_large_one() -> None:
    element = join_request.to_element(JoinRequest(history=HistoryRequest(most_messages=1)))
    element[0].set("maxstanzas", "9" * 5_000)

    assert join_request.from_element(element).history.most_messages == 10**18


def test_admin_query_without_items_is_refused() -> None:
    with pytest.raises(MalformedStanzaError, match="one item or more"):
        admin_query.from_element(Element(admin_query.QUERY))


@pytest.mark.parametrize(
    "read",
    [
        join_request.from_element,
        room_payload.from_element,
        admin_query.from_element,
        owner_query.destruction_of,
    ],
)
def test_other_element_is_refused(read: object) -> None:
    with pytest.raises(MalformedStanzaError, match="expected"):
        read(Element("query"))  # type: ignore[operator]
