"""Which handler answers which path: the one door for all that the server says over HTTP.

Every route declares who may use it, so that none is open by oversight; a test lists them.
"""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from embedded_server.network.http.messages import (
    Cors,
    HttpError,
    HttpRequest,
    HttpResponse,
    Upgrade,
)

Answer = HttpResponse | Upgrade
Handler = Callable[[HttpRequest], Coroutine[Any, Any, Answer]]


class Access(Enum):
    """Who may use a route."""

    ANYONE = "everybody: what it tells is public"
    WHO_KNOWS_THE_ADDRESS = "whoever was given its unguessable address"
    LOGIN_INSIDE = "everybody; what is inside asks for a login of its own"


@dataclass(frozen=True, slots=True)
class Route:
    """One entry.

    Attributes:
        method: ``GET`` answers ``HEAD`` as well.
        pattern: ``/upload/{id}/{name}``: a part in braces stands for any one part of a path.
        access: Who may use it.
        handle: Answers; raises ``HttpError``.
        cors: What pages of other origins may do with it; None for nothing.
    """

    method: str
    pattern: str
    access: Access
    handle: Handler
    cors: Cors | None = None


class HttpRoutes:
    """All routes of a server."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, ...], dict[str, Route]] = {}

    def __iter__(self) -> Iterator[Route]:
        return iter([one for routes in self._routes.values() for one in routes.values()])

    def add(self, *routes: Route) -> Callable[[], None]:
        """Register routes; returns the function that takes them out.

        Raises:
            ValueError: A method of such a pattern is taken.
        """
        for route in routes:
            at_pattern = self._routes.setdefault(_parts(route.pattern), {})
            if route.method in at_pattern:
                message = f"{route.method} {route.pattern} has a handler already"
                raise ValueError(message)
            at_pattern[route.method] = route

        def take_back() -> None:
            for route in routes:
                self._routes.get(_parts(route.pattern), {}).pop(route.method, None)

        return take_back

    def find(self, path: str) -> tuple[Mapping[str, Route], Mapping[str, str]]:
        """Return the routes of a path by method, and the named parts of the path, decoded.

        Raises:
            HttpError: There are none, or the path is none.
        """
        parts = _parts(path)
        for pattern, routes in self._routes.items():
            if routes and len(pattern) == len(parts) and all(map(_fits, pattern, parts)):
                named = {
                    place[1:-1]: _decoded(part)
                    for place, part in zip(pattern, parts, strict=True)
                    if place.startswith("{")
                }
                return routes, named
        raise HttpError(HTTPStatus.NOT_FOUND)


def methods_of(routes: Mapping[str, Route]) -> tuple[str, ...]:
    """Return what a path can be asked for."""
    implied = {"OPTIONS"} | ({"HEAD"} if "GET" in routes else set())
    return tuple(sorted(set(routes) | implied))


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")[1:])


def _fits(place: str, part: str) -> bool:
    return place == part or (place.startswith("{") and bool(part))


def _decoded(part: str) -> str:
    """Decode one part of a path, after it was cut out: an encoded slash never parts anything."""
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError as error:
        raise HttpError(HTTPStatus.BAD_REQUEST, "The address is not UTF-8.") from error
