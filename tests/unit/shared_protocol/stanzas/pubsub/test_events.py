"""Notifications, written and read (XEP-0060 1.30.0)."""

from xml.etree.ElementTree import Element, fromstring

import pytest

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.data_forms import DataForm, FormField, FormKind
from shared_protocol.stanzas.pubsub.events import (
    Event,
    ItemsPublished,
    ItemsRetracted,
    NodeConfigured,
    NodeDeleted,
    NodePurged,
    PublishedItem,
    SubscriptionChanged,
    event_bytes,
    from_element,
)
from shared_protocol.stanzas.pubsub.node_terms import NodeSubscriptionState

NODE = "princely_musings"
ENTRY = b"<entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>"
FORM = DataForm(FormKind.RESULT, "u:type", (FormField("pubsub#title", ("Musings",)),))
EVENTS: list[Event] = [
    ItemsPublished(NODE, (PublishedItem("1", ENTRY, "hamlet@denmark.lit"),)),
    ItemsPublished(NODE, (PublishedItem("1"),)),
    ItemsPublished(NODE, (PublishedItem("", ENTRY),)),
    ItemsPublished(NODE),
    ItemsRetracted(NODE, ("1", "2")),
    NodePurged(NODE),
    NodeDeleted(NODE),
    NodeDeleted(NODE, "xmpp:hamlet@denmark.lit?;node=blog"),
    NodeConfigured(NODE),
    NodeConfigured(NODE, FORM),
    SubscriptionChanged(NODE, "horatio@denmark.lit", NodeSubscriptionState.SUBSCRIBED),
    SubscriptionChanged(NODE, "horatio@denmark.lit", NodeSubscriptionState.NONE, "x"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_event_survives_a_round_trip(event: Event) -> None:
    assert from_element(fromstring(event_bytes(event))) == event  # noqa: S314 - our own


def test_names_are_escaped() -> None:
    event = ItemsRetracted("a'<&\"", ("'><x",))

    assert from_element(fromstring(event_bytes(event))) == event  # noqa: S314 - our own


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<unheard-of node='n'/>",
        "<items/>",
        "<subscription node='n' subscription='asleep'/>",
        "<items node='n'><item><a xmlns=''/></item></items>",
    ],
)
def test_what_is_no_event_is_malformed(content: str) -> None:
    event = f"<event xmlns='http://jabber.org/protocol/pubsub#event'>{content}</event>"

    with pytest.raises(MalformedStanzaError):
        from_element(fromstring(event))  # noqa: S314 - our own text


def test_another_element_is_no_event() -> None:
    with pytest.raises(MalformedStanzaError):
        from_element(Element("event"))
