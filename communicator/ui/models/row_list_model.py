"""A flat list whose rows are replaced as a whole and told to the view as few exact operations."""

from collections.abc import Hashable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex

from communicator.ui.models.roles import RowRole

ModelIndex = QModelIndex | QPersistentModelIndex

RESET_ABOVE = 50  # more rows that come or go are cheaper as one reset


class Keyed(Protocol):
    """A row: equal rows look the same, rows with one key are the same thing."""

    @property
    def key(self) -> Hashable:
        """What tells the row from all others."""
        ...


R = TypeVar("R", bound=Keyed)


class RowListModel(QAbstractListModel, Generic[R]):
    """Keeps rows; ``put_rows`` finds out what changed between the old and the new ones."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[R] = []

    @property
    def rows(self) -> Sequence[R]:
        """All rows, as the view shows them."""
        return self._rows

    def rowCount(self, parent: ModelIndex = QModelIndex()) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: ModelIndex, role: int = 0) -> Any:
        """Return the row itself or its key; subclasses add texts."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == RowRole.ROW:
            return row
        if role == RowRole.KEY:
            return str(row.key)
        return None

    def row_of(self, key: Hashable) -> int:
        """Return the number of the row with this key, or -1."""
        return next((number for number, row in enumerate(self._rows) if row.key == key), -1)

    def put_rows(self, rows: list[R]) -> None:
        """Show other rows: those that stay are kept, the others come and go in one stretch each."""
        old, new = self._rows, rows
        first = 0
        shorter = min(len(old), len(new))
        while first < shorter and old[first].key == new[first].key:
            first += 1
        last = 0
        while last < shorter - first and old[-1 - last].key == new[-1 - last].key:
            last += 1
        gone, come = len(old) - first - last, len(new) - first - last
        if gone + come > RESET_ABOVE:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        self._replace_stretch(new, first, gone, come)
        self._tell_changes(old, new, first, last)

    def _replace_stretch(self, new: list[R], first: int, gone: int, come: int) -> None:
        stays = self._rows[:first] + self._rows[first + gone :]
        if gone:
            self.beginRemoveRows(QModelIndex(), first, first + gone - 1)
            self._rows = stays
            self.endRemoveRows()
        if come:
            self.beginInsertRows(QModelIndex(), first, first + come - 1)
            self._rows = new
            self.endInsertRows()
        self._rows = new

    def _tell_changes(self, old: list[R], new: list[R], first: int, last: int) -> None:
        shift = len(new) - len(old)
        changed = [number for number in range(first) if old[number] != new[number]]
        changed += [
            number
            for number in range(len(new) - last, len(new))
            if old[number - shift] != new[number]
        ]
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
