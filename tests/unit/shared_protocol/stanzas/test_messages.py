from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DELAY
from shared_protocol.stanzas.delay import Delay
from shared_protocol.stanzas.message_parts.chat_states import ChatState
from shared_protocol.stanzas.message_parts.stanza_ids import StanzaId
from shared_protocol.stanzas.messages import (
    MESSAGE,
    ChatMessage,
    Hint,
    MessageType,
    from_element,
    to_element,
    type_of,
)
from tests.unit.shared_protocol.stanzas.stanza_values import MOMENTS, NAMES, TEXTS

MESSAGES = st.builds(
    ChatMessage,
    body=st.none() | TEXTS,
    type=st.sampled_from(MessageType),
    id=TEXTS,
    subject=TEXTS,
    thread=TEXTS,
    origin_id=TEXTS,
    stanza_ids=st.lists(st.builds(StanzaId, NAMES, NAMES), max_size=2).map(tuple),
    is_receipt_requested=st.booleans(),
    receipt_id=TEXTS,
    chat_state=st.none() | st.sampled_from(ChatState),
    delays=st.lists(st.builds(Delay, MOMENTS, TEXTS, TEXTS), max_size=2).map(tuple),
    hints=st.frozensets(st.sampled_from(Hint)),
)


@given(MESSAGES)
def test_message_survives_a_round_trip(message: ChatMessage) -> None:
    assert from_element(to_element(message)) == message


def test_message_is_addressed() -> None:
    element = to_element(ChatMessage("Hi", id="m1"), "romeo@montague.lit")

    assert element.attrib == {"to": "romeo@montague.lit", "type": "chat", "id": "m1"}


@pytest.mark.parametrize("text", [None, "", "normal", "letter"])
def test_missing_or_unknown_type_is_normal(text: str | None) -> None:
    assert type_of(text) is MessageType.NORMAL  # RFC 6121, section 5.2.2


def test_message_without_body_is_told_from_one_with_an_empty_body() -> None:
    assert from_element(Element(MESSAGE)).body is None
    assert from_element(to_element(ChatMessage(""))).body == ""


def test_delay_that_cannot_be_read_counts_as_not_there() -> None:
    element = to_element(ChatMessage("Hi"))
    SubElement(element, f"{{{DELAY}}}delay", stamp="yesterday")

    assert from_element(element).delays == ()


def test_delay_is_chosen_by_who_added_it() -> None:
    # A sender can add a delay too: only that of the own server is believed.
    forged = Delay(datetime(1595, 1, 1, tzinfo=UTC), "juliet@capulet.lit")
    true = Delay(datetime(2026, 1, 1, tzinfo=UTC), "montague.lit")
    message = ChatMessage("Hi", delays=(forged, true))

    assert message.delay_by("montague.lit") == true
    assert message.delay_by("chat.shakespeare.lit") is None


def test_other_element_is_refused() -> None:
    with pytest.raises(MalformedStanzaError, match="expected"):
        from_element(Element("message"))
