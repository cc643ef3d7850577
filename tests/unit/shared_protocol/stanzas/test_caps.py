from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from shared_protocol.errors import LocalProtocolError, MalformedStanzaError
from shared_protocol.stanzas.caps import (
    CAPS_ELEMENT,
    Capabilities,
    capabilities_of,
    from_element,
    is_genuine,
    to_element,
    verification_string,
)
from shared_protocol.stanzas.disco import DiscoField, DiscoForm, DiscoInfo, Identity
from shared_protocol.stanzas.presence import PRESENCE

FEATURES = (
    "http://jabber.org/protocol/muc",
    "http://jabber.org/protocol/disco#items",
    "http://jabber.org/protocol/caps",
    "http://jabber.org/protocol/disco#info",
)
EXODUS = DiscoInfo((Identity("client", "pc", "Exodus 0.9.1"),), FEATURES)
SOFTWARE = DiscoForm(
    ("urn:xmpp:dataforms:softwareinfo",),
    (
        DiscoField("software_version", ("0.11",)),
        DiscoField("os", ("Mac",)),
        DiscoField("ip_version", ("ipv6", "ipv4")),
        DiscoField("os_version", ("10.5.1",)),
        DiscoField("software", ("Psi",)),
    ),
)
PSI = DiscoInfo(
    (Identity("client", "pc", "Psi 0.11", "en"), Identity("client", "pc", "Ψ 0.11", "el")),
    FEATURES,
    forms=(SOFTWARE,),
)


def announced(info: DiscoInfo, hash_name: str = "sha-1") -> Capabilities:
    return Capabilities("http://code.example/psi", verification_string(info, hash_name), hash_name)


def test_simple_example_has_the_published_hash() -> None:  # XEP-0115, section 5.2
    assert verification_string(EXODUS) == "QgayPKawpkPSDYmwT/WM94uAlu0="


def test_complex_example_has_the_published_hash() -> None:  # XEP-0115, section 5.3
    assert verification_string(PSI) == "q07IKJEyjvHSyhy//CH0CxmKi8w="


@pytest.mark.parametrize("hash_name", ["sha-1", "sha-256", "sha-512"])
def test_true_announcement_is_genuine(hash_name: str) -> None:
    assert is_genuine(announced(PSI, hash_name), PSI)


@pytest.mark.parametrize(
    "info",
    [
        replace(EXODUS, features=(*FEATURES, "urn:xmpp:ping")),
        replace(EXODUS, identities=(Identity("client", "phone", "Exodus 0.9.1"),)),
    ],
)
def test_other_answer_than_announced_is_not_genuine(info: DiscoInfo) -> None:
    assert not is_genuine(announced(EXODUS), info)


@pytest.mark.parametrize(
    "info",
    [
        replace(PSI, identities=PSI.identities * 2),
        replace(PSI, features=PSI.features * 2),
        replace(PSI, forms=PSI.forms * 2),
        replace(PSI, forms=(replace(SOFTWARE, form_types=("a", "b")),)),
        replace(PSI, features=("urn:xmpp:ping<urn:xmpp:time",)),
    ],
)
def test_answer_that_is_not_well_formed_is_not_genuine(info: DiscoInfo) -> None:
    # XEP-0115, sections 5.4 and 8.1
    assert not is_genuine(announced(info), info)


def test_unknown_hash_is_never_genuine() -> None:
    assert not is_genuine(replace(announced(EXODUS), hash="md5"), EXODUS)


def test_unknown_hash_is_not_computed() -> None:
    with pytest.raises(LocalProtocolError, match="'md5'"):
        verification_string(EXODUS, "md5")


def test_version_beyond_ascii_is_not_genuine() -> None:
    assert not is_genuine(Capabilities("http://code.example/psi", "Ψ"), EXODUS)


def test_announcement_survives_a_round_trip() -> None:
    assert from_element(to_element(announced(EXODUS))) == announced(EXODUS)


def test_node_to_ask_for_joins_node_and_version() -> None:  # XEP-0115, section 6.2
    assert Capabilities("http://code.example/psi", "abc=").disco_node == (
        "http://code.example/psi#abc="
    )


@pytest.mark.parametrize("missing", ["node", "ver", "hash"])
def test_announcement_without_a_part_counts_as_none(missing: str) -> None:
    element = to_element(announced(EXODUS))
    del element.attrib[missing]
    presence = Element(PRESENCE)
    presence.append(element)

    assert capabilities_of(presence) is None
    with pytest.raises(MalformedStanzaError, match="node, ver and hash"):
        from_element(element)


def test_presence_without_an_announcement_has_none() -> None:
    assert capabilities_of(Element(PRESENCE)) is None


def test_other_element_is_refused() -> None:
    element = to_element(announced(EXODUS))
    element.tag = CAPS_ELEMENT.replace("}c", "}d")

    with pytest.raises(MalformedStanzaError):
        from_element(element)
