"""A session from its first moment to its end: where each stanza goes, and how the end is told."""

import logging
from collections.abc import Callable, Iterable
from itertools import count
from xml.etree.ElementTree import Element

from communicator.session.acknowledgements import Acknowledgements
from communicator.session.errors import SessionError
from communicator.session.iq_requests import IqRequests
from communicator.session.link_watch import LinkWatch
from communicator.session.stanza_handlers import StanzaHandlers, sender_of
from communicator.session.stream.safe_client import SafeClient
from communicator.state.signals import Signal
from communicator.state.task_owner import TaskOwner
from shared_protocol.addresses import AddressError, FullJid
from shared_protocol.stanzas.entity.ping import to_element as ping_element
from shared_protocol.stanzas.iq import IQ, IqType
from shared_protocol.stanzas.messages import MESSAGE
from shared_protocol.stanzas.presence import PRESENCE
from shared_protocol.stanzas.stream_management import Resume
from shared_protocol.xml.writer import serialise

_STANZAS = frozenset({MESSAGE, PRESENCE, IQ})
_ASKS = frozenset({IqType.GET.value, IqType.SET.value})
_ANSWERS = frozenset({IqType.RESULT.value, IqType.ERROR.value})

_stanza_numbers = count(1)

_log = logging.getLogger(__name__)


class LiveStream:
    """The receiver of a client that has a session.

    What comes is held back until ``release``, so that nobody hears of it before the session.

    Args of the constructor:
        former: The stream on which the session was before, if it is resumed.

    Attributes:
        stanza_number: Number of the stanza that is being handled, unique in this run.
        unsafe_number: Set by a handler to this number: ``acknowledgements`` will be told later.
    """

    def __init__(
        self,
        *,
        client: SafeClient,
        jid: FullJid,
        handlers: StanzaHandlers,
        acknowledged: Signal[str],
        on_end: Callable[["LiveStream", Exception | None], None],
        former: "LiveStream | None" = None,
    ) -> None:
        self.client = client
        self.jid = jid
        self.requests = IqRequests(jid, self.send)
        self.tasks = TaskOwner()
        self._watch = LinkWatch(client, self._ping)
        self.acknowledgements: Acknowledgements
        if former is None:
            self.acknowledgements = Acknowledgements(
                client=client,
                requests=self.requests,
                watch=self._watch,
                tasks=self.tasks,
                acknowledged=acknowledged,
            )
        else:
            self.acknowledgements = former.acknowledgements
            self.acknowledgements.move_to(client, self.requests, self._watch, self.tasks)
        self._handlers = handlers
        self._on_end = on_end
        self._held: list[Element] | None = []
        self.stanza_number = 0
        self.unsafe_number = 0
        client.receiver = self

    def resumption(self) -> Resume:
        """Return what asks for this session, after its connection was lost."""
        return self.acknowledgements.resumption()

    def release(self, earlier: Iterable[Element]) -> None:
        """Give out what came ``earlier`` and what was held back, then all that comes."""
        held, self._held = [*earlier, *(self._held or ())], None
        self._watch.start()
        for element in held:
            self.element_received(element)

    def send(self, stanza: Element, origin_id: str = "") -> None:
        """Send a stanza; a message with its origin id.

        Raises:
            NotConnectedError: The session has ended.
        """
        self.client.write_stanza(serialise(stanza), origin_id)

    def check(self) -> None:
        """Ask the server; the connection is cut if it does not answer soon."""
        self._watch.ask_now()

    def element_received(self, element: Element) -> bool:
        """Take a first-level element; stanzas are counted once they were handled."""
        if self.acknowledgements.take(element):
            return True
        if self._held is not None:
            self._held.append(element)
            return True
        if element.tag not in _STANZAS:
            return False
        number = self.stanza_number = next(_stanza_numbers)
        self.acknowledgements.stanza_received(number)
        is_taken = self._handle(element)
        if self.unsafe_number != number:
            self.acknowledgements.stanza_handled(number)
        return is_taken

    def stream_ended(self, reason: Exception | None) -> None:
        """End what belongs to the session, then tell."""
        self._watch.stop()
        self.acknowledgements.end()
        self.requests.end()
        self._on_end(self, reason)

    def _handle(self, element: Element) -> bool:
        try:
            sender = sender_of(element)
        except AddressError:
            _log.warning("a stanza from an impossible address was dropped")
            return True
        kind = element.get("type")
        if element.tag == IQ and kind in _ANSWERS:
            return self.requests.take(sender, element)
        if element.tag == IQ and kind not in _ASKS:
            return True
        answer = self._handlers.handle(sender, element, self.jid.bare)
        if answer is not None and self.client.is_open:
            self.send(answer)
        return True

    def _ping(self) -> None:
        self.tasks.spawn(self._ping_server(), "ping")

    async def _ping_server(self) -> None:
        try:
            await self.requests.ask(IqType.GET, ping_element())
        except SessionError as error:
            _log.debug("a ping failed: %s", error)
