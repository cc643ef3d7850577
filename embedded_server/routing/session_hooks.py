"""Tells modules of sessions that come, are lost, come back and go."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.routing.binding_features import BindingFeatures
from embedded_server.routing.hooks import HookBus
from embedded_server.routing.questions import (
    SessionBound,
    SessionClosed,
    SessionDetached,
    SessionRestored,
    SessionResumed,
    SessionSaving,
)
from embedded_server.sessions.session import Session
from embedded_server.storage.errors import StorageError
from shared_protocol.addresses import BareJid

ReadStored = Callable[[BareJid, int], Coroutine[Any, Any, bytes | None]]
Unregister = Callable[[], None]

_logger = logging.getLogger(__name__)


class SessionHooks:
    """Between the sessions of a host and its modules; fits ``sessions.stream_host``."""

    def __init__(self, hooks: HookBus, binding: BindingFeatures) -> None:
        self._hooks = hooks
        self._binding = binding
        self._read_stored: ReadStored | None = None

    def bound(self, session: Session) -> None:
        """A client has bound its resource."""
        self._hooks.tell(SessionBound(session))

    async def state_at_binding(self, session: Session) -> bytes:
        """Return what a client that binds within its login is told of its account."""
        try:
            return await self._binding.state_of(session)
        except StorageError as error:  # it may ask for it later
            _logger.warning("%s is told nothing of its account: %s", session, error)
            return b""

    def begin_with(self, session: Session, feature: Element) -> bytes:
        """Let a session begin with something that its client wishes."""
        return self._binding.begin_with(session, feature)

    def detached(self, session: Session) -> None:
        """A session has lost its stream, and waits."""
        self._hooks.tell(SessionDetached(session))

    def resumed(self, session: Session) -> None:
        """A session goes on over another stream."""
        self._hooks.tell(SessionResumed(session))

    def notes_on(self, session: Session) -> dict[str, str]:
        """Return what modules have to know of a session when the office has been closed."""
        notes: dict[str, str] = {}
        self._hooks.ask(SessionSaving(session, notes))
        return notes

    async def restored(self, session: Session, notes: Mapping[str, str]) -> None:
        """A session is back from the disk."""
        fact = SessionRestored(session, notes)
        self._hooks.tell(fact)
        for work in fact.work:
            try:
                await work
            except StorageError as error:
                _logger.warning("%s is not all that it was: %s", session, error)

    async def stored_message(self, session: Session, spool_id: int) -> bytes | None:
        """Return a message of a session from the store; None if it is not there any more."""
        if self._read_stored is None:
            return None
        return await self._read_stored(session.full_jid.bare, spool_id)

    def closed(self, session: Session) -> None:
        """A session has ended and is in no directory any more."""
        self._hooks.tell(SessionClosed(session))

    def read_stored_by(self, read: ReadStored) -> Unregister:
        """Let a module read the messages whose rows it has given to ``Session.send``."""
        self._read_stored = read

        def take_back() -> None:
            self._read_stored = None

        return take_back
