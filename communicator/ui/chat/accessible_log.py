"""The log as a screen reader sees it: a list whose children are the messages in sight.

``install_accessible_log`` is called once for the application. Qt does not own interfaces that are
written in Python, so each is kept by the factory as long as the view lives.
"""

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

from communicator.ui.chat.message_view import MessageView


class _ReadOnlyInterface(QAccessibleInterface):
    """What list and message answer alike."""

    def isValid(self) -> bool:
        """Return True: the factory forgets interfaces whose view is gone."""
        return True

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Refuse: the log can only be read."""

    def childAt(  # type: ignore[override]  # Qt allows None, the stubs do not
        self, x: int, y: int
    ) -> QAccessibleInterface | None:
        """Return the child under a point of the screen."""
        children = (self.child(number) for number in range(self.childCount()))
        return next((one for one in children if one and one.rect().contains(x, y)), None)


class AccessibleMessage(_ReadOnlyInterface):
    """One message in sight."""

    def __init__(self, view: MessageView, number: int) -> None:
        super().__init__()
        self._view = view
        self._number = number

    def object(self) -> QObject | None:  # type: ignore[override]  # Qt allows None, the stubs do not
        """Return None: a message is no object of Qt."""
        return None

    def role(self) -> QAccessible.Role:
        """Return that it is an item of a list."""
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Return that it can be focused."""
        state = QAccessible.State()
        state.focusable = True
        return state

    def text(self, kind: QAccessible.Text) -> str:
        """Return sender, text, time and state as the name."""
        rows = self._view.visible_rows()
        if kind != QAccessible.Text.Name or self._number >= len(rows):
            return ""
        return self._view.description(rows[self._number].row)

    def rect(self) -> QRect:
        """Return its place on the screen."""
        rows = self._view.visible_rows()
        if self._number >= len(rows):
            return QRect()
        visible, viewport = rows[self._number], self._view.viewport()
        place = QRect(0, visible.top, viewport.width(), visible.height)
        return QRect(viewport.mapToGlobal(place.topLeft()), place.size())

    def parent(self) -> QAccessibleInterface:
        """Return the list."""
        return QAccessible.queryAccessibleInterface(self._view)

    def childCount(self) -> int:
        """Return 0."""
        return 0

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # as above
        """Return None."""
        return None

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        """Return that it has none."""
        return -1


class AccessibleLog(_ReadOnlyInterface):
    """The list of messages in sight."""

    def __init__(self, view: MessageView) -> None:
        super().__init__()
        self._view = view
        self._messages: dict[int, AccessibleMessage] = {}

    def object(self) -> QObject:
        """Return the view."""
        return self._view

    def role(self) -> QAccessible.Role:
        """Return that it is a list."""
        return QAccessible.Role.List

    def state(self) -> QAccessible.State:
        """Return that it can be focused."""
        state = QAccessible.State()
        state.focusable = True
        state.focused = self._view.hasFocus()
        return state

    def text(self, kind: QAccessible.Text) -> str:
        """Return the view's name."""
        return self._view.accessibleName() if kind == QAccessible.Text.Name else ""

    def rect(self) -> QRect:
        """Return its place on the screen."""
        return QRect(self._view.mapToGlobal(self._view.rect().topLeft()), self._view.size())

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]  # as above
        """Return what the view stands in."""
        parent = self._view.parentWidget()
        return QAccessible.queryAccessibleInterface(parent) if parent else None

    def childCount(self) -> int:
        """Return how many messages are in sight."""
        return len(self._view.visible_rows())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # as above
        """Return the n-th message in sight."""
        if not 0 <= index < self.childCount():
            return None
        return self._messages.setdefault(index, AccessibleMessage(self._view, index))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return a message's number, or -1."""
        return next((number for number, one in self._messages.items() if one is child), -1)


class AccessibleLogFactory:
    """Makes and keeps the interfaces of all logs of the application."""

    def __init__(self) -> None:
        self._interfaces: dict[int, AccessibleLog] = {}

    def install(self) -> None:
        """Have Qt ask this factory."""
        QAccessible.installFactory(self.interface_of)

    def interface_of(self, _class_name: str, widget: QWidget) -> QAccessibleInterface | None:
        """Return the interface of a log, or None for all else."""
        if not isinstance(widget, MessageView):
            return None
        key = id(widget)
        if key not in self._interfaces:
            self._interfaces[key] = AccessibleLog(widget)
            widget.destroyed.connect(lambda: self._interfaces.pop(key, None))
        return self._interfaces[key]
