"""The table of routes."""

from http import HTTPStatus

import pytest

from embedded_server.network.http.messages import HttpError, HttpRequest, HttpResponse
from embedded_server.network.http.routes import Access, HttpRoutes, Route, methods_of


async def answer(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_named_parts_are_decoded_after_the_path_is_cut() -> None:
    routes = HttpRoutes()
    routes.add(Route("GET", "/files/{id}/{name}", Access.WHO_KNOWS_THE_ADDRESS, answer))

    found, named = routes.find("/files/7/tr%C3%A8s%20cool%2F.jpg")

    assert methods_of(found) == ("GET", "HEAD", "OPTIONS")
    assert named == {"id": "7", "name": "très cool/.jpg"}


@pytest.mark.parametrize("path", ["/", "/files/7", "/files//a", "/files/7/a/b", "files/7/a", ""])
def test_other_paths_are_not_found(path: str) -> None:
    routes = HttpRoutes()
    routes.add(Route("GET", "/files/{id}/{name}", Access.ANYONE, answer))

    with pytest.raises(HttpError) as caught:
        routes.find(path)

    assert caught.value.status is HTTPStatus.NOT_FOUND


def test_a_route_is_taken_once_and_can_be_given_back() -> None:
    routes = HttpRoutes()
    take_back = routes.add(Route("GET", "/a", Access.ANYONE, answer))
    with pytest.raises(ValueError, match="has a handler already"):
        routes.add(Route("GET", "/a", Access.ANYONE, answer))

    take_back()

    assert list(routes) == []
    with pytest.raises(HttpError):
        routes.find("/a")
