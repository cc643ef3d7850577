"""Presence as the user sees it: one availability and a status text (RFC 6121, section 4.7)."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from communicator.state.signals import Signal


class Availability(Enum):
    """How reachable somebody is, from most to least."""

    CHAT = "chat"
    AVAILABLE = "available"
    AWAY = "away"
    XA = "xa"
    DND = "dnd"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class OwnPresence:
    """What the user tells the others.

    Attributes:
        expires_at: UTC moment at which the presence returns to available without a status; None
            for never.
    """

    availability: Availability = Availability.AVAILABLE
    status: str = ""
    expires_at: datetime | None = None


class OwnPresenceState:
    """The presence that the user wants to show, whether connected or not.

    Signals:
        presence_changed: The new presence.
    """

    def __init__(self, presence: OwnPresence | None = None) -> None:
        self._presence = presence or OwnPresence()
        self.presence_changed: Signal[OwnPresence] = Signal()

    @property
    def presence(self) -> OwnPresence:
        """The wanted presence."""
        return self._presence

    def put(self, presence: OwnPresence) -> None:
        """Replace the wanted presence; only the presence service calls this."""
        if presence != self._presence:
            self._presence = presence
            self.presence_changed.emit(presence)
