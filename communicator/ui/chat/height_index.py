"""Heights of the rows of a log, in blocks with one sum each.

Finding the row at a pixel and the pixel of a row costs one pass over the block sums (some 200
numbers for 100,000
rows), and rows may be put in anywhere, which history that is filled in needs (a Fenwick tree
can't).
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

BLOCK_ROWS = 512


class HeightIndex:
    """Heights of all rows in whole pixels."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        every = array("i", heights)
        self._blocks = [every[at : at + BLOCK_ROWS] for at in range(0, len(every), BLOCK_ROWS)]
        self._sums: list[int] = []
        self._tops: list[int] = []
        self._firsts: list[int] = []
        self._count_anew()

    def __len__(self) -> int:
        return self._firsts[-1]

    @property
    def total(self) -> int:
        """Sum of all heights."""
        return self._tops[-1]

    def height(self, row: int) -> int:
        """Return one row's height."""
        block, at = self._locate(row)
        return self._blocks[block][at]

    def top(self, row: int) -> int:
        """Return the sum of the heights above a row; ``row`` may be the number of rows."""
        if row >= len(self):
            return self.total
        block, at = self._locate(row)
        return self._tops[block] + sum(self._blocks[block][:at])

    def row_at(self, pixel: int) -> tuple[int, int]:
        """Return the row at a pixel, and how many of its pixels lie above. (0, 0) without rows."""
        if not len(self):
            return 0, 0
        pixel = max(0, min(pixel, self.total - 1))
        block = bisect_right(self._tops, pixel) - 1
        rest = pixel - self._tops[block]
        for at, height in enumerate(self._blocks[block]):
            if rest < height:
                return self._firsts[block] + at, rest
            rest -= height
        return len(self) - 1, 0

    def put(self, row: int, height: int) -> int:
        """Replace one row's height and return by how much the total changed."""
        block, at = self._locate(row)
        change = height - self._blocks[block][at]
        if change:
            self._blocks[block][at] = height
            self._sums[block] += change
            self._tops = [0, *accumulate(self._sums)]
        return change

    def insert(self, row: int, heights: Iterable[int]) -> None:
        """Put rows in before ``row``."""
        block, at = self._locate(row) if row < len(self) else self._end()
        self._blocks[block][at:at] = array("i", heights)
        rows = self._blocks[block]
        if len(rows) > 2 * BLOCK_ROWS:
            cut = [rows[start : start + BLOCK_ROWS] for start in range(0, len(rows), BLOCK_ROWS)]
            self._blocks[block : block + 1] = cut
            self._count_anew()
        else:
            self._sums[block] = sum(rows)
            self._sum_up()

    def remove(self, row: int) -> None:
        """Take a row out."""
        block, at = self._locate(row)
        del self._blocks[block][at]
        self._sums[block] = sum(self._blocks[block])
        self._sum_up()

    def _locate(self, row: int) -> tuple[int, int]:
        if not 0 <= row < len(self):
            message = f"row {row} of {len(self)}"
            raise IndexError(message)
        block = bisect_right(self._firsts, row) - 1
        return block, row - self._firsts[block]

    def _end(self) -> tuple[int, int]:
        if not self._blocks:
            self._blocks.append(array("i"))
            self._sums.append(0)
        return len(self._blocks) - 1, len(self._blocks[-1])

    def _count_anew(self) -> None:
        self._sums = [sum(block) for block in self._blocks]
        self._sum_up()

    def _sum_up(self) -> None:
        self._tops = [0, *accumulate(self._sums)]
        self._firsts = [0, *accumulate(len(block) for block in self._blocks)]
