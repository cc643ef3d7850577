"""Ready-made presences with an end."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from PySide6.QtCore import QObject

from communicator.state.presence import Availability, OwnPresence

CHOOSABLE = (
    Availability.AVAILABLE,
    Availability.CHAT,
    Availability.AWAY,
    Availability.XA,
    Availability.DND,
)
DURATIONS_MINUTES = (15, 30, 45, 60)
_END_OF_DAY = time(23, 59)


@dataclass(frozen=True, slots=True)
class Preset:
    """A presence of one click.

    Attributes:
        minutes: How long it lasts; 0 until the end of the day.
    """

    text: str
    availability: Availability
    minutes: int

    def starting_at(self, now: datetime) -> OwnPresence:
        """Return the presence that begins now."""
        return OwnPresence(self.availability, self.text, end_of(now, self.minutes))


def end_of(now: datetime, minutes: int) -> datetime:
    """Return the moment some minutes from now; 0 is the end of the day where the user is."""
    if minutes:
        return now + timedelta(minutes=minutes)
    local = now.astimezone()
    return datetime.combine(local.date(), _END_OF_DAY, tzinfo=local.tzinfo).astimezone(now.tzinfo)


class PresetTexts(QObject):
    """The presets in the language of the interface."""

    def presets(self) -> tuple[Preset, ...]:
        """Return the presets in the order of the menu."""
        return (
            Preset(self.tr("Lunch"), Availability.AWAY, 45),
            Preset(self.tr("In a meeting"), Availability.DND, 60),
            Preset(self.tr("Back in a moment"), Availability.AWAY, 15),
            Preset(self.tr("Do not disturb, please"), Availability.DND, 30),
            Preset(self.tr("Out for the day"), Availability.XA, 0),
        )

    def duration(self, minutes: int) -> str:
        """Return a duration in words."""
        if minutes == 0:
            return self.tr("today")
        return self.tr("%n min", "", minutes)
