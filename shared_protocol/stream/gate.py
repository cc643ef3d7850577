"""What a client lets in, phase by phase: before it is logged in, no stanza exists for it.

Everything that a phase does not name closes the stream with ``not-authorized``.
"""

from enum import Enum, auto

from shared_protocol.limits import BEFORE_LOGIN, CLIENT_STREAM, StreamLimits
from shared_protocol.namespaces import CLIENT, SASL, STREAM_MANAGEMENT, STREAMS, TLS


class Phase(Enum):
    """Where the client's stream stands."""

    IN_CLEAR = auto()
    BEFORE_LOGIN = auto()
    LOGGED_IN = auto()
    BOUND = auto()


_ALWAYS = frozenset({f"{{{STREAMS}}}features", f"{{{STREAMS}}}error"})
_ALLOWED: dict[Phase, frozenset[str] | None] = {
    Phase.IN_CLEAR: _ALWAYS | {f"{{{TLS}}}proceed", f"{{{TLS}}}failure"},
    Phase.BEFORE_LOGIN: _ALWAYS
    | {f"{{{SASL}}}challenge", f"{{{SASL}}}success", f"{{{SASL}}}failure"},
    Phase.LOGGED_IN: _ALWAYS
    | {
        f"{{{CLIENT}}}iq",
        f"{{{STREAM_MANAGEMENT}}}resumed",
        f"{{{STREAM_MANAGEMENT}}}failed",
    },
    Phase.BOUND: None,
}


def allowed_elements(phase: Phase) -> frozenset[str] | None:
    """Return the first-level elements that exist in a phase; None for all."""
    return _ALLOWED[phase]


def limits_of(phase: Phase) -> StreamLimits:
    """Return what an element may cost in a phase."""
    return BEFORE_LOGIN if phase in {Phase.IN_CLEAR, Phase.BEFORE_LOGIN} else CLIENT_STREAM
