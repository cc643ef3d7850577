"""The office server on this computer, as the tray and the own strip show it."""

from dataclasses import dataclass
from enum import Enum

from communicator.state.signals import Signal


class OfficePhase(Enum):
    """Whether the server process runs."""

    ABSENT = "absent"  # no office was started on this computer
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OfficeStatus:
    """What is known of the office server.

    Attributes:
        connected: How many sessions are open.
        failure: One sentence of what went wrong and what to do; empty otherwise.
    """

    phase: OfficePhase = OfficePhase.ABSENT
    office_name: str = ""
    connected: int = 0
    failure: str = ""


class OfficeState:
    """The status of the office server.

    Signals:
        status_changed: The new status.
    """

    def __init__(self) -> None:
        self._status = OfficeStatus()
        self.status_changed: Signal[OfficeStatus] = Signal()

    @property
    def status(self) -> OfficeStatus:
        """The status now."""
        return self._status

    def put(self, status: OfficeStatus) -> None:
        """Replace the status; only the office service calls this."""
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)
