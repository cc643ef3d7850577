"""Ping, software version, registration, chat states, receipts and ids: a few lines each."""

from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas import registration
from shared_protocol.stanzas.entity import ping, software_version
from shared_protocol.stanzas.entity.software_version import SoftwareVersion
from shared_protocol.stanzas.message_parts import chat_states, receipts, stanza_ids
from shared_protocol.stanzas.message_parts.chat_states import ChatState
from shared_protocol.stanzas.message_parts.stanza_ids import StanzaId
from shared_protocol.stanzas.messages import MESSAGE
from shared_protocol.stanzas.registration import RegistrationForm, RegistrationRequest
from tests.unit.shared_protocol.stanzas.stanza_values import NAMES, TEXTS


@given(st.builds(SoftwareVersion, NAMES, NAMES, TEXTS))
def test_software_version_survives_a_round_trip(version: SoftwareVersion) -> None:
    assert software_version.from_element(software_version.to_element(version)) == version


def test_question_for_the_version_is_empty_and_no_answer() -> None:
    question = software_version.to_element()

    assert len(question) == 0
    with pytest.raises(MalformedStanzaError, match="name and version"):
        software_version.from_element(question)


@given(st.builds(RegistrationRequest, TEXTS, TEXTS))
def test_registration_survives_a_round_trip(request: RegistrationRequest) -> None:
    assert registration.from_element(registration.request_element(request)) == request


def test_removal_stands_alone() -> None:  # XEP-0077, section 3.2
    removal = registration.request_element(RegistrationRequest(is_removal=True))
    assert registration.from_element(removal).is_removal

    SubElement(removal, "{jabber:iq:register}username").text = "bill"
    with pytest.raises(MalformedStanzaError, match="nothing beside"):
        registration.from_element(removal)


def test_password_is_kept_out_of_logs() -> None:
    assert "Calliope" not in repr(RegistrationRequest("bill", "Calliope"))


def test_form_tells_what_is_wanted() -> None:  # XEP-0077, example 3
    element = registration.form_element("Choose a name.")
    SubElement(element, "{jabber:x:data}x", type="form")

    form = registration.form_from_element(element)

    assert form == RegistrationForm("Choose a name.", ("username", "password"))


def test_registered_account_is_told_its_name() -> None:  # XEP-0077, example 4
    form = registration.form_from_element(registration.registered_element("juliet"))

    assert form == RegistrationForm(
        fields=("username", "password"), username="juliet", is_registered=True
    )


@pytest.mark.parametrize("state", ChatState)
def test_chat_state_survives_a_round_trip(state: ChatState) -> None:
    message = Element(MESSAGE)
    message.append(chat_states.to_element(state))

    assert chat_states.from_element(message[0]) is state
    assert chat_states.from_message(message) is state


def test_receipt_confirms_an_id() -> None:
    message = Element(MESSAGE)
    message.append(receipts.received_element("m1"))

    assert receipts.received_id(message) == "m1"
    assert not receipts.is_requested(message)


def test_request_for_a_receipt_is_seen() -> None:
    message = Element(MESSAGE)
    message.append(receipts.request_element())

    assert receipts.is_requested(message)
    assert receipts.received_id(message) == ""


def test_ids_are_told_apart_by_who_gave_them() -> None:  # XEP-0359, section 6
    message = Element(MESSAGE)
    message.append(stanza_ids.origin_id_to_element("o1"))
    message.append(stanza_ids.stanza_id_to_element(StanzaId("s1", "tybalt@capulet.lit")))
    message.append(stanza_ids.stanza_id_to_element(StanzaId("s2", "romeo@montague.lit")))
    SubElement(message, stanza_ids.STANZA_ID, id="s3")

    assert stanza_ids.origin_id_of(message) == "o1"
    assert stanza_ids.stanza_id_by(message, "romeo@montague.lit") == "s2"
    assert stanza_ids.stanza_id_by(message, "montague.lit") == ""
    assert len(stanza_ids.stanza_ids_of(message)) == 2


def test_message_without_ids_has_none() -> None:
    assert stanza_ids.origin_id_of(Element(MESSAGE)) == ""


def test_ping_is_known() -> None:
    assert ping.is_ping(ping.to_element())
    assert not ping.is_ping(Element("ping"))


@pytest.mark.parametrize(
    "read",
    [
        software_version.from_element,
        registration.from_element,
        registration.form_from_element,
        chat_states.from_element,
    ],
)
def test_other_element_is_refused(read: Callable[[Element], object]) -> None:
    with pytest.raises(MalformedStanzaError, match="expected"):
        read(Element("query"))
