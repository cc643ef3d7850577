from xml.etree.ElementTree import Element, SubElement

import pytest

from shared_protocol.errors import ErrorType, MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import STANZA_ERRORS
from shared_protocol.stanzas.entity import ping
from shared_protocol.stanzas.iq import (
    ERROR,
    IQ,
    IqType,
    error_from_element,
    error_to_element,
    failure,
    payload_of,
    request,
    result,
    type_of,
)

ASKED = request(IqType.GET, "q1", ping.to_element(), "montague.lit")
ASKED.set("from", "romeo@montague.lit/orchard")


def test_request_carries_its_payload() -> None:
    payload = payload_of(ASKED)

    assert type_of(ASKED) is IqType.GET
    assert payload is not None
    assert ping.is_ping(payload)


def test_request_to_the_own_account_has_no_address() -> None:
    assert request(IqType.SET, "q1", ping.to_element()).attrib == {"id": "q1", "type": "set"}


def test_result_mirrors_the_id_and_swaps_the_addresses() -> None:  # RFC 6120, section 8.2.3
    answer = result(ASKED, Element("payload"))

    assert answer.attrib == {
        "id": "q1",
        "type": "result",
        "to": "romeo@montague.lit/orchard",
        "from": "montague.lit",
    }
    assert [child.tag for child in answer] == ["payload"]


def test_result_for_the_own_account_has_no_addresses() -> None:
    answer = result(request(IqType.GET, "q1", ping.to_element()))

    assert answer.attrib == {"id": "q1", "type": "result"}


def test_result_may_be_empty() -> None:
    assert payload_of(result(ASKED)) is None


def test_failure_repeats_nothing_of_the_request() -> None:
    answer = failure(ASKED, StanzaError(StanzaCondition.SERVICE_UNAVAILABLE))

    assert answer.get("type") == "error"
    assert [child.tag for child in answer] == [ERROR]
    assert payload_of(answer) is None


def test_detail_of_an_application_survives_a_round_trip() -> None:  # RFC 6120, section 8.3.4
    detail = b"<closed-node xmlns='http://jabber.org/protocol/pubsub#errors'/>"
    error = StanzaError(StanzaCondition.NOT_ALLOWED, "O woe!", detail=detail)

    assert error_from_element(failure(ASKED, error)).detail == detail


@pytest.mark.parametrize("condition", StanzaCondition)
def test_error_survives_a_round_trip(condition: StanzaCondition) -> None:
    error = StanzaError(condition, "O woe!", error_type=ErrorType.CONTINUE, by="montague.lit")

    again = error_from_element(failure(ASKED, error))

    assert (again.condition, again.text, again.type, again.by) == (
        condition,
        "O woe!",
        ErrorType.CONTINUE,
        "montague.lit",
    )


def test_plain_error_has_type_and_condition_only() -> None:
    element = error_to_element(StanzaError(StanzaCondition.BAD_REQUEST))

    assert element.attrib == {"type": "modify"}
    assert [child.tag for child in element] == [f"{{{STANZA_ERRORS}}}bad-request"]


def test_error_that_cannot_be_read_is_undefined() -> None:
    empty = Element(IQ, id="q1", type="error")
    strange = Element(IQ, id="q1", type="error")
    SubElement(SubElement(strange, ERROR, type="fatal"), "{urn:strange}bad-request")

    for stanza in (empty, strange):
        error = error_from_element(stanza)
        assert error.condition is StanzaCondition.UNDEFINED_CONDITION
        assert error.type is ErrorType.CANCEL


@pytest.mark.parametrize(
    "stanza",
    [
        Element(IQ, type="get"),
        Element(IQ, id="", type="get"),
        Element(IQ, id="q1"),
        Element(IQ, id="q1", type="ask"),
        Element("iq", id="q1", type="get"),
    ],
)
def test_iq_without_id_or_known_type_is_refused(stanza: Element) -> None:
    # RFC 6120, section 8.2.3
    with pytest.raises(MalformedStanzaError, match="id and type"):
        payload_of(stanza)


@pytest.mark.parametrize(("kind", "count"), [("get", 0), ("set", 2), ("result", 2)])
def test_wrong_number_of_payloads_is_refused(kind: str, count: int) -> None:
    stanza = Element(IQ, id="q1", type=kind)
    stanza.extend(ping.to_element() for _ in range(count))

    with pytest.raises(MalformedStanzaError, match="one payload"):
        payload_of(stanza)
