"""What a server announces at the beginnings of a client's stream (RFC 6120, section 4.3.2)."""

from collections.abc import Iterable

from shared_protocol.limits import StreamLimits
from shared_protocol.namespaces import (
    BIND,
    CLIENT_STATE,
    REGISTRATION_FEATURE,
    ROSTER_VERSIONING,
    SASL,
    SASL_CHANNEL_BINDING,
    SESSION,
    STREAM_LIMITS,
    STREAM_MANAGEMENT,
    SUBSCRIPTION_PRE_APPROVAL,
    TLS,
)
from shared_protocol.sasl.channel_binding import TLS_SERVER_END_POINT
from shared_protocol.sasl.mechanisms import is_plus
from shared_protocol.xml.writer import attribute

STARTTLS = f"<starttls xmlns='{TLS}'><required/></starttls>".encode()
BINDING = (
    f"<bind xmlns='{BIND}'/><session xmlns='{SESSION}'><optional/></session>"
    f"<sm xmlns='{STREAM_MANAGEMENT}'/><csi xmlns='{CLIENT_STATE}'/>"
).encode()

ROSTER = (  # RFC 6121, sections 2.6.1 and 3.4.5
    f"<ver xmlns='{ROSTER_VERSIONING}'/><sub xmlns='{SUBSCRIPTION_PRE_APPROVAL}'/>"
).encode()
REGISTRATION = f"<register xmlns='{REGISTRATION_FEATURE}'/>".encode()


def mechanisms(names: Iterable[str]) -> bytes:
    """Write the SASL mechanisms, and what -PLUS binds to (XEP-0440)."""
    offered = tuple(names)
    written = "".join(f"<mechanism>{name}</mechanism>" for name in offered)
    feature = f"<mechanisms xmlns='{SASL}'>{written}</mechanisms>"
    if any(map(is_plus, offered)):
        feature += (
            f"<sasl-channel-binding xmlns='{SASL_CHANNEL_BINDING}'>"
            f"<channel-binding{attribute('type', TLS_SERVER_END_POINT)}/></sasl-channel-binding>"
        )
    return feature.encode()


def limits(stream_limits: StreamLimits) -> bytes:
    """Write what a stanza may weigh (XEP-0478)."""
    return (
        f"<limits xmlns='{STREAM_LIMITS}'>"
        f"<max-bytes>{stream_limits.stanza_bytes}</max-bytes></limits>"
    ).encode()


def stream_features(*parts: bytes) -> bytes:
    """Put the parts into one ``<stream:features/>``."""
    return b"<stream:features>" + b"".join(parts) + b"</stream:features>"
