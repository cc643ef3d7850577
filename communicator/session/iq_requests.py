"""Questions to servers and others, and their answers (RFC 6120, section 8.2.3)."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from communicator.session.errors import (
    NotConnectedError,
    RequestRefusedError,
    RequestTimedOutError,
)
from shared_protocol.addresses import Jid
from shared_protocol.stanzas.iq import IqType, error_from_element, request
from shared_protocol.stanzas.senders import Accepts, SenderContext, is_accepted

ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Open:
    """A question without answer."""

    context: SenderContext
    answer: asyncio.Future[Element]


class IqRequests:
    """Open questions of one session. Ids are random; only who was asked may answer."""

    def __init__(
        self,
        account: Jid,
        send: Callable[[Element], None],
        *,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._account = account.bare
        self._send = send
        self._answer_seconds = answer_seconds
        self._open_by_id: dict[str, _Open] = {}

    async def ask(self, kind: IqType, payload: Element, to: Jid | None = None) -> Element:
        """Ask, and return the IQ of type ``result``.

        Args:
            kind: GET or SET.
            payload: What is asked.
            to: Whom; None for the own account on the own server.

        Raises:
            RequestRefusedError: The answer is an error.
            RequestTimedOutError: No answer came in time.
            NotConnectedError: There is no session, or it has ended meanwhile.
        """
        stanza_id = secrets.token_hex(8)
        answer: asyncio.Future[Element] = asyncio.get_running_loop().create_future()
        self._open_by_id[stanza_id] = _Open(SenderContext(self._account, to), answer)
        try:
            self._send(request(kind, stanza_id, payload, str(to) if to is not None else ""))
            return await asyncio.wait_for(answer, self._answer_seconds)
        except TimeoutError:
            raise RequestTimedOutError from None
        finally:
            self._open_by_id.pop(stanza_id, None)

    def take(self, sender: Jid | None, element: Element) -> bool:
        """Take an IQ of type ``result`` or ``error``; False if nobody waits for it."""
        waiting = self._open_by_id.get(element.get("id", ""))
        if waiting is None or not is_accepted(sender, Accepts.ASKED, waiting.context):
            return False
        if waiting.answer.done():
            return True
        if element.get("type") == IqType.RESULT.value:
            waiting.answer.set_result(element)
        else:
            error = error_from_element(element)
            waiting.answer.set_exception(RequestRefusedError(error.condition, error.text))
        return True

    def end(self) -> None:
        """Fail what is open: the session has ended."""
        for waiting in self._open_by_id.values():
            if not waiting.answer.done():
                waiting.answer.set_exception(NotConnectedError())
