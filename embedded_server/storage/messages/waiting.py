"""Which messages wait for a client of their receiver: in memory, and on disk as a mark.

A message that waits has no row of its own for that, since most wait for a moment only. On disk a
message waits if its receiver's mark (``delivery_marks``) has not passed it, or if it is listed
(``waiting_messages``): because later ones arrived before it, or because it waits for long.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

MarkRow = tuple[int, int]
WaitingRow = tuple[int, int]


@dataclass(slots=True)
class _Waiting:
    """What waits for one account.

    Attributes:
        sizes: Bytes by message, oldest first.
        size_bytes: All of them.
        listed: Those of them that have a row on disk.
        delivered_up_to: The newest that arrived; 0 if that is of no matter any more.
    """

    sizes: dict[int, int] = field(default_factory=dict)
    size_bytes: int = 0
    listed: set[int] = field(default_factory=set)
    delivered_up_to: int = 0


class DeliveryChanges(NamedTuple):
    """What is to be written of deliveries.

    Attributes:
        marks: Account and newest message that arrived.
        listed: Account and message that still waits behind the mark.
        unlisted: Account and message that had such a row and waits no more.
        forgotten: Messages that nobody keeps and nobody waits for.
    """

    marks: list[MarkRow]
    listed: list[WaitingRow]
    unlisted: list[WaitingRow]
    forgotten: list[tuple[int]]

    def __bool__(self) -> bool:
        return any(self)


class WaitingMessages:
    """The messages that wait, by account; every question is answered from memory."""

    def __init__(self) -> None:
        self._by_owner: dict[int, _Waiting] = {}
        self._dirty: set[int] = set()
        self._unlisted: list[WaitingRow] = []
        self._forgotten: list[tuple[int]] = []
        self._unkept: set[int] = set()  # of those that wait: in nobody's archive

    def amount(self, owner_id: int) -> tuple[int, int]:
        """Return how many messages wait for an account, and their bytes."""
        waiting = self._by_owner.get(owner_id)
        return (len(waiting.sizes), waiting.size_bytes) if waiting else (0, 0)

    def has(self, owner_id: int, message_id: int) -> bool:
        """Return whether a message waits."""
        waiting = self._by_owner.get(owner_id)
        return waiting is not None and message_id in waiting.sizes

    def ids(self, owner_id: int) -> list[int]:
        """Return what waits for an account, oldest first."""
        waiting = self._by_owner.get(owner_id)
        return list(waiting.sizes) if waiting else []

    def add(
        self,
        owner_id: int,
        message_id: int,
        size_bytes: int,
        *,
        is_kept: bool,
        is_listed: bool = False,
    ) -> None:
        """A message waits; its id is greater than those of all that wait already.

        Args:
            owner_id: For whom.
            message_id: Which.
            size_bytes: Of its stanza.
            is_kept: Whether an archive has it; otherwise it goes when it arrived.
            is_listed: Whether it has a row on disk.
        """
        waiting = self._by_owner.get(owner_id)
        if waiting is None:
            waiting = self._by_owner[owner_id] = _Waiting()
        waiting.sizes[message_id] = size_bytes
        waiting.size_bytes += size_bytes
        if is_listed:
            waiting.listed.add(message_id)
        if not is_kept:
            self._unkept.add(message_id)

    def cancel(self, owner_id: int, message_id: int) -> None:
        """A message was not stored, so that it does not wait."""
        waiting = self._by_owner.get(owner_id)
        if waiting is not None:
            waiting.size_bytes -= waiting.sizes.pop(message_id, 0)
            self._unkept.discard(message_id)
            self._tidy(owner_id, waiting)

    def arrived(self, owner_id: int, message_ids: Iterable[int]) -> bool:
        """Messages have arrived; those that did not wait are passed over.

        Returns:
            True if there is something to write.
        """
        waiting = self._by_owner.get(owner_id)
        if waiting is None:
            return False
        sizes = waiting.sizes
        for key in message_ids:
            size = sizes.pop(key, None)
            if size is None:
                continue
            waiting.size_bytes -= size
            waiting.delivered_up_to = max(waiting.delivered_up_to, key)
            if key in waiting.listed:
                waiting.listed.remove(key)
                self._unlisted.append((owner_id, key))
            if key in self._unkept:
                self._unkept.remove(key)
                self._forgotten.append((key,))
            self._dirty.add(owner_id)
        return owner_id in self._dirty

    def forget(self, owner_id: int) -> None:
        """An account is gone, with all that waited for it."""
        waiting = self._by_owner.pop(owner_id, None)
        self._dirty.discard(owner_id)
        if waiting is not None:
            self._unkept.difference_update(waiting.sizes)

    @property
    def has_changes(self) -> bool:
        """Whether there is something to write."""
        return bool(self._dirty)

    def take_changes(self) -> DeliveryChanges:
        """Return what changed since the last call; ``give_back`` if it could not be written."""
        marks: list[MarkRow] = []
        listed: list[WaitingRow] = []
        dirty, self._dirty = self._dirty, set()
        for owner_id in dirty:
            waiting = self._by_owner[owner_id]
            marks.append((owner_id, waiting.delivered_up_to))
            listed += _list(owner_id, waiting, waiting.delivered_up_to)
            self._tidy(owner_id, waiting)
        changes = DeliveryChanges(marks, listed, self._unlisted, self._forgotten)
        self._unlisted, self._forgotten = [], []
        return changes

    def give_back(self, changes: DeliveryChanges) -> None:
        """What ``take_changes`` returned was not written; it goes with the next."""
        for owner_id, delivered_up_to in changes.marks:
            waiting = self._by_owner.setdefault(owner_id, _Waiting())
            waiting.delivered_up_to = max(waiting.delivered_up_to, delivered_up_to)
            self._dirty.add(owner_id)
        self.unlist(changes.listed)
        self._unlisted = [*changes.unlisted, *self._unlisted]
        self._forgotten = [*changes.forgotten, *self._forgotten]

    def take_listed_up_to(self, message_id: int) -> list[WaitingRow]:
        """Return rows for all that waits up to a message and has none; see ``unlist``."""
        rows: list[WaitingRow] = []
        for owner_id, waiting in self._by_owner.items():
            rows += _list(owner_id, waiting, message_id + 1)
        return rows

    def unlist(self, rows: Iterable[WaitingRow]) -> None:
        """These rows were not written."""
        for owner_id, key in rows:
            waiting = self._by_owner.get(owner_id)
            if waiting is not None:
                waiting.listed.discard(key)

    def _tidy(self, owner_id: int, waiting: _Waiting) -> None:
        """Forget an account for which nothing waits and whose mark is written.

        Later messages have greater ids than the mark, so that it need not be known for them.
        """
        if not waiting.sizes and owner_id not in self._dirty:
            self._by_owner.pop(owner_id, None)


def _list(owner_id: int, waiting: _Waiting, before: int) -> list[WaitingRow]:
    """Return rows for what waits, is older than a message, and has none."""
    rows: list[WaitingRow] = []
    for key in waiting.sizes:  # oldest first
        if key >= before:
            break
        if key not in waiting.listed:
            waiting.listed.add(key)
            rows.append((owner_id, key))
    return rows
