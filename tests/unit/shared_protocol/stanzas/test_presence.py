from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas.caps import Capabilities
from shared_protocol.stanzas.delay import Delay
from shared_protocol.stanzas.presence import (
    PRESENCE,
    SUBSCRIPTION_TYPES,
    Presence,
    PresenceType,
    Show,
    from_element,
    priority_of,
    to_element,
)
from tests.unit.shared_protocol.stanzas.stanza_values import MOMENTS, NAMES, TEXTS

PRESENCES = st.builds(
    Presence,
    type=st.sampled_from(PresenceType),
    show=st.none() | st.sampled_from(Show),
    status=TEXTS,
    priority=st.integers(-128, 127),
    capabilities=st.none() | st.builds(Capabilities, NAMES, NAMES, NAMES),
    delays=st.lists(st.builds(Delay, MOMENTS, TEXTS), max_size=2).map(tuple),
)


@given(PRESENCES)
def test_presence_survives_a_round_trip(presence: Presence) -> None:
    assert from_element(to_element(presence)) == presence


def test_plain_presence_is_an_empty_element() -> None:
    element = to_element(Presence())

    assert (element.tag, element.attrib, len(element)) == (PRESENCE, {}, 0)


def test_directed_presence_has_an_address() -> None:
    assert to_element(Presence(), "juliet@capulet.lit").attrib == {"to": "juliet@capulet.lit"}


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("5", 5),
        (" -128\n", -128),
        ("+127", 127),
        ("128", 0),
        ("-129", 0),
        ("", 0),
        ("1.5", 0),
        ("1_0", 0),
        ("٣", 0),
        ("9" * 5000, 0),
    ],
)
def test_priority_that_is_none_counts_as_zero(text: str, priority: int) -> None:
    # RFC 6121, section 4.7.2.3
    assert priority_of(text) == priority


def test_unknown_show_counts_as_none() -> None:
    element = Element(PRESENCE)
    SubElement(element, f"{{{CLIENT}}}show").text = "sleepy"

    assert from_element(element).show is None


def test_status_without_a_language_is_preferred() -> None:
    element = Element(PRESENCE)
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    SubElement(element, f"{{{CLIENT}}}status", {language: "cs"}).text = "Dvořím se Julii"
    SubElement(element, f"{{{CLIENT}}}status").text = "Wooing Juliet"

    assert from_element(element).status == "Wooing Juliet"


@pytest.mark.parametrize("kind", ["available", "", "sleepy"])
def test_unknown_type_is_refused(kind: str) -> None:
    # RFC 6121, section 4.7.1: available presence has no type
    with pytest.raises(MalformedStanzaError, match="unknown type of presence"):
        from_element(Element(PRESENCE, type=kind))


def test_other_element_is_refused() -> None:
    with pytest.raises(MalformedStanzaError, match="expected"):
        from_element(Element("presence"))


def test_four_types_touch_subscriptions() -> None:
    assert {kind.value for kind in SUBSCRIPTION_TYPES} == {
        "subscribe",
        "subscribed",
        "unsubscribe",
        "unsubscribed",
    }
