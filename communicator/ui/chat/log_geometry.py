"""Where each row of a log stands: heights, layouts of those in sight, the reader's place.

The place is kept as (row, pixels of it above the edge), never as a pixel of the scroll bar: when
heights above become known, or older messages are filled in, the pixel changes and the place does
not.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from communicator.state.message_log import MessageLog, RowRange
from communicator.ui.chat.height_index import HeightIndex
from communicator.ui.chat.row_layout import LogMetrics, RowLayout, lay_out
from communicator.ui.chat.row_shape import shape_of

KEPT_LAYOUTS = 300


@dataclass(frozen=True, slots=True)
class VisibleRow:
    """A row in sight and where it stands in the viewport."""

    row: int
    top: int
    height: int


class LogGeometry:
    """The geometry of one log in a viewport of a given size."""

    def __init__(self, log: MessageLog, metrics: LogMetrics, view_height: int) -> None:
        self.is_at_end = True
        self.view_height = view_height
        self._log = log
        self._anchor = (0, 0)
        self._layouts: OrderedDict[int, RowLayout] = OrderedDict()
        self.resize(metrics, view_height)

    @property
    def metrics(self) -> LogMetrics:
        """What the rows were laid out for."""
        return self._metrics

    @property
    def total_height(self) -> int:
        """Height of all rows, as far as it is known."""
        return self._heights.total

    @property
    def scroll_range(self) -> int:
        """The highest value of the scroll bar."""
        return max(0, self._heights.total - self.view_height)

    @property
    def scroll_value(self) -> int:
        """The scroll bar's value at the reader's place."""
        if self.is_at_end:
            return self.scroll_range
        return self._heights.top(self._anchor[0]) + self._anchor[1]

    def __len__(self) -> int:
        return len(self._heights)

    def resize(self, metrics: LogMetrics, view_height: int) -> None:
        """Guess all heights anew for another width or font; the reader's place is kept."""
        self._metrics = metrics
        self.view_height = view_height
        self._layouts.clear()
        self._estimates_by_length: dict[int, int] = {}
        self._heights = HeightIndex(self._estimates(self._log.lengths))
        self.settle()

    def scroll_to(self, value: int) -> None:
        """Take the reader to a value of the scroll bar."""
        self.is_at_end = value >= self.scroll_range
        self._anchor = self._heights.row_at(value)
        self.settle()

    def scroll_to_end(self) -> None:
        """Take the reader to the newest message."""
        self.is_at_end = True
        self.settle()

    def settle(self) -> None:
        """Lay out what is in sight; measured heights may bring other rows into sight."""
        self._anchor = self._settle_at_end() if self.is_at_end else self._settle_at_anchor()

    def layout(self, row: int) -> RowLayout | None:
        """Return a row's layout, or None while its message is being fetched."""
        message = self._log.message(row)
        if message is None:
            return None
        layout = self._layouts.get(message.message_id)
        if layout is None:
            layout = lay_out(message, shape_of(self._log, row, message), self._metrics)
            self._layouts[message.message_id] = layout
            self._heights.put(row, layout.height)
            if len(self._layouts) > KEPT_LAYOUTS:
                self._layouts.popitem(last=False)
        else:
            self._layouts.move_to_end(message.message_id)
        return layout

    def visible_rows(self) -> list[VisibleRow]:
        """Rows in sight, top to bottom; a short log stands next to the composer."""
        found = []
        row, offset = self._anchor
        top = max(0, self.view_height - self._heights.total) - offset
        while row < len(self._heights) and top < self.view_height:
            height = self._heights.height(row)
            found.append(VisibleRow(row, top, height))
            top += height
            row += 1
        return found

    def place_of(self, row: int) -> tuple[int, int]:
        """Return top and bottom of a row, in pixels of the scroll bar."""
        self.layout(row)
        top = self._heights.top(row)
        return top, top + self._heights.height(row)

    def take_inserted(self, rows: RowRange) -> None:
        """Make room for new rows; the reader's place stays where it is."""
        lengths = self._log.lengths[rows.first : rows.first + rows.count]
        self._heights.insert(rows.first, self._estimates(lengths))
        row, offset = self._anchor
        if not self.is_at_end and rows.first <= row:
            self._anchor = (row + rows.count, offset)
        self.forget(rows.first + rows.count)
        self.settle()

    def take_removed(self, row: int) -> None:
        """Close the gap of a row that is gone."""
        self._heights.remove(row)
        self._layouts.clear()
        first, offset = self._anchor
        last = max(0, len(self._heights) - 1)
        self._anchor = (min(first - (row < first), last), offset)
        self.settle()

    def forget(self, first: int, count: int = 1) -> None:
        """Lay these rows out anew when they are next in sight."""
        for row in range(first, min(first + count, len(self._log))):
            self._layouts.pop(self._log.message_id(row), None)

    def _estimates(self, lengths: Sequence[int]) -> list[int]:
        """Guess heights; each length is measured once, for most occur many times."""
        known = self._estimates_by_length
        for length in set(lengths) - known.keys():
            known[length] = self._metrics.estimate(length)
        return [known[length] for length in lengths]

    def _settle_at_end(self) -> tuple[int, int]:
        left = self.view_height
        for row in range(len(self._heights) - 1, -1, -1):
            self.layout(row)
            left -= self._heights.height(row)
            if left <= 0:
                return row, -left
        return 0, 0

    def _settle_at_anchor(self) -> tuple[int, int]:
        row, offset = self._anchor
        row = min(row, max(0, len(self._heights) - 1))
        bottom = -offset
        for below in range(row, len(self._heights)):
            self.layout(below)
            bottom += self._heights.height(below)
            if bottom >= self.view_height:
                return row, min(offset, self._heights.height(row) - 1)
        if self._heights.total > self.view_height:
            self.is_at_end = True
        return self._settle_at_end()
