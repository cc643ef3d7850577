"""IQs that the server itself asks, and the answers that it waits for (RFC 6120, section 8.2.3).

An answer is believed from who was asked, with the same id, while it is waited for. Ids are random.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import NamedTuple
from xml.etree.ElementTree import Element

from embedded_server.routing.inbound import Inbound
from shared_protocol.addresses import Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import RequestLimits
from shared_protocol.stanzas.iq import error_from_element
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import attribute

_ID_BYTES = 12


class _Open(NamedTuple):
    asked: Jid
    sender: Jid
    answer: "asyncio.Future[Element]"


class OutgoingRequests:
    """What the server has asked and nobody has answered yet.

    Args of the constructor:
        send: Sends a stanza to an address, in the name of the sender; raises ``StanzaError`` or
            calls the last argument with an error that comes back at once.
    """

    def __init__(
        self,
        send: Callable[[bytes, Jid, Jid, Callable[[bytes], None]], None],
        limits: RequestLimits | None = None,
    ) -> None:
        self._send = send
        self._limits = limits or RequestLimits()
        self._open: dict[str, _Open] = {}
        self._ids_of: dict[Jid, set[str]] = {}  # by who is asked

    async def ask(self, to: Jid, payload: bytes, *, sender: Jid, kind: str = "get") -> Element:
        """Ask, and return the whole answer of type ``result``.

        Args:
            to: Whom.
            payload: The only child, written for the namespace ``jabber:client``.
            sender: In whose name: the domain, an account, or an address of a service.
            kind: ``get`` or ``set``.

        Raises:
            StanzaError: What was answered; ``remote-server-timeout`` if nothing was in time,
                ``recipient-unavailable`` if who is asked has gone, ``resource-constraint`` if too
                much is open.
        """
        if 0 < self._limits.open_requests <= len(self._open):
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT)
        stanza_id = secrets.token_hex(_ID_BYTES)
        answer: asyncio.Future[Element] = asyncio.get_running_loop().create_future()
        self._open[stanza_id] = _Open(to, sender, answer)
        self._ids_of.setdefault(to, set()).add(stanza_id)
        addresses = attribute("from", str(sender)) + attribute("to", str(to))
        head = f"<iq type='{kind}' id='{stanza_id}'{addresses}>".encode()
        try:
            self._send(head + payload + b"</iq>", sender, to, self._bounced)
            async with asyncio.timeout(self._limits.answer_seconds):
                return await answer
        except TimeoutError:
            raise StanzaError(StanzaCondition.REMOTE_SERVER_TIMEOUT) from None
        finally:
            self._close(stanza_id)

    def take(self, inbound: Inbound) -> bool:
        """Take an answer; False, and nothing happens, if it answers nothing that is open."""
        waiting = self._open.get(inbound.frame.attributes.get("id", ""))
        if waiting is None or inbound.sender != waiting.asked or inbound.to != waiting.sender:
            return False
        self._settle(waiting, element_of(inbound.frame.raw))
        return True

    def lose(self, asked: Jid) -> None:
        """Wait no longer for an address that has gone."""
        for stanza_id in self._ids_of.get(asked, ()):
            answer = self._open[stanza_id].answer
            if not answer.done():
                answer.set_exception(StanzaError(StanzaCondition.RECIPIENT_UNAVAILABLE))

    def _close(self, stanza_id: str) -> None:
        asked = self._open.pop(stanza_id).asked
        ids = self._ids_of[asked]
        ids.discard(stanza_id)
        if not ids:
            del self._ids_of[asked]

    def _bounced(self, stanza: bytes) -> None:
        element = element_of(stanza)
        waiting = self._open.get(element.get("id", ""))
        if waiting is not None:
            self._settle(waiting, element)

    def _settle(self, waiting: _Open, answer: Element) -> None:
        if waiting.answer.done():
            return
        if answer.get("type") == "result":
            waiting.answer.set_result(answer)
        else:
            waiting.answer.set_exception(error_from_element(answer))
