"""The forms of a room: configuration, voice, registration, information, search."""

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import MUC_CONFIGURATION, MUC_REQUEST
from shared_protocol.stanzas import data_forms
from shared_protocol.stanzas.data_forms import DataForm, FormField, FormKind
from shared_protocol.stanzas.disco import DiscoInfo
from shared_protocol.stanzas.result_sets import PageRequest, ResultSet
from shared_protocol.stanzas.rooms import channel_search, room_registration, voice_request
from shared_protocol.stanzas.rooms.channel_search import FoundRoom, RoomSearch, SearchOrder
from shared_protocol.stanzas.rooms.configuration import (
    ConfigurationAnswers,
    PrivateMessages,
    RoomConfiguration,
    answers_to,
    configuration_form,
    submission,
)
from shared_protocol.stanzas.rooms.ranks import Role
from shared_protocol.stanzas.rooms.room_information import (
    RoomInformation,
    information_of,
    to_form,
)
from shared_protocol.stanzas.rooms.room_registration import RegistrationAnswer
from shared_protocol.xml.elements import element_of
from tests.unit.shared_protocol.stanzas.stanza_values import JIDS, TEXTS

HECATE = BareJid.parse("hecate@shakespeare.lit")
HAG = FullJid.parse("hag66@shakespeare.lit/pda")
ROLES = st.frozensets(st.sampled_from([Role.VISITOR, Role.PARTICIPANT, Role.MODERATOR]))
CONFIGURATIONS = st.builds(
    RoomConfiguration,
    name=TEXTS,
    description=TEXTS,
    language=TEXTS,
    is_persistent=st.booleans(),
    is_public=st.booleans(),
    is_members_only=st.booleans(),
    is_moderated=st.booleans(),
    is_non_anonymous=st.booleans(),
    is_logged=st.booleans(),
    has_open_subject=st.booleans(),
    has_open_invitations=st.booleans(),
    password=TEXTS,
    private_messages=st.sampled_from(PrivateMessages),
    most_occupants=st.integers(0, 10**6),
    history_messages=st.integers(0, 10**6),
    broadcast_roles=ROLES,
    member_list_roles=ROLES,
)
# XEP-0045, section 15.5.3: the registered fields.
STANDARD = ["muc#maxhistoryfetch"] + [
    f"muc#roomconfig_{name}"
    for name in (
        *("allowpm", "allowinvites", "changesubject", "enablelogging", "getmemberlist", "lang"),
        *("pubsub", "maxusers", "membersonly", "moderatedroom", "passwordprotectedroom"),
        *("persistentroom", "presencebroadcast", "publicroom", "roomadmins", "roomdesc"),
        *("roomname", "roomowners", "roomsecret", "whois"),
    )
]


def answered(**values: str) -> DataForm:
    fields = tuple(FormField(f"muc#roomconfig_{name}", (text,)) for name, text in values.items())
    return DataForm(FormKind.SUBMIT, MUC_CONFIGURATION, fields)


def test_configuration_form_asks_all_that_is_registered() -> None:
    form = configuration_form(RoomConfiguration())

    assert sorted(field.var for field in form.fields) == sorted(STANDARD)
    assert all(field.label for field in form.fields)


@given(CONFIGURATIONS)
def test_configuration_survives_being_filled_in(configuration: RoomConfiguration) -> None:
    """What the client submits is what the server reads, whatever it was before."""
    wire = data_forms.from_element(data_forms.to_element(submission(configuration)))

    answers = answers_to(wire, RoomConfiguration(password="old"))

    assert answers == ConfigurationAnswers(configuration)


@given(CONFIGURATIONS)
def test_offered_form_submitted_as_it_is_changes_nothing(configuration: RoomConfiguration) -> None:
    form = configuration_form(configuration, admins=(HECATE,), owners=(HAG.bare,))
    fields = tuple(FormField(field.var, field.values) for field in form.fields)

    answers = answers_to(DataForm(FormKind.SUBMIT, MUC_CONFIGURATION, fields), configuration)

    assert answers == ConfigurationAnswers(configuration, (HECATE,), (HAG.bare,))


def test_what_is_not_answered_stays_as_it_is() -> None:
    before = RoomConfiguration(name="A Dark Cave", password="cauldronburn", is_moderated=True)

    assert answers_to(answered(), before) == ConfigurationAnswers(before)


def test_password_is_needed_where_one_is_wanted() -> None:
    """XEP-0045, section 10.1.3: a blank password is not acceptable."""
    with pytest.raises(StanzaError) as caught:
        answers_to(answered(passwordprotectedroom="1", roomsecret=""), RoomConfiguration())

    assert caught.value.condition is StanzaCondition.NOT_ACCEPTABLE


def test_password_goes_where_none_is_wanted() -> None:
    before = RoomConfiguration(password="cauldronburn")

    after = answers_to(answered(passwordprotectedroom="0", roomsecret="x"), before)

    assert after.configuration.password == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [("whois", "nobody"), ("maxusers", "-1"), ("allowpm", "me"), ("publicroom", "maybe")],
)
def test_answer_that_is_none_of_the_choices_is_not_acceptable(name: str, text: str) -> None:
    with pytest.raises(StanzaError) as caught:
        answers_to(answered(**{name: text}), RoomConfiguration())

    assert caught.value.condition is StanzaCondition.NOT_ACCEPTABLE


def test_answer_to_another_form_is_a_bad_request() -> None:
    with pytest.raises(StanzaError) as caught:
        answers_to(DataForm(FormKind.SUBMIT, MUC_REQUEST), RoomConfiguration())

    assert caught.value.condition is StanzaCondition.BAD_REQUEST


def test_private_messages_take_a_role() -> None:
    assert PrivateMessages.ANYONE.lowest_role is Role.VISITOR
    assert PrivateMessages.NOBODY.lowest_role is None


def test_visitor_asks_and_moderator_answers() -> None:
    """XEP-0045, examples 83 and 101."""
    asked = voice_request.answer_from_form(voice_request.request_form())
    given_voice = voice_request.answer_from_form(voice_request.approval(HAG, "thirdwitch"))

    assert not asked.is_approval
    assert given_voice == voice_request.VoiceAnswer(
        is_approval=True, is_allowed=True, nickname="thirdwitch"
    )


def test_room_asks_its_moderators_with_voice_not_yet_given() -> None:
    form = voice_request.approval_form(HAG, "thirdwitch")

    assert form.value("muc#jid") == str(HAG)
    assert form.value("muc#roomnick") == "thirdwitch"
    assert form.value("muc#request_allow") == "0"


def test_nobody_asks_to_be_moderator() -> None:
    form = DataForm(FormKind.SUBMIT, MUC_REQUEST, (FormField("muc#role", ("moderator",)),))

    with pytest.raises(StanzaError):
        voice_request.answer_from_form(form)


@pytest.mark.parametrize(
    "answer", [RegistrationAnswer("thirdwitch"), RegistrationAnswer(is_removal=True)]
)
def test_registration_survives_a_round_trip(answer: RegistrationAnswer) -> None:
    assert room_registration.from_element(room_registration.request_element(answer)) == answer


def test_registration_says_what_is_known() -> None:
    known = room_registration.registered_element("thirdwitch")
    form = data_forms.form_of(room_registration.form_element())

    assert [child.tag.rpartition("}")[2] for child in known] == ["registered", "username"]
    assert form is not None
    assert form.fields[0].is_required


def test_approval_of_a_registration_survives_a_round_trip() -> None:
    form = room_registration.approval(HECATE, "Hecate", is_allowed=True)
    asked = room_registration.approval_form(HECATE, "Hecate")

    approval = room_registration.approval_from_form(form)

    assert approval == room_registration.RegistrationApproval(HECATE, "Hecate", is_allowed=True)
    assert asked.value("muc#jid") == str(HECATE)


@pytest.mark.parametrize("text", ["<query xmlns='jabber:iq:register'/>", "<x/>"])
def test_registration_without_a_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedStanzaError):
        room_registration.from_element(element_of(text.encode()))


@given(
    st.builds(
        RoomInformation,
        description=TEXTS,
        subject=TEXTS,
        language=TEXTS,
        pubsub_node=TEXTS,
        occupants=st.none() | st.integers(0, 10**6),
        history_messages=st.none() | st.integers(0, 10**6),
        has_open_subject=st.none() | st.booleans(),
        contacts=st.lists(JIDS.map(str), max_size=2).map(tuple),
        avatar_hashes=st.lists(st.just("a31c4bd04de69663cfd7f424a8453f4674da37ff")).map(tuple),
        hats_hash=TEXTS,
    )
)
def test_information_survives_a_round_trip(information: RoomInformation) -> None:
    assert information_of(DiscoInfo(forms=(to_form(information),))) == information


def test_room_that_tells_nothing_has_told_nothing() -> None:
    assert information_of(DiscoInfo()) == RoomInformation()


@pytest.mark.parametrize(
    "search",
    [
        RoomSearch(("witches", "cave"), SearchOrder.ADDRESS, 2, page=PageRequest(5)),
        RoomSearch(is_in_names=False, is_in_descriptions=False),
    ],
)
def test_search_survives_a_round_trip(search: RoomSearch) -> None:
    assert channel_search.from_element(channel_search.to_element(search)) == search


def test_empty_search_asks_for_the_form() -> None:
    assert channel_search.from_element(Element(channel_search.SEARCH)) is None
    assert data_forms.form_of(channel_search.form_element()) == channel_search.SEARCH_FORM


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({}, b"no-search-conditions"),
        ({"q": "  "}, b"invalid-search-terms"),
        ({"q": "x", "all": "1"}, b"conflicting-fields"),
        ({"q": "x", "key": "price"}, b"invalid-sort-key"),
    ],
)
def test_search_without_sense_says_why(values: dict[str, str], detail: bytes) -> None:
    """XEP-0433, section 4.2.2."""
    element = Element(channel_search.SEARCH)
    fields = tuple(FormField(var, (value,)) for var, value in values.items())
    form = DataForm(FormKind.SUBMIT, channel_search.CHANNEL_SEARCH_FORM, fields)
    element.append(data_forms.to_element(form))

    with pytest.raises(StanzaError) as caught:
        channel_search.from_element(element)

    assert detail in caught.value.detail


@given(
    st.lists(
        st.builds(
            FoundRoom,
            JIDS,
            TEXTS,
            TEXTS,
            TEXTS,
            st.none() | st.integers(0, 10**6),
            st.booleans(),
            st.booleans(),
        ),
        max_size=3,
    ).map(tuple)
)
def test_found_rooms_survive_a_round_trip(found: tuple[FoundRoom, ...]) -> None:
    page = ResultSet("a", "z", 5, 0)

    result = channel_search.result_to_element(found, page)

    assert channel_search.result_from_element(result) == (found, page)


@pytest.mark.parametrize(
    "text",
    [
        "<x/>",
        "<result xmlns='urn:xmpp:channel-search:0:search'><item address='a@b/c'/></result>",
    ],
)
def test_result_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MalformedStanzaError):
        channel_search.result_from_element(element_of(text.encode()))


def test_other_element_is_no_search() -> None:
    with pytest.raises(MalformedStanzaError):
        channel_search.from_element(Element("search"))
