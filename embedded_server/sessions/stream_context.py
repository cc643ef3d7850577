"""What all client streams of one host share."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.tls import ServerTls
from embedded_server.sessions.continuity.session_keeper import SessionKeeper
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.idle_parsers import IDLE_SECONDS, IdleParsers
from embedded_server.sessions.login_throttle import LoginThrottle
from embedded_server.sessions.stream_host import StreamAccounts, StreamHost, StreamTokens
from embedded_server.sessions.task_owner import TaskOwner
from shared_protocol.limits import (
    BEFORE_LOGIN,
    CLIENT_STREAM,
    AcknowledgementLimits,
    ConnectionLimits,
    LoginLimits,
    RateLimits,
    StreamLimits,
)
from shared_protocol.sasl.mechanisms import STRONGEST_FIRST

_NEGOTIATION_SECONDS = ConnectionLimits().negotiation_seconds
_SECRET_BYTES = 32


def _random_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What an office may set for its streams.

    Attributes:
        mechanisms: Offered for login, strongest first.
        most_resources: How many sessions an account may have (RFC 6120, section 7.7.2.4).
        parser_seconds: How long a session keeps its parser while it is silent; up to three times.
        fake_salt_secret: Makes the salts of accounts that do not exist. Keep it over restarts, else
            a salt that changes tells who does not exist (section 13.11).
    """

    before_login: StreamLimits = BEFORE_LOGIN
    client: StreamLimits = CLIENT_STREAM
    rates: RateLimits = field(default_factory=RateLimits)
    logins: LoginLimits = field(default_factory=LoginLimits)
    acknowledgements: AcknowledgementLimits = field(default_factory=AcknowledgementLimits)
    negotiation_seconds: float = _NEGOTIATION_SECONDS
    mechanisms: tuple[str, ...] = STRONGEST_FIRST
    most_resources: int = 100
    parser_seconds: float = IDLE_SECONDS
    fake_salt_secret: bytes = field(default_factory=_random_secret, repr=False)


@dataclass(frozen=True, slots=True)
class StreamContext:
    """The surroundings of a stream.

    Attributes:
        tls: Returns what STARTTLS begins with.
    """

    network: NetworkLoop
    host: StreamHost
    accounts: StreamAccounts
    tokens: StreamTokens
    directory: SessionDirectory
    keeper: SessionKeeper
    tls: Callable[[], ServerTls]
    settings: StreamSettings
    throttle: LoginThrottle
    parsers: IdleParsers
    tasks: TaskOwner
