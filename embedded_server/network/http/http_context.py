"""What all HTTP connections of one server share."""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from embedded_server.network.http.names import ServedNames
from embedded_server.network.http.routes import HttpRoutes
from embedded_server.network.network_loop import NetworkLoop
from shared_protocol.limits import HttpLimits

Spawn = Callable[[Coroutine[Any, Any, None], str], None]


@dataclass(frozen=True, slots=True)
class HttpContext:
    """The surroundings of a connection.

    Attributes:
        spawn: Owns the task of a handler.
        clock: Seconds since 1970, for the answers' date.
    """

    network: NetworkLoop
    routes: HttpRoutes
    names: ServedNames
    spawn: Spawn
    limits: HttpLimits = field(default_factory=HttpLimits)
    clock: Callable[[], float] = time.time
