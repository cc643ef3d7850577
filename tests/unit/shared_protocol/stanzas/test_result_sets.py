from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.stanzas.result_sets import (
    Page,
    PageRequest,
    ResultSet,
    page_of_list,
    request_from_element,
    request_to_element,
    result_from_element,
    result_to_element,
)
from tests.unit.shared_protocol.stanzas.stanza_values import NAMES, TEXTS

NUMBERS = st.integers(0, 10**18)
REQUESTS = st.one_of(
    st.builds(PageRequest, st.none() | NUMBERS),
    st.builds(PageRequest, st.none() | NUMBERS, after=TEXTS),
    st.builds(PageRequest, st.none() | NUMBERS, before=TEXTS),
    st.builds(PageRequest, st.none() | NUMBERS, index=NUMBERS),
)
RESULTS = st.builds(ResultSet, NAMES, NAMES, st.none() | NUMBERS, st.none() | NUMBERS) | st.builds(
    ResultSet, count=st.none() | NUMBERS
)
IDS = ("a", "b", "c", "d", "e")


def request_of_text(text: str) -> PageRequest:
    raw = f"<set xmlns='http://jabber.org/protocol/rsm'>{text}</set>"
    return request_from_element(fromstring(raw))  # noqa: S314 - our own text


def page(request: PageRequest) -> Page:
    return page_of_list(IDS, request, usual=2, most=3)


@given(REQUESTS)
def test_request_survives_a_round_trip(request: PageRequest) -> None:
    assert request_from_element(request_to_element(request)) == request


@given(RESULTS)
def test_result_survives_a_round_trip(result: ResultSet) -> None:
    assert result_from_element(result_to_element(result)) == result


def test_empty_before_asks_for_the_last_page() -> None:
    """XEP-0059, section 2.5: "an empty <before/> element"."""
    assert request_of_text("<max>10</max><before/>") == PageRequest(10, before="")


@pytest.mark.parametrize("text", ["-1", "1.5", "", "many", "٣"])
def test_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MalformedStanzaError, match="whole number"):
        request_of_text(f"<max>{text}</max>")


def test_number_beyond_all_reason_is_a_large_one() -> None:
    assert request_of_text(f"<max>{'9' * 5000}</max>").maximum == 10**18


def test_page_in_two_directions_is_refused() -> None:
    with pytest.raises(MalformedStanzaError, match="one of"):
        request_of_text("<after>a</after><before>b</before>")


@pytest.mark.parametrize(
    ("request_", "start", "stop", "index"),
    [
        (PageRequest(), 0, 2, 0),
        (PageRequest(3), 0, 3, 0),
        (PageRequest(10**9), 0, 3, 0),
        (PageRequest(2, after="b"), 2, 4, 2),
        (PageRequest(2, after="d"), 4, 5, 4),
        (PageRequest(2, before="b"), 0, 1, 0),
        (PageRequest(2, before="d"), 1, 3, 1),
        (PageRequest(2, before=""), 3, 5, 3),
        (PageRequest(2, index=4), 4, 5, 4),
    ],
)
def test_page_is_cut(request_: PageRequest, start: int, stop: int, index: int) -> None:
    found = page(request_)

    assert found == Page(start, stop, ResultSet(IDS[start], IDS[stop - 1], 5, index))


@pytest.mark.parametrize(
    "request_",
    [
        PageRequest(0),
        PageRequest(after="e"),
        PageRequest(before="a"),
        PageRequest(index=5),
        PageRequest(index=10**18),
    ],
)
def test_empty_page_has_no_first_and_no_last(request_: PageRequest) -> None:
    """Section 2.2: "If there are no items in the page, then ... MUST NOT be included"."""
    found = page(request_)

    assert (found.start, found.result) == (found.stop, ResultSet(count=5))


@pytest.mark.parametrize("request_", [PageRequest(after="z"), PageRequest(before="z")])
def test_page_beside_an_unknown_item_is_not_found(request_: PageRequest) -> None:
    """Section 2.4: "MUST reply with an 'item-not-found' error"."""
    with pytest.raises(StanzaError) as refusal:
        page(request_)

    assert refusal.value.condition is StanzaCondition.ITEM_NOT_FOUND


@given(st.integers(0, 12), st.integers(1, 5))
def test_pages_in_a_row_are_the_whole_set_in_both_directions(total: int, size: int) -> None:
    ids = [f"id{number}" for number in range(total)]

    def walk(request: PageRequest) -> list[str]:
        found = page_of_list(ids, request, usual=size, most=size)
        cut = ids[found.start : found.stop]
        if not cut:
            return []
        if request.is_backwards:
            return [*walk(PageRequest(before=found.result.first)), *cut]
        return [*cut, *walk(PageRequest(after=found.result.last))]

    assert walk(PageRequest()) == ids
    assert walk(PageRequest(before="")) == ids


def test_other_elements_are_no_sets() -> None:
    other = fromstring("<set xmlns='urn:other'/>")  # noqa: S314 - our own text

    with pytest.raises(MalformedStanzaError, match="expected"):
        request_from_element(other)
    with pytest.raises(MalformedStanzaError, match="expected"):
        result_from_element(other)
