"""The menu of one message of the log."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from communicator.ui.chat.links import Link
from communicator.ui.chat.row_layout import RowLayout
from communicator.ui.chat.row_texts import RowTexts


class MessageMenu(QMenu):
    """What can be done with a message; ends when it is closed.

    Signals:
        copy_requested: Text for the clipboard.
        link_activated: The address of the link.
        failure_action_requested: ``retry``, ``edit`` or ``discard``, and the message's id.
    """

    copy_requested = Signal(str)
    link_activated = Signal(str)
    failure_action_requested = Signal(str, object)

    def __init__(
        self, layout: RowLayout, text: str, link: Link | None, texts: RowTexts, parent: QWidget
    ) -> None:
        """Make the menu.

        Args:
            layout: The message as it is shown.
            text: What is copied.
            link: The link at hand, if there is one.
            texts: The words of the log.
            parent: The log.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.addAction(self.tr("Copy")).triggered.connect(lambda: self.copy_requested.emit(text))
        if link is not None:
            follow = self.addAction(self.tr("Open link"))
            follow.triggered.connect(lambda: self.link_activated.emit(link.target))
            copy = self.addAction(self.tr("Copy link"))
            copy.triggered.connect(lambda: self.copy_requested.emit(link.target))
        if layout.shape.has_failure:
            self.addSeparator()
            for name, shown in texts.failure_actions().items():
                self._add_failure_action(name, shown, layout.message.message_id)

    def _add_failure_action(self, name: str, shown: str, message_id: int) -> None:
        self.addAction(shown).triggered.connect(
            lambda: self.failure_action_requested.emit(name, message_id)
        )
