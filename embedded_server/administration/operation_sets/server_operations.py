"""What an administrator asks of the running server itself."""

from typing import Protocol

from embedded_server.administration.operations import JsonResult, OperationError, operation
from shared_protocol.errors import StanzaCondition
from shared_protocol.limits import LONGEST_STOP_DELAY_SECONDS


class ServerControl(Protocol):
    """The running server, as its operations see it."""

    def status(self) -> dict[str, object]:
        """Return what ``server.status`` tells; values that have a form in JSON."""

    def request_stop(self, *, is_restart: bool = False, delay_seconds: int = 0) -> None:
        """Begin to stop, or to stop and start anew, now or later; returns at once."""


class ServerOperations:
    """Operations on the process."""

    def __init__(self, control: ServerControl) -> None:
        self._control = control

    @operation("server.status", scope="server:read")
    async def status(self) -> JsonResult:
        """Tell how the server is."""
        return self._control.status()

    @operation("server.stop", scope="server:admin", audit=True)
    async def stop(self, delay_seconds: int | None = None) -> JsonResult:
        """Stop the server; what is stored stays, and streams are closed."""
        self._control.request_stop(delay_seconds=_delay(delay_seconds))
        return {}

    @operation("server.restart", scope="server:admin", audit=True)
    async def restart(self, delay_seconds: int | None = None) -> JsonResult:
        """Stop the server and start it again, with its settings read anew."""
        self._control.request_stop(is_restart=True, delay_seconds=_delay(delay_seconds))
        return {}


def _delay(seconds: int | None) -> int:
    if seconds is None:
        return 0
    if not 0 <= seconds <= LONGEST_STOP_DELAY_SECONDS:
        text = f"A delay is from 0 to {LONGEST_STOP_DELAY_SECONDS} seconds."
        raise OperationError(StanzaCondition.NOT_ACCEPTABLE, text)
    return seconds
