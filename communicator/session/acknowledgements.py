"""Which messages the server has taken in: by stream management, else by a ping after them.

XEP-0198 1.6.3 with resumption: the counters of a session outlive its connection. What was not
acknowledged is never dropped: messages are sent again by the outbox, under the same origin id, the
rest from here when the session is resumed.
"""

import logging
import re
from collections import deque
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element

from communicator.session.errors import RequestRefusedError, SessionError
from communicator.session.iq_requests import IqRequests
from communicator.session.link_watch import LinkWatch
from communicator.session.stream.safe_client import SafeClient
from communicator.state.signals import Signal
from communicator.state.task_owner import TaskOwner
from shared_protocol.errors import MalformedStanzaError, StreamCondition, StreamError
from shared_protocol.namespaces import STREAM_MANAGEMENT
from shared_protocol.stanzas.entity.ping import to_element as ping_element
from shared_protocol.stanzas.iq import IqType
from shared_protocol.stanzas.stream_management import (
    ANSWER,
    ENABLED,
    FAILED,
    REQUEST,
    REQUEST_BYTES,
    Enable,
    Resume,
    answer_bytes,
    handled_count,
    newly_handled,
    to_element,
)
from shared_protocol.xml.writer import serialise

if TYPE_CHECKING:
    import asyncio

_FEATURE = f"{{{STREAM_MANAGEMENT}}}sm"
_ENABLE = serialise(to_element(Enable(wants_resumption=True)))
_QUESTION = re.compile(rb"<iq\b[^>]*\stype=['\"](?:get|set)['\"]")
_ELEMENTS = frozenset({ENABLED, FAILED, REQUEST, ANSWER})

_log = logging.getLogger(__name__)


class Unconfirmed(NamedTuple):
    """A stanza that the server has not acknowledged.

    Attributes:
        origin_id: Of a message, which the outbox has; else empty.
        again: What is sent again when the session is resumed; empty for messages of the outbox and
            for questions, which nobody waits for any more.
    """

    origin_id: str
    again: bytes


class Acknowledgements:
    """The acknowledgements of one session, in both directions, over one connection or several.

    Attributes:
        id: By which the server knows the session; empty if it cannot be resumed.
    """

    def __init__(
        self,
        *,
        client: SafeClient,
        requests: IqRequests,
        watch: LinkWatch,
        tasks: TaskOwner,
        acknowledged: Signal[str],
    ) -> None:
        self._client = client
        self._requests = requests
        self._watch = watch
        self._tasks = tasks
        self._acknowledged = acknowledged
        self.id = ""
        self._enabled: asyncio.Future[bool] | None = None
        self._counts_sent = False
        self._counts_received = False
        self._received: deque[int] = deque()  # numbers of stanzas since the last that h counts
        self._open: set[int] = set()  # those of them that are not safe yet
        self._handled = 0
        self._is_answer_owed = False
        self._confirmed = 0  # the last h
        self._unconfirmed: deque[Unconfirmed] = deque()  # one for each stanza
        self._is_asked = False
        self._is_asking_soon = False
        client.on_stanza_sent = self._on_stanza_sent

    async def enable(self, features: Element) -> None:
        """Agree on stream management, if the server offers it (XEP-0198, section 3)."""
        if features.find(_FEATURE) is None:
            return
        self._enabled = self._client.loop.create_future()
        self._client.write(_ENABLE)
        self._counts_sent = True
        if not await self._enabled:
            self._counts_sent = False
            _log.warning("the server refuses stream management")

    def resumption(self) -> Resume:
        """Return what asks for the session; what is not safe here by now is to come again."""
        self._received.clear()
        self._open.clear()
        return Resume(self.id, self._handled)

    def move_to(
        self, client: SafeClient, requests: IqRequests, watch: LinkWatch, tasks: TaskOwner
    ) -> None:
        """Serve another connection, on which the session is resumed."""
        self._client, self._requests, self._watch, self._tasks = client, requests, watch, tasks

    def resume(self, handled: int) -> None:
        """Go on where the server is: it has handled so much. What it does not have is sent again.

        The connection is cut if it cannot have handled that.
        """
        client = self._client
        self._is_asked = self._is_asking_soon = self._is_answer_owed = False
        client.on_stanza_sent = self._on_stanza_sent
        if self._confirm_until(handled):
            missing = [one.again for one in self._unconfirmed if one.again]
            self._unconfirmed.clear()
            for stanza in missing:
                client.write_stanza(stanza)

    def conclude(self, handled: int | None) -> None:
        """The session is over, and the server says how much it had handled, if it knows."""
        if handled is not None:
            self._confirm_until(handled)

    def take(self, element: Element) -> bool:
        """Take an element of stream management; False if it is none."""
        if element.tag not in _ELEMENTS:
            return False
        if element.tag == REQUEST:
            self._is_answer_owed = bool(self._received)
            self._client.write(answer_bytes(self._handled))
        elif element.tag == ANSWER:
            self._on_answer(element)
        elif self._enabled is not None and not self._enabled.done():
            self._counts_received = element.tag == ENABLED
            self.id = element.get("id", "") if element.get("resume") in {"true", "1"} else ""
            self._enabled.set_result(self._counts_received)
        return True

    def stanza_received(self, number: int) -> None:
        """Reckon with a stanza; it counts once it and all before it were handled."""
        if self._counts_received:
            self._received.append(number)
            self._open.add(number)

    def stanza_handled(self, number: int) -> None:
        """Count a stanza that is safe here; one that is not known is ignored."""
        self._open.discard(number)
        while self._received and self._received[0] not in self._open:
            self._received.popleft()
            self._handled += 1
        if self._is_answer_owed and not self._received and self._client.is_open:
            self._is_answer_owed = False
            self._client.write(answer_bytes(self._handled))

    def settle(self) -> None:
        """Tell and ask what was taken in, before the session ends (XEP-0198, section 4)."""
        if self._counts_received and self._client.is_open:
            self._client.write(answer_bytes(self._handled))
        if self._counts_sent and self._unconfirmed and self._client.is_open:
            self._client.write(REQUEST_BYTES)

    def end(self) -> None:
        """Give up waiting: the session has ended."""
        if self._enabled is not None and not self._enabled.done():
            self._enabled.set_result(False)

    def _on_stanza_sent(self, stanza: bytes, origin_id: str) -> None:
        if self._counts_sent or origin_id:
            is_sent_again = not origin_id and not _QUESTION.match(stanza)
            self._unconfirmed.append(Unconfirmed(origin_id, stanza if is_sent_again else b""))
        if origin_id and not self._is_asked and not self._is_asking_soon:
            # In the next turn: one question for all that is sent in this one.
            self._is_asking_soon = True
            self._client.loop.call_soon(self._ask)

    def _ask(self) -> None:
        self._is_asking_soon = False
        if not self._client.is_open or self._is_asked:
            return
        self._is_asked = True
        if self._counts_sent:
            self._client.write(REQUEST_BYTES)
        else:
            self._tasks.spawn(self._ping(len(self._unconfirmed)), "ping after messages")
        self._watch.expect_answer()

    async def _ping(self, count: int) -> None:
        """Ping the server: it takes stanzas in order, so an answer proves all before it."""
        try:
            await self._requests.ask(IqType.GET, ping_element())
        except RequestRefusedError:
            _log.debug("the server does not know pings; its refusal is an answer too")
        except SessionError:
            self._is_asked = False
            return
        self._confirm(count)

    def _on_answer(self, element: Element) -> None:
        try:
            handled = handled_count(element.get("h"))
        except MalformedStanzaError as error:
            self._client.cut(StreamError(StreamCondition.BAD_FORMAT, str(error)))
            return
        self._confirm_until(handled)

    def _confirm_until(self, handled: int) -> bool:
        """Take an ``h``; False if it cannot be, and the connection was cut."""
        count = newly_handled(handled, self._confirmed)
        if count > len(self._unconfirmed):  # section 4: more than was sent
            text = "the server acknowledges more than was sent"
            self._client.cut(StreamError(StreamCondition.UNDEFINED_CONDITION, text))
            return False
        self._confirmed = handled
        self._confirm(count)
        return True

    def _confirm(self, count: int) -> None:
        confirmed = [self._unconfirmed.popleft().origin_id for _ in range(count)]
        self._is_asked = False
        is_waiting = any(one.origin_id for one in self._unconfirmed)
        if is_waiting and not self._is_asking_soon:
            self._is_asking_soon = True
            self._client.loop.call_soon(self._ask)
        for origin_id in confirmed:
            if origin_id:
                self._acknowledged.emit(origin_id)
