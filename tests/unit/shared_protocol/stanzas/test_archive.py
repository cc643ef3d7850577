from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.stanzas import archive, archive_preferences
from shared_protocol.stanzas.archive import (
    ArchivedMessage,
    ArchiveEdge,
    ArchiveFilter,
    ArchiveFin,
    ArchiveMetadata,
    ArchiveQuery,
)
from shared_protocol.stanzas.archive_preferences import ArchiveDefault, ArchivePreferences
from shared_protocol.stanzas.data_forms import form_of
from shared_protocol.stanzas.delay import Delay
from shared_protocol.stanzas.result_sets import PageRequest, ResultSet
from tests.unit.shared_protocol.stanzas.stanza_values import JIDS, MOMENTS, NAMES, TEXTS

FILTERS = st.builds(
    ArchiveFilter,
    st.none() | JIDS,
    st.none() | MOMENTS,
    st.none() | MOMENTS,
    TEXTS,
    TEXTS,
    st.lists(NAMES, max_size=3, unique=True).map(tuple),
    st.none() | st.booleans(),
)
QUERIES = st.builds(
    ArchiveQuery,
    TEXTS,
    FILTERS,
    st.builds(PageRequest, st.none() | st.integers(0, 300)),
    st.booleans(),
    TEXTS,
)
EDGES = st.none() | st.builds(ArchiveEdge, NAMES, MOMENTS)
PREFERENCES = st.builds(
    ArchivePreferences,
    st.sampled_from(ArchiveDefault),
    st.lists(JIDS, max_size=3, unique=True).map(tuple),
    st.lists(JIDS, max_size=3, unique=True).map(tuple),
)


@given(QUERIES)
def test_query_survives_a_round_trip(query: ArchiveQuery) -> None:
    assert archive.query_from_element(archive.query_to_element(query)) == query


@given(st.builds(ArchiveFin, st.builds(ResultSet, NAMES, NAMES), st.booleans(), st.booleans()))
def test_end_survives_a_round_trip(fin: ArchiveFin) -> None:
    assert archive.fin_from_element(archive.fin_to_element(fin)) == fin


@given(st.builds(ArchiveMetadata, EDGES, EDGES))
def test_metadata_survives_a_round_trip(metadata: ArchiveMetadata) -> None:
    assert archive.metadata_from_element(archive.metadata_to_element(metadata)) == metadata


@given(PREFERENCES)
def test_preferences_survive_a_round_trip(preferences: ArchivePreferences) -> None:
    element = archive_preferences.to_element(preferences)

    assert archive_preferences.from_element(element) == preferences


@given(NAMES, MOMENTS, TEXTS)
def test_result_is_read_as_it_was_written(archive_id: str, moment: datetime, query_id: str) -> None:
    stanza = b"<message xmlns='jabber:client' id='1'><body>Hail to thee</body></message>"
    payload = archive.result_bytes(archive_id, moment, stanza, query_id=query_id)
    message = fromstring(b"<message xmlns='jabber:client'>%b</message>" % payload)  # noqa: S314

    found = archive.result_from_element(message)

    assert found is not None
    assert found.message is not None
    assert found.message.findtext("{jabber:client}body") == "Hail to thee"
    expected = ArchivedMessage(archive_id, found.message, Delay(moment), query_id)
    assert found == expected


def query_with(fields: str, form_type: str = "urn:xmpp:mam:2") -> ArchiveQuery:
    text = (
        "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>"
        f"<field var='FORM_TYPE'><value>{form_type}</value></field>{fields}</x></query>"
    )
    return archive.query_from_element(fromstring(text))  # noqa: S314 - our own text


def test_unknown_field_is_not_implemented() -> None:
    """XEP-0313, section 4.1.5: "the server MUST respond with a 'feature-not-implemented' error"."""
    with pytest.raises(StanzaError, match="mood") as refusal:
        query_with("<field var='mood'><value>lonely</value></field>")

    assert refusal.value.condition is StanzaCondition.FEATURE_NOT_IMPLEMENTED


@pytest.mark.parametrize(
    "fields",
    [
        "<field var='with'><value>a@b@c</value></field>",
        "<field var='start'><value>yesterday</value></field>",
        "<field var='end'><value>2010-13-01T00:00:00Z</value></field>",
    ],
)
def test_field_that_cannot_be_read_is_malformed(fields: str) -> None:
    with pytest.raises(MalformedStanzaError):
        query_with(fields)


def test_form_of_another_type_is_malformed() -> None:
    """Section 4.1: FORM_TYPE "MUST be set to this protocol's namespace"."""
    with pytest.raises(MalformedStanzaError, match="urn:xmpp:mam:2"):
        query_with("", "urn:other")


def test_form_requires_nothing_and_takes_any_id() -> None:
    """Section 4.1: "MUST NOT mark any fields ... as being required"; 4.1.5: ids are open."""
    form = form_of(archive.form_element())

    assert form is not None
    assert not any(field.is_required for field in form.fields)
    assert [field.var for field in form.fields if field.is_open] == ["ids"]


def test_bare_query_asks_for_everything() -> None:
    assert archive.query_from_element(Element(archive.QUERY)) == ArchiveQuery()


def test_message_without_a_result_brings_none() -> None:
    assert archive.result_from_element(Element("{jabber:client}message")) is None


def test_message_that_the_archive_holds_no_more_keeps_its_id() -> None:
    """Section 3.2: "may omit the <message> stanza from inside the <forwarded> element"."""
    message = Element("{jabber:client}message")
    result = SubElement(message, archive.RESULT, id="28482-98726-73623")
    SubElement(result, archive.FORWARDED)

    assert archive.result_from_element(message) == ArchivedMessage("28482-98726-73623", None)


@pytest.mark.parametrize("attributes", [{}, {"id": "28482-98726-73623"}])
def test_result_without_id_or_content_is_malformed(attributes: dict[str, str]) -> None:
    message = Element("{jabber:client}message")
    SubElement(message, archive.RESULT, attributes)

    with pytest.raises(MalformedStanzaError, match="result"):
        archive.result_from_element(message)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (archive.query_from_element, "<query xmlns='urn:other'/>"),
        (archive.fin_from_element, "<query xmlns='urn:xmpp:mam:2'/>"),
        (archive.fin_from_element, "<fin xmlns='urn:xmpp:mam:2'/>"),
        (archive.metadata_from_element, "<metadata xmlns='urn:xmpp:mam:2'><start/></metadata>"),
        (archive.metadata_from_element, "<fin xmlns='urn:xmpp:mam:2'/>"),
        (archive_preferences.from_element, "<prefs xmlns='urn:xmpp:mam:2'/>"),
        (archive_preferences.from_element, "<prefs xmlns='urn:xmpp:mam:2' default='maybe'/>"),
        (
            archive_preferences.from_element,
            "<prefs xmlns='urn:xmpp:mam:2' default='never'><always><jid/></always></prefs>",
        ),
    ],
)
def test_other_forms_are_refused(read: Callable[[Element], object], text: str) -> None:
    with pytest.raises(MalformedStanzaError):
        read(fromstring(text))  # noqa: S314 - our own text


def test_moment_is_written_in_utc() -> None:
    moment = datetime(2010, 7, 10, 23, 8, 25, tzinfo=UTC)

    payload = archive.result_bytes("1", moment, b"<message xmlns='jabber:client'/>")

    assert b"stamp='2010-07-10T23:08:25Z'" in payload
    assert b"queryid" not in payload
