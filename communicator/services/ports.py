"""What the services need of the world below them; the adapters lie in ``storage``."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from communicator.state.conversations import Conversation, Message
from communicator.state.roster import Contact, ContactRequest
from shared_protocol.addresses import BareJid


class Clock(Protocol):
    """Time, so that tests need not wait for it."""

    def now(self) -> datetime:
        """Return the moment now, UTC and aware."""

    async def sleep(self, seconds: float) -> None:
        """Pause; may end a little early."""


class CredentialStore(Protocol):
    """Keeps passwords; every method may raise CredentialError."""

    async def password(self, jid: BareJid) -> str | None:
        """Return the password of an account, or None."""

    async def put(self, jid: BareJid, password: str) -> None:
        """Keep a password."""

    async def forget(self, jid: BareJid) -> None:
        """Forget a password."""


class SystemCredentialStore(CredentialStore, Protocol):
    """The password store of the system, which may be missing."""

    async def is_available(self) -> bool:
        """Return whether there is one that answers."""


class MessageHistory(Protocol):
    """The conversations of the account and their messages; methods may raise StorageError."""

    async def add_received(self, received: Sequence[Message]) -> list[Message | None]:
        """Store messages that came; None stands for one that had come before."""

    async def newest_id(self) -> int:
        """Return the highest message id; 0 if there is none."""

    async def outline(
        self, jid: BareJid, *, before: int | None, limit: int
    ) -> list[tuple[int, int]]:
        """Return ids and lengths of the newest messages below ``before``, oldest first."""

    async def messages(self, ids: Sequence[int]) -> list[Message]:
        """Return messages, oldest first."""

    async def first_unread_id(self, jid: BareJid) -> int | None:
        """Return the oldest unread message, or None."""

    async def mark_read(self, jid: BareJid) -> None:
        """Forget that messages are unread."""

    async def conversations(self) -> list[Conversation]:
        """Return every open conversation."""

    async def conversation(self, jid: BareJid) -> Conversation | None:
        """Return one open conversation, or None."""

    async def open_conversation(self, jid: BareJid) -> None:
        """Make a conversation, or list a closed one again."""

    async def close_conversation(self, jid: BareJid) -> None:
        """List a conversation no longer."""


class MessageOutbox(Protocol):
    """Own messages until the server has them; methods may raise StorageError."""

    async def add(self, message: Message) -> Message:
        """Store a message that waits; return it with its final id."""

    async def waiting(self) -> list[Message]:
        """Return what waits, in the order of sending."""

    async def mark_sent(self, origin_ids: Sequence[str]) -> list[Message]:
        """Note that the server stored these; return those that changed."""

    async def mark_delivered(self, jid: BareJid, origin_id: str) -> list[Message]:
        """Note that the addressed counterpart confirmed one; return it if it changed."""

    async def mark_failed(self, jid: BareJid, origin_id: str, failure: str) -> list[Message]:
        """Note that one was refused; return it if it changed."""

    async def put_back(self, message_id: int, origin_id: str) -> Message | None:
        """Make a failed message wait again."""

    async def discard(self, message_id: int) -> Message | None:
        """Remove a failed message."""


class DraftStore(Protocol):
    """Keeps drafts; may raise StorageError."""

    async def save(self, jid: BareJid, text: str) -> None:
        """Keep a draft; an empty one is forgotten."""


class RosterCache(Protocol):
    """The last roster, for the next start; methods may raise StorageError."""

    async def contacts(self) -> list[Contact]:
        """Return the kept contacts, all offline."""

    async def replace_all(self, roster: Iterable[Contact]) -> None:
        """Keep a complete roster."""

    async def put(self, changed: Iterable[Contact], removed: Iterable[BareJid]) -> None:
        """Keep changes."""

    async def requests(self) -> list[ContactRequest]:
        """Return the requests that wait."""

    async def put_request(self, request: ContactRequest) -> None:
        """Keep a request."""

    async def remove_request(self, jid: BareJid) -> None:
        """Forget a request."""
