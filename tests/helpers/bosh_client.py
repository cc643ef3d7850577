"""The wire client over BOSH (XEP-0124, XEP-0206): two connections, one of them held back."""

import contextlib
import itertools
import ssl
from typing import Self
from xml.etree.ElementTree import Element, fromstring

from shared_protocol.namespaces import HTTP_BIND, XMPP_OVER_BOSH
from shared_protocol.xml.writer import attribute
from tests.helpers.http_client import HttpClient
from tests.helpers.wire_client import WireClient
from tests.helpers.xml_pieces import in_client_namespace, pieces_of

PATH = "/http-bind"
FIRST_RID = 4_711
_CONNECTIONS = 2


class BoshClient(WireClient):
    """One session of BOSH.

    Attributes:
        sid: Its id; empty before it began.
        bodies: The attributes of every answer, in order.
        condition: Of the termination; empty if there was none.
    """

    sid: str
    bodies: list[dict[str, str]]
    condition: str
    _idle: list[HttpClient]
    _asked: list[HttpClient]

    @classmethod
    async def connect(
        cls, port: int, domain: str, *, tls: ssl.SSLContext | None = None, **_: str
    ) -> Self:
        """Open the connections."""
        http = [await HttpClient.connect(port, tls, name=domain) for _ in range(_CONNECTIONS)]
        client = cls(http[0].reader, http[0].writer, domain)
        client._idle, client._asked, client._unsent = http, [], []
        client._rids = itertools.count(FIRST_RID)
        client.sid, client.bodies, client.condition = "", [], ""
        return client

    def send_header(self, **attributes: str) -> None:
        """Begin the session, or begin the stream anew; keywords replace the usual attributes."""
        shown = {"to": self._domain}
        if self.language:
            shown["xml:lang"] = self.language
        if self.sid:
            self.ask(shown | {"xmpp:restart": "true"} | attributes)
            return
        shown |= {"hold": "1", "wait": "60", "ver": "1.6", "xmpp:version": "1.0"}
        self.ask(shown | attributes)

    def send(self, xml: str | bytes) -> None:
        """Send elements as soon as there is a connection for them."""
        text = xml.decode() if isinstance(xml, bytes) else xml
        self._unsent += [in_client_namespace(one) for one in pieces_of(text)]
        if self._idle:
            self._send_waiting()

    def ask(self, attributes: dict[str, str], payload: str = "", *, rid: int = 0) -> None:
        """Send one request; ``rid`` and ``sid`` are put in."""
        shown = {"rid": str(rid or next(self._rids)), "sid": self.sid} | attributes
        written = "".join(attribute(name, one) for name, one in shown.items() if one)
        body = f"<body xmlns='{HTTP_BIND}' xmlns:xmpp='{XMPP_OVER_BOSH}'{written}>{payload}</body>"
        connection = self._idle.pop(0)
        connection.send_request("POST", PATH, body.encode(), Content_Type="text/xml; charset=utf-8")
        self._asked.append(connection)

    async def close(self) -> None:
        """Terminate the session."""
        with contextlib.suppress(OSError, TimeoutError, EOFError):
            while not self._idle:
                await self._read_more()
            if not self._has_ended:
                self.ask({"type": "terminate"})
                await self.wait_for_end()
        await self.abort()

    async def abort(self) -> None:
        """Cut the connections; the session goes on for a while."""
        if not self._is_closed:
            self._is_closed = True
            for connection in [*self._idle, *self._asked]:
                await connection.close()

    async def wait_for_end(self, *, seconds: float = 10.0) -> str:
        """Ask until the session is over; return the condition of the stream error."""
        with contextlib.suppress(EOFError):
            while not self._has_ended:
                await self._read_more()
        await self.abort()
        return self.stream_error

    async def read_answer(self) -> Element:
        """Return the next answer as it came."""
        connection = self._asked.pop(0)
        reply = await connection.reply("POST")
        assert reply.status == 200, reply
        assert reply.headers["content-type"] == "text/xml; charset=utf-8"
        self._idle.append(connection)
        answer = fromstring(reply.body)  # noqa: S314 - of our own server
        self.bodies.append(dict(answer.attrib))
        return answer

    async def _read_more(self) -> None:
        if self._idle and (self._unsent or not self._asked):
            self._send_waiting()
        answer = await self.read_answer()
        self.sid = answer.get("sid", self.sid)
        self.header = dict(answer.attrib) if "sid" in answer.attrib else self.header
        if answer.get("type") == "terminate":
            self._has_ended, self.condition = True, answer.get("condition", "")
        for element in answer:
            self._on_element(element)

    def _send_waiting(self) -> None:
        payload, self._unsent = "".join(self._unsent), []
        self.ask({}, payload)
