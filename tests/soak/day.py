"""What is counted over a run, and the verdict at its end."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

_MOST_P99_MS = 50.0
_MOST_GROWTH_KB_PER_HOUR = 16_384
_WARM_UP_SHARE = 0.25


@dataclass
class Minute:
    """What was seen since the last line.

    Attributes:
        latencies: Of chat messages, in seconds.
    """

    latencies: list[float] = field(default_factory=list)

    def p99_ms(self) -> float:
        """Return the 99th percentile in milliseconds; 0 without any."""
        ordered = sorted(self.latencies)
        return ordered[int(0.99 * (len(ordered) - 1))] * 1_000 if ordered else 0.0


@dataclass
class Day:
    """A run.

    Attributes:
        counts: What happened, by name.
        wrong: What should not have happened, by name.
        memory: Pairs of seconds since the beginning and kB of resident memory.
        p99s: In milliseconds, one for each line.
    """

    begun: float = field(default_factory=time.monotonic)
    counts: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    memory: list[tuple[float, int]] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    minute: Minute = field(default_factory=Minute)

    def count(self, name: str, number: int = 1) -> None:
        """Something happened."""
        self.counts[name] = self.counts.get(name, 0) + number

    def mistake(self, name: str, number: int = 1) -> None:
        """Something happened that must not."""
        self.wrong[name] = self.wrong.get(name, 0) + number

    def line(self, resident_kilobytes: int, descriptors: int) -> str:
        """Close a minute and return what is shown of it."""
        elapsed = time.monotonic() - self.begun
        self.memory.append((elapsed, resident_kilobytes))
        self.p99s.append(self.minute.p99_ms())
        self.minute = Minute()
        counts = " ".join(f"{name}={number}" for name, number in sorted(self.counts.items()))
        wrong = " ".join(f"{name}={number}" for name, number in sorted(self.wrong.items()))
        return (
            f"{elapsed:6.0f} s  p99 {self.p99s[-1]:6.2f} ms  {resident_kilobytes:,} kB  "
            f"{descriptors} descriptors  {counts}  wrong: {wrong or 'nothing'}"
        )

    def growth_kb_per_hour(self) -> float:
        """Return the slope of the memory by least squares, without the first quarter."""
        end = self.memory[-1][0]
        points = [point for point in self.memory if point[0] >= end * _WARM_UP_SHARE]
        if len(points) < 3:
            return 0.0
        mean_x = sum(x for x, _ in points) / len(points)
        mean_y = sum(y for _, y in points) / len(points)
        above = sum((x - mean_x) * (y - mean_y) for x, y in points)
        below = sum((x - mean_x) ** 2 for x, _ in points)
        return above / below * 3_600

    def verdict(self) -> Iterator[str]:
        """Return what failed; nothing if all is well."""
        for name, number in sorted(self.wrong.items()):
            yield f"{name}: {number}"
        growth = self.growth_kb_per_hour()
        if growth > _MOST_GROWTH_KB_PER_HOUR:
            yield f"the memory grows by {growth:,.0f} kB an hour"
        ordered = sorted(self.p99s)
        if ordered and ordered[len(ordered) // 2] > _MOST_P99_MS:
            yield f"the median of p99 is {ordered[len(ordered) // 2]:.1f} ms"
