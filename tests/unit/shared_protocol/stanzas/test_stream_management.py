from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError, StanzaCondition
from shared_protocol.stanzas.stream_management import (
    ANSWER,
    COUNTER_SPAN,
    ENABLED_BYTES,
    REQUEST_BYTES,
    RESUME,
    RESUMED,
    Acknowledgement,
    AcknowledgementRequest,
    Enable,
    Enabled,
    Failed,
    Resume,
    Resumed,
    StreamManagementNonza,
    answer_bytes,
    failed_bytes,
    failed_element,
    from_element,
    handled_count,
    newly_handled,
    resumable_bytes,
    resumed_bytes,
    to_element,
    too_high_bytes,
)
from shared_protocol.xml.elements import element_of
from tests.unit.shared_protocol.stanzas.stanza_values import TEXTS

COUNTS = st.integers(0, COUNTER_SPAN - 1)
NONZAS = st.one_of(
    st.builds(Enable, st.booleans(), st.none() | COUNTS),
    st.builds(Enabled, TEXTS, st.booleans(), st.none() | COUNTS),
    st.builds(Resume, TEXTS.filter(bool), COUNTS),
    st.builds(Resumed, TEXTS.filter(bool), COUNTS),
    st.builds(AcknowledgementRequest),
    st.builds(Acknowledgement, COUNTS),
    st.builds(Failed, st.none() | st.sampled_from(StanzaCondition), st.none() | COUNTS),
)


@given(NONZAS)
def test_nonza_survives_a_round_trip(nonza: StreamManagementNonza) -> None:
    assert from_element(to_element(nonza)) == nonza


@pytest.mark.parametrize(
    ("raw", "nonza"),
    [
        (REQUEST_BYTES, AcknowledgementRequest()),
        (ENABLED_BYTES, Enabled()),
        (answer_bytes(7), Acknowledgement(7)),
        (answer_bytes(COUNTER_SPAN + 7), Acknowledgement(7)),
        (
            failed_bytes(StanzaCondition.ITEM_NOT_FOUND),
            Failed(StanzaCondition.ITEM_NOT_FOUND),
        ),
        (
            failed_bytes(StanzaCondition.ITEM_NOT_FOUND, COUNTER_SPAN + 7),
            Failed(StanzaCondition.ITEM_NOT_FOUND, 7),
        ),
        (resumable_bytes("id-1", 600), Enabled("id-1", can_resume=True, longest_seconds=600)),
        (resumed_bytes("id-1", COUNTER_SPAN + 7), Resumed("id-1", 7)),
    ],
)
def test_bytes_of_the_server_are_what_the_client_reads(
    raw: bytes, nonza: StreamManagementNonza
) -> None:
    assert from_element(element_of(raw)) == nonza


def test_failure_is_an_element_too() -> None:
    assert from_element(failed_element(StanzaCondition.UNEXPECTED_REQUEST)) == Failed(
        StanzaCondition.UNEXPECTED_REQUEST
    )


def test_detail_of_a_count_too_high_tells_both_counts() -> None:  # XEP-0198, section 6
    element = element_of(too_high_bytes(10, 8))

    assert element.tag == "{urn:xmpp:sm:3}handled-count-too-high"
    assert element.attrib == {"h": "10", "send-count": "8"}


@pytest.mark.parametrize(
    ("handled", "acknowledged", "new"), [(5, 3, 2), (3, 3, 0), (1, COUNTER_SPAN - 2, 3)]
)
def test_counter_wraps(handled: int, acknowledged: int, new: int) -> None:
    # XEP-0198, section 4
    assert newly_handled(handled, acknowledged) == new


@pytest.mark.parametrize(
    "text",
    [None, "", "-1", "+1", "1.0", " 1", "٣", "1_0", str(COUNTER_SPAN), "0" * 11 + "9" * 20],
)
def test_count_that_is_none_is_refused(text: str | None) -> None:
    with pytest.raises(MalformedStanzaError, match="count of stanzas"):
        handled_count(text)


def test_highest_count_is_read() -> None:
    assert handled_count(str(COUNTER_SPAN - 1)) == COUNTER_SPAN - 1


@pytest.mark.parametrize("attributes", [{"h": "1"}, {"previd": "", "h": "1"}, {"previd": "x"}])
@pytest.mark.parametrize("tag", [RESUME, RESUMED])
def test_resumption_without_id_or_count_is_refused(tag: str, attributes: dict[str, str]) -> None:
    """XEP-0198, section 5: both attributes MUST be there."""
    with pytest.raises(MalformedStanzaError):
        from_element(Element(tag, attributes))


def test_id_longer_than_any_server_makes_is_refused() -> None:
    """XEP-0198, section 5: not longer than 4000 bytes."""
    with pytest.raises(MalformedStanzaError):
        from_element(Element(RESUME, previd="x" * 4_001, h="1"))


@pytest.mark.parametrize("tag", ["a", ANSWER.replace("}a", "}b")])
def test_other_element_is_refused(tag: str) -> None:
    with pytest.raises(MalformedStanzaError, match="expected a nonza"):
        from_element(Element(tag, h="1"))
