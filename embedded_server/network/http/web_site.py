"""What one host shows over HTTPS: its routes, and the address where others reach them."""

from urllib.parse import urlsplit

import idna

from embedded_server.network.http.routes import HttpRoutes

WEBSOCKET_PATH = "/xmpp-websocket"
BOSH_PATH = "/http-bind"
_USUAL_PORT = 443


class WebSite:
    """The routes of a host and their addresses.

    Attributes:
        routes: Where modules register theirs.
        origins: Of which other pages scripts may chat through this server; ``*`` for all.

    Args of the constructor:
        domain: A name that the server's certificate covers.
        public_url: Where others reach it, if that is not the domain and the server's own port, as
            ``https://chat.example.com``.
    """

    def __init__(
        self, domain: str, *, public_url: str = "", origins: frozenset[str] = frozenset()
    ) -> None:
        self.routes = HttpRoutes()
        self.origins = origins
        self._domain = domain
        self._public_url = public_url.rstrip("/")
        self._port = 0

    @property
    def name(self) -> str:
        """The name in its addresses, in ASCII."""
        host = urlsplit(self._public_url).hostname if self._public_url else None
        return host or _in_ascii(self._domain)

    @property
    def is_open(self) -> bool:
        """Whether it can be reached."""
        return bool(self._port)

    def listens_on(self, port: int) -> None:
        """Take note of the port; before that there are no addresses. 0 says that it is closed."""
        self._port = port

    def url(self, path: str) -> str:
        """Return the whole address of a path, which begins with a slash and is encoded."""
        return self._base + path

    @property
    def websocket_url(self) -> str:
        """Where clients open a WebSocket (RFC 7395); empty if they cannot."""
        return self._url_if_served(WEBSOCKET_PATH).replace("https:", "wss:", 1)

    @property
    def bosh_url(self) -> str:
        """Where clients begin by BOSH (XEP-0124); empty if they cannot."""
        return self._url_if_served(BOSH_PATH)

    def _url_if_served(self, path: str) -> str:
        return self.url(path) if any(one.pattern == path for one in self.routes) else ""

    @property
    def _base(self) -> str:
        if self._public_url:
            return self._public_url
        port = "" if self._port == _USUAL_PORT else f":{self._port}"
        return f"https://{self.name}{port}"


def _in_ascii(domain: str) -> str:
    """Write a domain as it stands in certificates and addresses (RFC 5891)."""
    return domain if domain.isascii() else idna.encode(domain).decode("ascii")
