"""From the head of a request to its handler: what is refused before anything is done.

Sources: RFC 9110 and RFC 9112; the Fetch standard for requests of pages.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

import h11

from embedded_server.network.http.messages import HttpError, HttpRequest, HttpResponse
from embedded_server.network.http.names import ServedNames
from embedded_server.network.http.routes import Route, methods_of

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_SCHEME = "https://"


class Target(NamedTuple):
    """Where a request goes to.

    Attributes:
        authority: Name and port, in lower case.
    """

    authority: str
    path: str
    query: str


def target_of(request: h11.Request, names: ServedNames) -> Target:
    """Read the target of a request, and check by which name it came.

    Raises:
        HttpError: It has none that is served here, or two ways of framing at once.
    """
    fields = [name for name, _ in request.headers]
    if b"content-length" in fields and b"transfer-encoding" in fields:
        # RFC 9112, section 6.1: what lies in front may see another end of the request.
        raise HttpError(HTTPStatus.BAD_REQUEST)
    target = request.target.decode("ascii")
    authority = next((value for name, value in request.headers if name == b"host"), b"").decode(
        "latin-1"
    )
    if target.lower().startswith(_SCHEME):  # RFC 9112, section 3.2.2
        authority, slash, rest = target[len(_SCHEME) :].partition("/")
        target = slash + rest or "/"
    if not names.host_of(authority):
        raise HttpError(HTTPStatus.MISDIRECTED_REQUEST, "This name is not served here.")
    path, _, query = target.partition("?")
    if not path.startswith("/"):
        raise HttpError(HTTPStatus.BAD_REQUEST)
    return Target(authority.strip().lower(), path, query)


def chosen_route(routes: Mapping[str, Route], request: HttpRequest) -> Route:
    """Return who answers a request.

    Args:
        routes: Those of its path, by method.
        request: Of any method but ``OPTIONS``.

    Raises:
        HttpError: Nobody does, or not to a page of this origin.
    """
    route = routes.get("GET" if request.method == "HEAD" else request.method)
    if route is None:
        allowed = ", ".join(methods_of(routes))
        raise HttpError(HTTPStatus.METHOD_NOT_ALLOWED, headers=[("Allow", allowed)])
    # Browsers ask before they send, but only for some requests.
    origin = request.foreign_origin
    is_allowed = not origin or (route.cors is not None and route.cors.allows(origin))
    if request.method not in _SAFE_METHODS and not is_allowed:
        raise HttpError(HTTPStatus.FORBIDDEN, "Pages of this origin may not do that.")
    return route


def options_answer(routes: Mapping[str, Route], request: HttpRequest) -> HttpResponse:
    """Tell what a path can be asked for, and by pages of which origin (Fetch, 3.2.2)."""
    wanted = request.headers.get("access-control-request-method")
    route = routes.get("GET" if wanted == "HEAD" else wanted)
    origin, methods = request.foreign_origin, methods_of(routes)
    headers = [("Allow", ", ".join(methods))]
    if route is not None and route.cors is not None:
        headers += route.cors.answer_headers(origin)
        if route.cors.allows(origin):
            headers += route.cors.preflight_headers(methods)
    return HttpResponse(HTTPStatus.NO_CONTENT, headers)
