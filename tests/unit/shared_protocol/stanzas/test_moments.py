"""Delays (XEP-0203) and clocks (XEP-0202), which share the profile of dates of XEP-0082."""

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas import delay
from shared_protocol.stanzas.delay import Delay, moment_from_text, moment_to_text
from shared_protocol.stanzas.entity import entity_time
from shared_protocol.stanzas.entity.entity_time import EntityTime
from tests.unit.shared_protocol.stanzas.stanza_values import MOMENTS, TEXTS

OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timedelta(minutes=minutes))


@given(st.builds(Delay, MOMENTS, TEXTS, TEXTS))
def test_delay_survives_a_round_trip(value: Delay) -> None:
    assert delay.from_element(delay.to_element(value)) == value


@given(st.builds(EntityTime, MOMENTS, OFFSETS))
def test_time_survives_a_round_trip(value: EntityTime) -> None:
    assert entity_time.from_element(entity_time.to_element(value)) == value


def test_question_for_the_time_is_empty() -> None:
    assert len(entity_time.to_element()) == 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2002-09-10T23:08:25Z", datetime(2002, 9, 10, 23, 8, 25, tzinfo=UTC)),
        ("2002-09-10T23:08:25.5Z", datetime(2002, 9, 10, 23, 8, 25, 500_000, tzinfo=UTC)),
        ("2002-09-10T23:08:25.1234567Z", datetime(2002, 9, 10, 23, 8, 25, 123_456, tzinfo=UTC)),
        ("2002-09-10T18:08:25-05:00", datetime(2002, 9, 10, 23, 8, 25, tzinfo=UTC)),
    ],
)
def test_moment_is_read_as_utc(text: str, moment: datetime) -> None:  # XEP-0082, section 3.2
    assert moment_from_text(text) == moment
    assert moment_from_text(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2002-09-10",
        "2002-09-10T23:08:25",
        "20020910T23:08:25",
        "2002-W37-2T23:08:25Z",
        "2002-13-10T23:08:25Z",
        "2002-09-10T23:08:61Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2002-09-10T23:08:25+99:99",
        "٢٠٠٢-09-10T23:08:25Z",
    ],
)
def test_moment_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MalformedStanzaError, match="moment"):
        moment_from_text(text)


def test_moment_of_another_zone_is_written_in_utc() -> None:
    moment = datetime.fromisoformat("2002-09-10T18:08:25.123456-05:00")

    assert moment_to_text(moment) == "2002-09-10T23:08:25.123Z"


@pytest.mark.parametrize("text", ["", "Zulu", "6:00", "-0600", "+24:00", "-06:60"])
def test_offset_that_is_none_is_refused(text: str) -> None:
    element = entity_time.to_element(EntityTime(datetime(2002, 9, 10, tzinfo=UTC)))
    element[0].text = text

    with pytest.raises(MalformedStanzaError, match="offset"):
        entity_time.from_element(element)


def test_offset_may_be_the_letter_for_utc() -> None:
    element = Element(entity_time.TIME)
    SubElement(element, "{urn:xmpp:time}tzo").text = "Z"
    SubElement(element, "{urn:xmpp:time}utc").text = "2006-12-19T17:58:35Z"

    assert entity_time.from_element(element).offset == timedelta()


@pytest.mark.parametrize("read", [delay.from_element, entity_time.from_element])
def test_other_element_is_refused(read) -> None:  # noqa: ANN001 - two readers
    with pytest.raises(MalformedStanzaError, match="expected"):
        read(Element("time"))
