from shared_protocol.limits import CLIENT_STREAM
from shared_protocol.sasl.mechanisms import STRONGEST_FIRST
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.stream import features
from shared_protocol.xml.elements import element_of

SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
BINDING = "{urn:xmpp:sasl-cb:0}"


def test_starttls_is_required() -> None:
    """RFC 6120, section 5.4.1."""
    (starttls,) = element_of(features.stream_features(features.STARTTLS))

    assert starttls.tag == "{urn:ietf:params:xml:ns:xmpp-tls}starttls"
    assert [child.tag.rpartition("}")[2] for child in starttls] == ["required"]


def test_mechanisms_are_listed_with_what_they_bind_to() -> None:
    """XEP-0440."""
    offer = SaslOffer.of(STRONGEST_FIRST)
    listed, binding = element_of(
        features.stream_features(features.mechanisms(offer), features.channel_bindings(offer))
    )

    assert [one.text for one in listed.iter(f"{SASL}mechanism")] == list(STRONGEST_FIRST)
    assert [one.get("type") for one in binding.iter(f"{BINDING}channel-binding")] == [
        "tls-server-end-point"
    ]


def test_nothing_is_said_about_binding_where_no_mechanism_binds() -> None:
    assert features.channel_bindings(SaslOffer.of(["SCRAM-SHA-1"])) == b""


def test_features_after_login_are_those_of_the_contract() -> None:
    written = features.stream_features(
        features.BINDING, features.ROSTER, features.REGISTRATION, features.limits(CLIENT_STREAM)
    )

    assert [child.tag for child in element_of(written)] == [
        "{urn:ietf:params:xml:ns:xmpp-bind}bind",
        "{urn:ietf:params:xml:ns:xmpp-session}session",
        "{urn:xmpp:sm:3}sm",
        "{urn:xmpp:csi:0}csi",
        "{urn:xmpp:features:rosterver}ver",
        "{urn:xmpp:features:pre-approval}sub",
        "{http://jabber.org/features/iq-register}register",
        "{urn:xmpp:stream-limits:0}limits",
    ]


def test_size_of_a_stanza_is_announced() -> None:
    """XEP-0478."""
    limits = element_of(features.limits(CLIENT_STREAM))

    assert limits.findtext("{urn:xmpp:stream-limits:0}max-bytes") == "262144"
