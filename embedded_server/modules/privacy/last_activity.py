"""Since when an account is gone, and how long the server has run (XEP-0012 2.0).

Only who may see an account's presence is told; all others get the answer that a name without an
account gets (section 8), and so does who is blocked.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, Protocol
from xml.etree.ElementTree import Element

from embedded_server.modules.roster_book import RosterBook
from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
    Phase,
    SessionClosed,
    SessionUnavailable,
)
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import STATUS_CHARACTERS
from shared_protocol.namespaces import LAST_ACTIVITY
from shared_protocol.stanzas.entity.last_activity import LastActivity, to_element
from shared_protocol.stanzas.presence import from_element as presence_from_element
from shared_protocol.xml.elements import element_of

_QUERY = f"{LAST_ACTIVITY} query"
_GET = frozenset({"get"})


class Activity(Protocol):
    """What a store knows of an account."""

    @property
    def left_at(self) -> float | None:
        """When its last available resource went, in seconds since 1970, UTC; None if never."""

    @property
    def status(self) -> str:
        """What it said then."""


class ActivityStore(Protocol):
    """Keeps it; ``storage.activity_repository.ActivityRepository`` fits."""

    def note(
        self,
        localpart: str,
        came_at: float,
        left_at: float | None = None,
        status: str | None = None,
    ) -> None:
        """Store that a session has gone."""

    async def of(self, localpart: str) -> Activity | None:
        """Return what is known of an account."""


class Clocks(NamedTuple):
    """The time of day in seconds since 1970, UTC, and one that only grows."""

    now: Callable[[], float] = time.time
    running: Callable[[], float] = time.monotonic


class LastActivityModule:
    """Notes when accounts go, and tells it to who may know."""

    def __init__(
        self, *, store: ActivityStore, book: RosterBook, clocks: Clocks | None = None
    ) -> None:
        self._store = store
        self._book = book
        self._clocks = clocks or Clocks()
        self._attached = Attachments()
        self._host: ModuleHost
        self._began = 0.0

    def attach(self, host: ModuleHost) -> None:
        """Answer for the server and for accounts; listen for those who go."""
        self._host = host
        self._began = self._clocks.running()
        for entity, handle in (
            (Entity.SERVER, self._on_server_asked),
            (Entity.ACCOUNT, self._on_account_asked),
        ):
            handler = IqHandler(_QUERY, entity, Accepts.ANYONE, handle, _GET)
            self._attached.add(
                host.add_iq_handler(handler), host.features.add(entity, LAST_ACTIVITY)
            )
        self._attached.add(
            host.hooks.listen(SessionUnavailable, self._on_unavailable),
            host.hooks.listen(SessionClosed, self._on_closed, phase=Phase.EARLY),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_server_asked(self, _request: IqRequest) -> Element:
        """Section 5."""
        return to_element(LastActivity(int(self._clocks.running() - self._began)))

    def _on_account_asked(self, request: IqRequest) -> Coroutine[Any, Any, Element]:
        return self._answer(request)

    async def _answer(self, request: IqRequest) -> Element:
        """Section 3; a stranger learns no more than of a name without an account."""
        account, observer = request.account, request.sender.bare
        async with self._book.opened(account) as roster:
            may_know = account == observer or roster.is_seen_by(observer)
        if not may_know:
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
        if self._host.sessions.available_of(account.localpart):
            return to_element(LastActivity(0))
        found = await self._store.of(account.localpart)
        if found is None or found.left_at is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "this account never was there")
        seconds = max(0, int(self._clocks.now() - found.left_at))
        return to_element(LastActivity(seconds, found.status))

    def _on_unavailable(self, fact: SessionUnavailable) -> None:
        """An account is gone with its last available resource."""
        session = fact.session
        localpart = session.full_jid.localpart
        if self._host.sessions.available_of(localpart):
            return
        status = ""
        if b"status" in fact.stanza:
            status = presence_from_element(element_of(fact.stanza)).status[:STATUS_CHARACTERS]
        self._store.note(localpart, session.bound_at, self._clocks.now(), status)

    def _on_closed(self, fact: SessionClosed) -> None:
        """One that is still available is noted when it is told to be no more."""
        session = fact.session
        if not session.is_available:
            self._store.note(session.full_jid.localpart, session.bound_at)
