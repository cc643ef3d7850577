from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.addresses import BareJid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import ROSTER
from shared_protocol.stanzas.roster import (
    QUERY,
    RosterItem,
    RosterQuery,
    Subscription,
    from_element,
    to_element,
)
from tests.unit.shared_protocol.stanzas.stanza_values import JIDS, TEXTS

ITEMS = st.builds(
    RosterItem,
    jid=JIDS,
    name=TEXTS,
    subscription=st.sampled_from(Subscription),
    groups=st.lists(TEXTS, max_size=3).map(tuple),
    ask=st.booleans(),
    approved=st.booleans(),
)
ROSTERS = st.builds(RosterQuery, st.lists(ITEMS, max_size=3).map(tuple), st.none() | TEXTS)


def query_with(**attributes: str) -> Element:
    query = Element(QUERY)
    SubElement(query, f"{{{ROSTER}}}item", attributes)
    return query


@given(ROSTERS)
def test_roster_survives_a_round_trip(roster: RosterQuery) -> None:
    assert from_element(to_element(roster)) == roster


def test_missing_version_is_told_from_an_empty_one() -> None:  # RFC 6121, section 2.6.2
    assert from_element(Element(QUERY)).version is None
    assert from_element(Element(QUERY, ver="")).version == ""


def test_item_without_subscription_has_none() -> None:  # RFC 6121, section 2.1.2.5
    (item,) = from_element(query_with(jid="NURSE@example.com")).items

    assert item == RosterItem(BareJid("nurse", "example.com"))


@pytest.mark.parametrize("jid", ["", "nurse@example.com/kitchen", "@example.com"])
def test_item_without_a_bare_jid_is_refused(jid: str) -> None:
    with pytest.raises(MalformedStanzaError, match="no valid jid"):
        from_element(query_with(jid=jid))


def test_unknown_subscription_is_refused() -> None:
    with pytest.raises(MalformedStanzaError, match=r"nurse@example\.com: 'friend'"):
        from_element(query_with(jid="nurse@example.com", subscription="friend"))


def test_other_element_is_refused() -> None:
    with pytest.raises(MalformedStanzaError, match="expected"):
        from_element(Element("query"))
