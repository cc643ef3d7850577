"""The words that are painted into the log, or said of a row by a screen reader."""

from datetime import datetime

from PySide6.QtCore import QObject

from communicator.state.conversations import DeliveryState
from communicator.ui.presence_words import clock_time
from communicator.ui.spoken import spoken


class RowTexts(QObject):
    """Texts of rows."""

    def state(self, state: DeliveryState) -> str:
        """Return the words for a delivery state; empty for what others sent."""
        return {
            DeliveryState.WAITING: self.tr("waiting to be sent"),
            DeliveryState.SENT: self.tr("sent"),
            DeliveryState.DELIVERED: self.tr("delivered"),
            DeliveryState.FAILED: self.tr("not sent"),
            DeliveryState.RECEIVED: "",
        }[state]

    def failure_actions(self) -> dict[str, str]:
        """Return what a message that failed offers: name of the action to its text."""
        return {
            "retry": self.tr("Retry"),
            "edit": self.tr("Edit"),
            "discard": self.tr("Delete"),
        }

    def failure(self, reason: str) -> str:
        """Return the note under a message that failed."""
        return self.tr("Not sent: {0}").format(spoken(reason) or self.tr("The server refused it."))

    def new_since(self, moment: datetime) -> str:
        """Return the words of the line above the first unread message."""
        return self.tr("New since {0}").format(clock_time(moment))
