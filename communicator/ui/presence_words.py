"""Presence in words, for labels, tool tips and the screen reader."""

from datetime import datetime

from PySide6.QtCore import QLocale, QObject, QTime

from communicator.state.presence import Availability, OwnPresence
from communicator.state.roster import Contact
from communicator.ui.plain_text import one_line


class PresenceWords(QObject):
    """Words for each availability."""

    def of(self, availability: Availability) -> str:
        """Return the word, with a capital as on a menu."""
        return {
            Availability.CHAT: self.tr("Free to chat"),
            Availability.AVAILABLE: self.tr("Available"),
            Availability.AWAY: self.tr("Away"),
            Availability.XA: self.tr("Away for longer"),
            Availability.DND: self.tr("Busy"),
            Availability.OFFLINE: self.tr("Offline"),
        }[availability]

    def of_contact(self, contact: Contact) -> str:
        """Return the word for somebody else, who may not have answered our request yet."""
        if contact.is_asked and not contact.is_online:
            return self.tr("Has not answered yet")
        return self.of(contact.availability)

    def own_line(self, presence: OwnPresence) -> str:
        """Return the own status in one line: text and end, or the word alone."""
        words = one_line(presence.status) or self.of(presence.availability)
        if presence.expires_at is None:
            return words
        return self.tr("{0} until {1}").format(words, clock_time(presence.expires_at))


def clock_time(moment: datetime) -> str:
    """Return the time of day of this computer's zone, as the locale writes it."""
    local = moment.astimezone()
    return QLocale().toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
