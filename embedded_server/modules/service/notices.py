"""Announcements, and the message of the day (XEP-0133 1.3.1, sections 4.22 to 4.25).

An announcement reaches who is on line. The message of the day waits for each account until it is
there, and is shown once. Both are messages of the domain itself; nothing of them is kept.
"""

import time
from collections.abc import Set
from typing import Protocol

from embedded_server.plugin_api import (
    Attachments,
    ModuleHost,
    PriorityChanged,
    Session,
    SessionAvailable,
    StorageError,
)
from shared_protocol.xml.writer import attribute, escaped, replace_forbidden

_DAY = "motd"
_DAY_SUBJECT = "Message of the day"


class Notice(Protocol):
    """A notice as it is stored."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def shown_to(self) -> Set[str]:
        """Localparts of those who have seen it."""


class NoticeStore(Protocol):
    """Keeps notices; ``storage.notice_repository.NoticeRepository`` fits."""

    async def get(self, name: str) -> Notice | None:
        """Return a notice."""

    async def put(self, name: str, text: str, set_at: float, *, is_new: bool) -> None:
        """Store a notice."""

    async def remove(self, name: str) -> None:
        """Forget a notice."""

    async def note_shown(self, name: str, localpart: str) -> None:
        """Store that an account was shown a notice."""


class NoticesModule:
    """Sends announcements, and shows the message of the day. ``load`` comes first."""

    def __init__(self, store: NoticeStore) -> None:
        self._store = store
        self._day = ""
        self._shown_to: set[str] = set()
        self._attached = Attachments()
        self._host: ModuleHost | None = None

    @property
    def message_of_the_day(self) -> str:
        """What it says; empty if there is none."""
        return self._day

    async def load(self) -> None:
        """Read what is stored.

        Raises:
            StorageError: It could not be read.
        """
        stored = await self._store.get(_DAY)
        self._day = stored.text if stored is not None else ""
        self._shown_to = set(stored.shown_to) if stored is not None else set()

    def attach(self, host: ModuleHost) -> None:
        """Listen for those who come."""
        self._host = host
        self._attached.add(
            host.hooks.listen(SessionAvailable, self._on_available),
            host.hooks.listen(PriorityChanged, self._on_priority_changed),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()
        self._host = None

    def announce(self, text: str, subject: str = "") -> int:
        """Send a message to every available resource that takes messages.

        Returns:
            How many got it.
        """
        if self._host is None:
            return 0
        sessions = [one for one in self._host.sessions if one.is_available and one.priority >= 0]
        for session in sessions:
            _send(self._host.domain, session, text, subject)
        return len(sessions)

    async def set_message_of_the_day(self, text: str) -> None:
        """Show a message to every account that comes from now on, once.

        Raises:
            StorageError: The former stays.
        """
        await self._store.put(_DAY, text, time.time(), is_new=True)
        self._day, self._shown_to = text, set()

    async def edit_message_of_the_day(self, text: str) -> None:
        """Change the text for those who have not seen it; errors as above."""
        await self._store.put(_DAY, text, time.time(), is_new=False)
        self._day = text

    async def delete_message_of_the_day(self) -> None:
        """Show it to nobody any more; errors as above."""
        await self._store.remove(_DAY)
        self._day, self._shown_to = "", set()

    def _on_available(self, fact: SessionAvailable) -> None:
        self._show(fact.session)

    def _on_priority_changed(self, fact: PriorityChanged) -> None:
        self._show(fact.session)

    def _show(self, session: Session) -> None:
        localpart, host = session.full_jid.localpart, self._host
        if not self._day or session.priority < 0 or localpart in self._shown_to or host is None:
            return
        self._shown_to.add(localpart)
        _send(host.domain, session, self._day, _DAY_SUBJECT)
        host.spawn(self._note_shown(localpart), "note who has seen the message of the day")

    async def _note_shown(self, localpart: str) -> None:
        try:
            await self._store.note_shown(_DAY, localpart)
        except StorageError:
            return  # it was deleted meanwhile, or is shown once more after a restart


def _send(domain: str, session: Session, text: str, subject: str) -> None:
    head = "<message" + attribute("from", domain) + attribute("to", str(session.full_jid))
    written = f"<subject>{escaped(replace_forbidden(subject))}</subject>" if subject else ""
    session.send(
        f"{head}>{written}<body>{escaped(replace_forbidden(text))}</body></message>".encode()
    )
