"""What is in memory and what a start would find on disk say the same, whatever happens."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from embedded_server.storage.messages.waiting import DeliveryChanges, WaitingMessages

OWNERS = (1, 2, 3)


@dataclass
class Disk:
    """The rows, and what they mean (docs/database.md)."""

    receivers: dict[int, int] = field(default_factory=dict)
    marks: dict[int, int] = field(default_factory=dict)
    listed: set[tuple[int, int]] = field(default_factory=set)
    settled_up_to: int = 0

    def write(self, changes: DeliveryChanges) -> None:
        for owner, mark in changes.marks:
            self.marks[owner] = max(mark, self.marks.get(owner, 0))
        self.listed.update(changes.listed)
        self.listed.difference_update(changes.unlisted)
        for (key,) in changes.forgotten:
            del self.receivers[key]

    def settle(self, last: int, rows: list[tuple[int, int]]) -> None:
        self.listed.update(rows)
        self.settled_up_to = last
        self.marks = {owner: mark for owner, mark in self.marks.items() if mark > last}

    def read(self, kept: set[int]) -> WaitingMessages:
        """Return what a start finds."""
        found = WaitingMessages()
        waiting = [(key, owner) for owner, keys in self.waiting().items() for key in keys]
        for key, owner in sorted(waiting):
            is_listed = (owner, key) in self.listed
            found.add(owner, key, 10, is_kept=key in kept, is_listed=is_listed)
        return found

    def waiting(self) -> dict[int, list[int]]:
        return {
            owner: [
                key
                for key, receiver in sorted(self.receivers.items())
                if receiver == owner
                and (
                    (owner, key) in self.listed
                    or key > max(self.settled_up_to, self.marks.get(owner, 0))
                )
            ]
            for owner in OWNERS
        }


class Office:
    """A memory and its disk; each method is something that may happen."""

    def __init__(self) -> None:
        self.waiting = WaitingMessages()
        self.disk = Disk()
        self.last = 0
        self.kept: set[int] = set()

    def add(self, owner: int, is_kept: int) -> None:
        self.last += 1
        self.waiting.add(owner, self.last, 10, is_kept=bool(is_kept % 2))
        self.disk.receivers[self.last] = owner
        if is_kept % 2:
            self.kept.add(self.last)

    def fail_to_add(self, owner: int, _: int) -> None:
        self.last += 1
        self.waiting.add(owner, self.last, 10, is_kept=True)
        self.waiting.cancel(owner, self.last)

    def let_arrive(self, owner: int, which: int) -> None:
        some = [key for place, key in enumerate(self.waiting.ids(owner)) if which >> place & 1]
        self.waiting.arrived(owner, [*some, 4711])

    def write(self, *_: int) -> None:
        self.disk.write(self.waiting.take_changes())

    def fail_to_write(self, *_: int) -> None:
        self.waiting.give_back(self.waiting.take_changes())

    def settle(self, *_: int) -> None:
        self.disk.settle(self.last, self.waiting.take_listed_up_to(self.last))

    def fail_to_settle(self, *_: int) -> None:
        self.waiting.unlist(self.waiting.take_listed_up_to(self.last))

    def crash(self, *_: int) -> None:
        self.waiting = self.disk.read(self.kept)


STEPS = st.sampled_from(
    [
        *(Office.add, Office.add, Office.let_arrive, Office.let_arrive, Office.write),
        *(Office.settle, Office.crash),
        *(Office.fail_to_add, Office.fail_to_write, Office.fail_to_settle),
    ]
)


@settings(max_examples=300)
@given(st.lists(st.tuples(STEPS, st.sampled_from(OWNERS), st.integers(0, 7)), max_size=40))
def test_disk_says_what_memory_says_when_all_is_written(
    steps: list[tuple[Callable[[Office, int, int], None], int, int]],
) -> None:
    office = Office()
    for step, owner, number in steps:
        step(office, owner, number)

    office.write()

    waiting, on_disk = office.waiting, office.disk.waiting()
    assert on_disk == {owner: waiting.ids(owner) for owner in OWNERS}
    assert {owner: waiting.amount(owner) for owner in OWNERS} == {
        owner: (len(keys), 10 * len(keys)) for owner, keys in on_disk.items()
    }
    assert not waiting.take_changes()


def test_account_for_which_nothing_waits_takes_no_memory() -> None:
    waiting = WaitingMessages()
    waiting.add(1, 1, 10, is_kept=True)
    waiting.arrived(1, [1])

    waiting.take_changes()

    assert waiting.amount(1) == (0, 0)
    assert not waiting.has(1, 1)
    assert not waiting.has_changes
    assert not waiting.arrived(1, [1])


def test_deleted_account_leaves_nothing_to_write() -> None:
    waiting = WaitingMessages()
    waiting.add(1, 1, 10, is_kept=False)
    waiting.add(1, 2, 10, is_kept=True)
    waiting.arrived(1, [2])

    waiting.forget(1)

    assert not waiting.take_changes()
    assert waiting.ids(1) == []
    assert waiting.take_listed_up_to(5) == []
