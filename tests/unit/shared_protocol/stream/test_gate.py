import pytest

from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM
from shared_protocol.stream.gate import Phase, allowed_elements, limits_of

STREAMS = "{http://etherx.jabber.org/streams}"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
SM = "{urn:xmpp:sm:3}"
CLIENT = "{jabber:client}"
ALWAYS = {f"{STREAMS}features", f"{STREAMS}error"}


@pytest.mark.parametrize(
    ("phase", "names"),
    [
        (Phase.IN_CLEAR, {f"{TLS}proceed", f"{TLS}failure"}),
        (Phase.BEFORE_LOGIN, {f"{SASL}challenge", f"{SASL}success", f"{SASL}failure"}),
        (Phase.LOGGED_IN, {f"{CLIENT}iq", f"{SM}resumed", f"{SM}failed"}),
    ],
)
def test_phase_lets_in_its_own_elements_only(phase: Phase, names: set[str]) -> None:
    """docs/security.md, section 3."""
    assert allowed_elements(phase) == ALWAYS | names


def test_bound_stream_lets_everything_in() -> None:
    assert allowed_elements(Phase.BOUND) is None


def test_server_may_send_little_before_login() -> None:
    assert [limits_of(phase) for phase in Phase] == [
        BEFORE_LOGIN,
        BEFORE_LOGIN,
        CLIENT_STREAM,
        CLIENT_STREAM,
    ]
