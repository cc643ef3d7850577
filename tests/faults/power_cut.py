"""What a disk holds after the power was cut: everything that was synced, and a part of the rest.

A write that was not synced is kept or lost on its own, and may be torn at a sector. What a failed
sync should have carried is not safe even if a later sync succeeds: the kernel may have forgotten it
(security, section 8.4). Directory entries count as durable.
"""

import random
from collections.abc import Sequence
from pathlib import Path

from tests.faults.sqlite_disk import SYNC, TRUNCATE, DiskEvent

SECTOR_BYTES = 512
TORN_SHARE = 0.2
KEPT_SHARES = (0.0, 0.0, 0.5, 0.9)

Disk = dict[str, bytearray]


class PowerCut:
    """A disk that is played up to a moment and then loses power."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._kept_share = chance.choice(KEPT_SHARES)
        self.disk: Disk = {}
        self._pending: dict[str, list[DiskEvent]] = {}

    def play(self, events: Sequence[DiskEvent]) -> None:
        """Let happen what happened."""
        for event in events:
            match event.kind:
                case "write" | "truncate":
                    self._pending.setdefault(event.file, []).append(event)
                case "sync" if event.has_failed:
                    self._lose(self._pending.pop(event.file, []))
                case "sync":
                    for done in self._pending.pop(event.file, []):
                        self._apply(done)
                case "delete":
                    self.disk.pop(event.file, None)
                    self._pending.pop(event.file, None)

    def cut(self) -> Disk:
        """Cut the power; returns the content of every file by its name."""
        pending, self._pending = self._pending, {}
        for events in pending.values():
            self._lose(events)
        return self.disk

    def _lose(self, events: Sequence[DiskEvent]) -> None:
        for event in events:
            if self._chance.random() < self._kept_share:
                self._apply(event, is_torn=self._chance.random() < TORN_SHARE)

    def _apply(self, event: DiskEvent, *, is_torn: bool = False) -> None:
        if event.has_failed:
            return
        content = self.disk.setdefault(event.file, bytearray())
        if event.kind == TRUNCATE:
            del content[event.offset :]
            return
        data = event.data
        if is_torn and len(data) > SECTOR_BYTES:
            sectors = (len(data) + SECTOR_BYTES - 1) // SECTOR_BYTES
            data = data[: SECTOR_BYTES * self._chance.randrange(1, sectors)]
        if len(content) < event.offset:
            content.extend(bytes(event.offset - len(content)))
        content[event.offset : event.offset + len(data)] = data


def cut_at(events: Sequence[DiskEvent], moment: int, chance: random.Random) -> Disk:
    """Return what is left when the power is cut after so many events."""
    power = PowerCut(chance)
    power.play(events[:moment])
    return power.cut()


def killed_at(events: Sequence[DiskEvent], moment: int) -> Disk:
    """Return what is left when the process is killed after so many events: all it had written."""
    power = PowerCut(random.Random(0))  # noqa: S311 - nothing is left to chance
    power.play([*events[:moment], *(DiskEvent(SYNC, name) for name in {e.file for e in events})])
    return power.cut()


def write_disk(disk: Disk, folder: Path) -> None:
    """Put the files that are left into a folder, which is made."""
    folder.mkdir(parents=True)
    for name, content in disk.items():
        if name:
            (folder / name).write_bytes(content)


def moments(
    events: Sequence[DiskEvent], count: int, chance: random.Random, *, first: int = 0
) -> list[int]:
    """Choose when to cut; half of them right behind a promise, where it would be noticed most."""
    marks = [place + 1 for place, event in enumerate(events) if event.kind == "mark"]
    marks = [place for place in marks if place > first]
    chosen = [chance.choice(marks) for _ in range(count // 2)] if marks else []
    return sorted(
        chosen + [chance.randrange(first, len(events)) for _ in range(count - len(chosen))]
    )
