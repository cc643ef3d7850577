"""Tells push services that messages wait for somebody who is not there (XEP-0357 0.4.1).

A service learns how many messages wait; who wrote and what only where the settings say so. It is
told when a message is kept and no client takes it, or a client that has not acknowledged some is
lost. While it has not answered, what follows is told once, afterwards.
"""

import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from embedded_server.plugin_api import (
    Accepts,
    AccountDeleted,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    MessageWaiting,
    ModuleHost,
    Session,
    SessionDetached,
    SessionState,
)
from shared_protocol.addresses import Jid
from shared_protocol.errors import ErrorType, StanzaCondition, StanzaError
from shared_protocol.limits import PushLimits
from shared_protocol.namespaces import CLIENT, PUSH
from shared_protocol.stanzas import data_forms
from shared_protocol.stanzas.data_forms import DataForm
from shared_protocol.stanzas.entity.push import PushSummary, from_element, publication
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import serialise

_logger = logging.getLogger(__name__)
_CONTENTS = (b"<body", b":body", b"<encrypted")


class StoredRegistration(Protocol):
    """A registration as it is stored."""

    @property
    def localpart(self) -> str:
        """Whose it is."""

    @property
    def service(self) -> Jid:
        """Whom to tell."""

    @property
    def node(self) -> str:
        """Where."""

    @property
    def options(self) -> bytes:
        """A form, written; empty for none."""


class PushStore(Protocol):
    """Keeps registrations; ``storage.push_repository.PushRepository`` fits."""

    @property
    def registrations(self) -> Sequence[StoredRegistration]:
        """What there was at the start."""

    async def put(self, localpart: str, service: Jid, node: str, options: bytes) -> None:
        """Add or replace one."""

    async def remove(self, localpart: str, service: Jid, node: str) -> None:
        """Remove one."""


class WaitingCount(Protocol):
    """How many messages wait; ``storage.messages.message_store.MessageStore`` fits."""

    def count(self, receiver: str) -> int:
        """Return how many messages wait for an account."""


class PushContents(NamedTuple):
    """What services are told besides the number of messages."""

    has_sender: bool = False
    has_text: bool = False


class _Key(NamedTuple):
    service: Jid
    node: str


@dataclass(slots=True)
class _Registration:
    options: DataForm | None
    failures: int = 0
    is_being_told: bool = False
    next_summary: PushSummary | None = None


class PushModule:
    """Takes registrations, and publishes to their services."""

    def __init__(
        self,
        *,
        store: PushStore,
        waiting: WaitingCount,
        contents: PushContents,
        limits: PushLimits | None = None,
    ) -> None:
        self._store = store
        self._waiting = waiting
        self._contents = contents
        self._limits = limits or PushLimits()
        self._accounts: dict[str, dict[_Key, _Registration]] = {}
        self._attached = Attachments()
        self._listening = Attachments()
        self._is_listening = False
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer accounts, and go on telling those that were registered before."""
        self._host = host
        for name in ("enable", "disable"):
            handler = IqHandler(
                payload=f"{PUSH} {name}",
                entity=Entity.ACCOUNT,
                accepts=Accepts.OWN_ACCOUNT,
                handle=self._on_request,
                types=frozenset({"set"}),
            )
            self._attached.add(host.add_iq_handler(handler))
        self._attached.add(
            host.features.add(Entity.ACCOUNT, PUSH),
            host.hooks.listen(AccountDeleted, self._on_account_deleted),
        )
        for stored in self._store.registrations:
            form = data_forms.from_element(element_of(stored.options)) if stored.options else None
            account = self._accounts.setdefault(stored.localpart, {})
            account[_Key(stored.service, stored.node)] = _Registration(form)
        self._listen_if_needed()

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()
        self._stop_listening()
        self._accounts.clear()

    def _on_request(self, request: IqRequest) -> Coroutine[Any, Any, None]:
        wanted = from_element(request.payload)
        key = _Key(wanted.service, wanted.node)
        localpart = request.sender.localpart
        if wanted.is_enabled:
            return self._enable(localpart, key, wanted.options)
        return self._disable(localpart, key)

    async def _enable(self, localpart: str, key: _Key, options: DataForm | None) -> None:
        """Section 5; the last request of a service and node counts."""
        written = b"" if options is None else serialise(data_forms.to_element(options))
        limits = self._limits
        if len(written) > limits.options_bytes or len(key.node) > limits.node_characters:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "too long for a push service")
        known = self._accounts.get(localpart, {})
        if key not in known and 0 < limits.services <= len(known):
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "too many push services")
        await self._store.put(localpart, key.service, key.node, written)
        self._accounts.setdefault(localpart, {})[key] = _Registration(options)
        self._listen_if_needed()

    async def _disable(self, localpart: str, wanted: _Key) -> None:
        """Section 6: one node, or all of a service."""
        for key in tuple(self._accounts.get(localpart, ())):
            if key == wanted or (not wanted.node and key.service == wanted.service):
                await self._forget(localpart, key)

    async def _forget(self, localpart: str, key: _Key) -> None:
        await self._store.remove(localpart, key.service, key.node)
        account = self._accounts.get(localpart, {})
        account.pop(key, None)
        if not account:
            self._accounts.pop(localpart, None)
        self._listen_if_needed()

    def _listen_if_needed(self) -> None:
        """Be told of messages only while somebody has a service."""
        if not self._accounts:
            self._stop_listening()
        elif not self._is_listening:
            self._is_listening = True
            self._listening.add(
                self._host.hooks.listen(MessageWaiting, self._on_message_waiting),
                self._host.hooks.listen(SessionDetached, self._on_session_detached),
            )

    def _stop_listening(self) -> None:
        self._listening.undo()
        self._is_listening = False

    def _on_account_deleted(self, fact: AccountDeleted) -> None:
        self._accounts.pop(fact.account.localpart, None)
        self._listen_if_needed()

    def _on_message_waiting(self, fact: MessageWaiting) -> None:
        if any(content in fact.stanza for content in _CONTENTS):
            self._tell(fact.account.localpart, fact.stanza)

    def _on_session_detached(self, fact: SessionDetached) -> None:
        """What was sent to a client that is lost now waits, too."""
        session = fact.session
        localpart = session.full_jid.localpart
        others = self._host.sessions.available_of(localpart)
        if session.unacknowledged and not any(map(_is_there, others)):
            self._tell(localpart, b"")

    def _tell(self, localpart: str, stanza: bytes) -> None:
        account = self._accounts.get(localpart)
        if account is None:
            return
        summary = self._summary(localpart, stanza)
        for key, registration in account.items():
            if registration.is_being_told:
                registration.next_summary = summary
            else:
                registration.is_being_told = True
                work = self._publish(localpart, key, registration, summary)
                self._host.spawn(work, f"tell a push service of {localpart}")

    def _summary(self, localpart: str, stanza: bytes) -> PushSummary:
        count = max(1, self._waiting.count(localpart))
        contents = self._contents
        if not stanza or not (contents.has_sender or contents.has_text):
            return PushSummary(count)
        message = element_of(stanza)
        return PushSummary(
            count,
            sender=message.get("from", "") if contents.has_sender else "",
            text=self._text(message.findtext(f"{{{CLIENT}}}body", "")),
        )

    def _text(self, body: str) -> str:
        return body[: self._limits.text_characters] if self._contents.has_text else ""

    async def _publish(
        self, localpart: str, key: _Key, registration: _Registration, summary: PushSummary
    ) -> None:
        """Section 7; a service that refuses is told no more (section 7.1)."""
        while True:
            payload = serialise(publication(summary, key.node, registration.options))
            try:
                await self._host.ask(key.service, payload, kind="set")
                registration.failures = 0
            except StanzaError as error:
                registration.failures += 1
                is_passing = error.type is ErrorType.WAIT
                if not is_passing or registration.failures >= self._limits.failures:
                    _logger.info("%s of %s is told no more: %s", key.service, localpart, error)
                    if self._is_current(localpart, key, registration):
                        await self._forget(localpart, key)
                    return
            following, registration.next_summary = registration.next_summary, None
            if following is None or not self._is_current(localpart, key, registration):
                registration.is_being_told = False
                return
            summary = following

    def _is_current(self, localpart: str, key: _Key, registration: _Registration) -> bool:
        """Whether it has been neither disabled nor replaced while its service was asked."""
        return self._accounts.get(localpart, {}).get(key) is registration


def _is_there(session: Session) -> bool:
    return session.state is SessionState.ATTACHED
