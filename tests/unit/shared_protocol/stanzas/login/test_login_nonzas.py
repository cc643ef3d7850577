"""The nonzas of a login that does more: SASL2, Bind 2, tokens, upgrades of keys."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

import pytest

from shared_protocol.errors import MalformedStanzaError, SaslCondition, SaslError
from shared_protocol.namespaces import FAST, SASL2
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.stanzas.login import authentication, binding, tokens, upgrades
from shared_protocol.stanzas.login.authentication import Authenticate, Success, UserAgent
from shared_protocol.stanzas.login.binding import BindRequest
from shared_protocol.stanzas.login.tokens import Token
from shared_protocol.stanzas.login.upgrades import Continue, SaltedTask
from shared_protocol.xml.writer import serialise

DEVICE = "d4565fa7-4d72-4749-b3d3-740edbf87770"
AGENT = UserAgent(DEVICE, "Parlour", "Juliet's & Nurse's")


def parsed(text: str | bytes) -> Element:
    return fromstring(text)  # noqa: S314 - our own text


@pytest.mark.parametrize(
    "authenticate",
    [
        Authenticate("PLAIN"),
        Authenticate("PLAIN", b""),
        Authenticate("SCRAM-SHA-1", b"n,,n=romeo,r=rome"),
        Authenticate("SCRAM-SHA-1", None, AGENT),
        Authenticate("SCRAM-SHA-1", None, UserAgent(DEVICE)),
    ],
)
def test_request_is_read_as_it_was_written(authenticate: Authenticate) -> None:
    element = authentication.to_element(authenticate)

    assert authentication.from_element(parsed(serialise(element))) == authenticate


def test_what_else_is_wanted_is_kept_as_it_came() -> None:
    bind = binding.to_element(BindRequest("Orchard"))
    element = authentication.to_element(Authenticate("PLAIN", inline=(bind,)))

    read = authentication.from_element(parsed(serialise(element)))

    wanted = read.wanted(binding.BIND_REQUEST)
    assert wanted is not None
    assert binding.from_element(wanted) == BindRequest("Orchard")
    assert read.wanted("{urn:x}other") is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (DEVICE, DEVICE),
        (DEVICE.upper(), DEVICE),
        ("", ""),
        ("me", ""),
        (DEVICE.replace("-", ""), ""),
        (f"{{{DEVICE}}}", ""),
        (DEVICE + "\n", ""),
    ],
)
def test_id_of_a_user_agent_is_a_uuid(written: str, read: str) -> None:
    """XEP-0388, section 2.3: "UUID v4"; others are as if there was none."""
    element = Element(authentication.AUTHENTICATE, mechanism="PLAIN")
    agent = Element(f"{{{SASL2}}}user-agent", id=written)
    element.append(agent)

    assert authentication.from_element(element).user_agent == UserAgent(read)


def test_names_of_a_user_agent_are_cut() -> None:
    agent = UserAgent(DEVICE, "s" * 10_000, "d" * 10_000)

    read = authentication.from_element(
        authentication.to_element(Authenticate("PLAIN", user_agent=agent))
    )

    assert len(read.user_agent.software) == 200
    assert len(read.user_agent.device) == 200


@pytest.mark.parametrize("text", ["*", "YQ", "Y Q==", "ä"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    element = parsed(f"<response xmlns='{SASL2}'>{text}</response>")

    with pytest.raises(SaslError) as refused:
        authentication.data_of(element)

    assert refused.value.condition is SaslCondition.INCORRECT_ENCODING


def test_white_space_around_base64_is_passed_over() -> None:
    """As it stands in the examples of XEP-0480."""
    assert authentication.data_of(parsed("<response>\n  YQ==\n</response>")) == b"a"
    assert authentication.data_of(parsed("<response/>")) == b""


def test_success_is_read_as_it_was_written() -> None:
    written = authentication.success_bytes("a@b/c&d", b"v=abc", b"<x xmlns='urn:x'/>")

    read = authentication.success_from_element(parsed(written))

    assert (read.identifier, read.data) == ("a@b/c&d", b"v=abc")
    assert [one.tag for one in read.inline] == ["{urn:x}x"]
    bare = authentication.success_from_element(parsed(authentication.success_bytes("a@b", None)))
    assert bare == Success("a@b")


def test_bind_request_is_read_as_it_was_written() -> None:
    request = BindRequest("Orchard & more", (Element("{urn:xmpp:carbons:2}enable"),))

    read = binding.from_element(parsed(serialise(binding.to_element(request))))

    assert read.tag == request.tag
    assert [one.tag for one in read.features] == ["{urn:xmpp:carbons:2}enable"]
    assert binding.from_element(binding.to_element(BindRequest())) == BindRequest()


def test_others_are_refused() -> None:
    other = Element("{urn:x}other")

    for read in (
        authentication.from_element,
        authentication.success_from_element,
        binding.from_element,
        upgrades.continue_from_element,
    ):
        with pytest.raises(MalformedStanzaError):
            read(other)


def test_token_is_read_as_it_was_written() -> None:
    token = Token("WXZzciBwYmFmdmZnZi-_", datetime(2030, 3, 12, 14, 36, 15, tzinfo=UTC))

    written = tokens.token_bytes(token)

    assert b"expiry='2030-03-12T14:36:15Z'" in written
    assert tokens.from_element(parsed(written)) == token
    assert "WXZz" not in repr(token)


@pytest.mark.parametrize(
    "element", ["<x/>", f"<token xmlns='{FAST}'/>", f"<token xmlns='{FAST}' token='a' expiry='x'/>"]
)
def test_what_is_no_token_is_refused(element: str) -> None:
    with pytest.raises(MalformedStanzaError):
        tokens.from_element(parsed(element))


@pytest.mark.parametrize(
    ("value", "is_last"), [("1", True), ("true", True), ("0", False), ("false", False), ("", False)]
)
def test_last_use_of_a_token_is_said(value: str, *, is_last: bool) -> None:
    """XEP-0484, section 3.6."""
    assert tokens.is_last_use(parsed(f"<fast xmlns='{FAST}' invalidate='{value}'/>")) is is_last


def test_nothing_is_announced_without_mechanisms() -> None:
    assert tokens.feature_bytes([]) == b""
    feature = parsed(tokens.feature_bytes(["HT-SHA-256-ENDP", "HT-SHA-256-NONE"]))
    assert [one.text for one in feature] == ["HT-SHA-256-ENDP", "HT-SHA-256-NONE"]


@pytest.mark.parametrize("data", [None, b"v=abc"])
def test_task_is_read_as_it_was_written(data: bytes | None) -> None:
    wanted = Continue("UPGR-SCRAM-SHA-256", data)

    assert upgrades.continue_from_element(parsed(upgrades.continue_bytes(wanted))) == wanted


def test_what_a_client_is_ready_for_is_read() -> None:
    """XEP-0480, section 2.2: "one <upgrade> element for each task"."""
    feature = upgrades.feature_bytes([upgrades.task_of(one) for one in ScramHash])
    inline = tuple(parsed(b"<x>" + feature + b"<y/></x>"))

    assert upgrades.wanted_tasks(inline) == {"UPGR-SCRAM-SHA-1", "UPGR-SCRAM-SHA-256"}


def test_salt_and_hash_are_those_of_the_specification() -> None:
    """XEP-0480, section 3."""
    written = upgrades.salt_bytes(SaltedTask(b"A_O0BRQa6sek8bf_Z", 4_096))
    data = "<task-data><hash xmlns='urn:xmpp:scram-upgrade:0'>{}</hash></task-data>"

    salt = parsed(written)[0]
    assert (salt.tag, salt.get("iterations")) == ("{urn:xmpp:scram-upgrade:0}salt", "4096")
    assert upgrades.hash_of(parsed(data.format("\n  YQ==\n"))) == b"a"
    for refused in ("<task-data/>", data.format("%")):
        with pytest.raises(SaslError):
            upgrades.hash_of(parsed(refused))
