"""A list of rows of equal height, which keeps its place when the rows are arranged anew."""

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from communicator.ui.models.roles import RowRole
from communicator.ui.models.row_list_model import RowListModel
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.row_painting import RowDelegate

_ENTER_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class RowList(QListView):
    """Rows that are chosen by one click, Enter or Space.

    Signals:
        row_chosen: The row's value.
        menu_requested: The row's value, and a point on the screen.
        pointer_entered, pointer_left: The pointer came, or went.
    """

    row_chosen = Signal(object)
    menu_requested = Signal(object, QPoint)
    pointer_entered = Signal()
    pointer_left = Signal()

    def __init__(
        self,
        theme: Theme,
        model: RowListModel[Any],
        delegate: RowDelegate,
        name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = model
        self._delegate = delegate
        self._kept_key: Hashable | None = None
        delegate.setParent(self)
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(delegate)
        self.setMinimumHeight(delegate.least_height)
        model.modelAboutToBeReset.connect(self._keep_place)
        model.rowsAboutToBeRemoved.connect(self._keep_place)
        model.modelReset.connect(self._restore_place)
        model.rowsInserted.connect(self._restore_place)
        self.setModel(model)
        self.clicked.connect(self._choose)
        theme.changed.connect(self._on_theme_changed)

    def current_row(self) -> Any:
        """Return the value of the row with the cursor, or None."""
        return self.currentIndex().data(RowRole.ROW)

    def go_to(self, key: Hashable) -> None:
        """Put the cursor on the row with this key, if there is one."""
        row = self._rows.row_of(key)
        if row >= 0:
            self.setCurrentIndex(self._rows.index(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by Enter and Space."""
        if event.key() in _ENTER_KEYS and self.currentIndex().isValid():
            self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the row under the pointer, or by the Menu key of the row at hand."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        point = self.visualRect(index).center() if by_key else event.pos()
        row = index.data(RowRole.ROW)
        self.menu_requested.emit(row, self.viewport().mapToGlobal(point))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell that the pointer came."""
        self.pointer_entered.emit()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer went."""
        self.pointer_left.emit()
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Put the cursor somewhere, so that the focus can be seen."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._rows.rowCount():
            self.setCurrentIndex(self._rows.index(0))

    def _choose(self, index: QModelIndex | QPersistentModelIndex) -> None:
        row = index.data(RowRole.ROW)
        if row is not None:
            self.row_chosen.emit(row)

    def _keep_place(self) -> None:
        row = self.current_row()
        if row is not None:
            self._kept_key = row.key

    def _restore_place(self) -> None:
        if self._kept_key is not None:
            self.go_to(self._kept_key)

    def _on_theme_changed(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()
