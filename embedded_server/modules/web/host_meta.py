"""Other ways to connect, told over HTTPS (XEP-0156 1.4.0, RFC 6415).

Never by DNS: what a TXT record says can be forged, and leads a client to a foreign server.
"""

import json
from xml.sax.saxutils import quoteattr

from embedded_server.plugin_api import (
    Attachments,
    Cors,
    HttpAccess,
    HttpRequest,
    HttpResponse,
    ModuleHost,
    Route,
)

_XRD = "http://docs.oasis-open.org/ns/xri/xrd-1.0"
_WEBSOCKET = "urn:xmpp:alt-connections:websocket"
_BOSH = "urn:xmpp:alt-connections:xbosh"
_PATH = "/.well-known/host-meta"


class HostMetaModule:
    """Lists WebSocket and BOSH, as XML and as JSON."""

    def __init__(self) -> None:
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer for both files; any page may read them (XEP-0156, section 3)."""
        self._host = host
        self._attached.add(
            host.web.routes.add(
                Route("GET", _PATH, HttpAccess.ANYONE, self._on_xml, Cors()),
                Route("GET", f"{_PATH}.json", HttpAccess.ANYONE, self._on_json, Cors()),
            )
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    async def _on_xml(self, _request: HttpRequest) -> HttpResponse:
        links = "".join(
            f"<Link rel={quoteattr(kind)} href={quoteattr(href)}/>" for kind, href in self._links()
        )
        document = f"<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='{_XRD}'>{links}</XRD>\n"
        headers = [("Content-Type", "application/xrd+xml; charset=utf-8")]
        return HttpResponse(headers=headers, body=document.encode())

    async def _on_json(self, _request: HttpRequest) -> HttpResponse:
        document = {"links": [{"rel": kind, "href": href} for kind, href in self._links()]}
        headers = [("Content-Type", "application/json")]
        return HttpResponse(headers=headers, body=json.dumps(document).encode())

    def _links(self) -> list[tuple[str, str]]:
        web = self._host.web
        urls = ((_WEBSOCKET, web.websocket_url), (_BOSH, web.bosh_url))
        return [(kind, url) for kind, url in urls if url]
