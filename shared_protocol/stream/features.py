"""What a server announces at the beginnings of a client's stream (RFC 6120, section 4.3.2)."""

from collections.abc import Iterable

from shared_protocol.limits import StreamLimits
from shared_protocol.namespaces import (
    BIND,
    BIND2,
    CLIENT_STATE,
    REGISTRATION_FEATURE,
    ROSTER_VERSIONING,
    SASL,
    SASL2,
    SASL_CHANNEL_BINDING,
    SESSION,
    STREAM_LIMITS,
    STREAM_MANAGEMENT,
    SUBSCRIPTION_PRE_APPROVAL,
    TLS,
)
from shared_protocol.sasl.offer import SaslOffer
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


def mechanisms(offer: SaslOffer) -> bytes:
    """Write the SASL mechanisms (RFC 6120, section 6.4.1)."""
    written = "".join(f"<mechanism>{name}</mechanism>" for name in offer.mechanisms)
    return f"<mechanisms xmlns='{SASL}'>{written}</mechanisms>".encode()


def authentication(
    offer: SaslOffer, at_binding: Iterable[str] = (), inline: bytes = b"", tasks: bytes = b""
) -> bytes:
    """Write the mechanisms of the extensible profile, and what can be done within its login.

    Args:
        offer: What may be logged in with.
        at_binding: What a session may begin with, by namespace (XEP-0386).
        inline: What else is done within the login, written.
        tasks: What may follow it, written.
    """
    written = "".join(f"<mechanism>{name}</mechanism>" for name in offer.mechanisms)
    names = "".join(f"<feature{attribute('var', name)}/>" for name in at_binding)
    return (
        (
            f"<authentication xmlns='{SASL2}'>{written}<inline><sm xmlns='{STREAM_MANAGEMENT}'/>"
            f"<bind xmlns='{BIND2}'><inline>{names}</inline></bind>"
        ).encode()
        + inline
        + b"</inline>"
        + tasks
        + b"</authentication>"
    )


def channel_bindings(offer: SaslOffer) -> bytes:
    """Write what -PLUS binds to (XEP-0440); nothing if nothing binds."""
    if not offer.bindings:
        return b""
    written = "".join(f"<channel-binding{attribute('type', name)}/>" for name in offer.bindings)
    feature = f"<sasl-channel-binding xmlns='{SASL_CHANNEL_BINDING}'>{written}"
    return f"{feature}</sasl-channel-binding>".encode()


def limits(stream_limits: StreamLimits) -> bytes:
    """Write what a stanza may weigh (XEP-0478)."""
    return (
        f"<limits xmlns='{STREAM_LIMITS}'>"
        f"<max-bytes>{stream_limits.stanza_bytes}</max-bytes></limits>"
    ).encode()


def stream_features(*parts: bytes) -> bytes:
    """Put the parts into one ``<stream:features/>``."""
    return b"<stream:features>" + b"".join(parts) + b"</stream:features>"
