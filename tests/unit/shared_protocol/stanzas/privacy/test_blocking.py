from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.addresses import parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.privacy.blocking import (
    Blocking,
    BlockingAction,
    from_element,
    is_listed,
    to_element,
)
from tests.unit.shared_protocol.stanzas.stanza_values import JIDS


@given(
    st.sampled_from(list(BlockingAction)),
    st.lists(JIDS, min_size=1, max_size=5, unique=True),
)
def test_blocking_survives_a_round_trip(action: BlockingAction, addresses: list[object]) -> None:
    blocking = Blocking(action, tuple(addresses))  # type: ignore[arg-type]  # addresses they are

    assert from_element(to_element(blocking)) == blocking


@pytest.mark.parametrize(
    "text",
    [
        "<block xmlns='urn:xmpp:blocking'/>",
        "<block xmlns='urn:xmpp:blocking'><item/></block>",
        "<unblock xmlns='urn:xmpp:blocking'><item jid='a@'/></unblock>",
        "<shut xmlns='urn:xmpp:blocking'/>",
        "<block xmlns='urn:example:other'><item jid='a@b.lit'/></block>",
    ],
)
def test_payload_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MalformedStanzaError):
        from_element(fromstring(text))  # noqa: S314 - our own text


def test_unblocking_of_nobody_means_all() -> None:
    """XEP-0191, section 3.5."""
    empty = Element("{urn:xmpp:blocking}unblock")

    assert from_element(empty) == Blocking(BlockingAction.UNBLOCK)


@pytest.mark.parametrize(
    ("listed", "other", "is_blocked"),
    [
        ("romeo@montague.lit/orchard", "romeo@montague.lit/orchard", True),
        ("romeo@montague.lit/orchard", "romeo@montague.lit/garden", False),
        ("romeo@montague.lit/orchard", "romeo@montague.lit", False),
        ("romeo@montague.lit", "romeo@montague.lit/garden", True),
        ("romeo@montague.lit", "romeo@montague.lit", True),
        ("romeo@montague.lit", "paris@montague.lit", False),
        ("montague.lit/hall", "montague.lit/hall", True),
        ("montague.lit/hall", "montague.lit", False),
        ("montague.lit", "montague.lit/hall", True),
        ("montague.lit", "romeo@montague.lit/orchard", True),
        ("montague.lit", "montague.lit", True),
        ("montague.lit", "romeo@friar.montague.lit", False),
    ],
)
def test_address_is_matched_by_its_four_forms(listed: str, other: str, *, is_blocked: bool) -> None:
    """XEP-0191, section 5."""
    assert is_listed(frozenset({parse_jid(listed)}), parse_jid(other)) is is_blocked
