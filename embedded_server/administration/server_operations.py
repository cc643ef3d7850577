"""What an administrator asks of the running server itself."""

from typing import Protocol

from embedded_server.administration.operations import JsonResult, operation


class ServerControl(Protocol):
    """The running server, as its operations see it."""

    def status(self) -> dict[str, object]:
        """Return what ``server.status`` tells; values that have a form in JSON."""

    def request_stop(self) -> None:
        """Begin to stop; returns at once."""


class ServerOperations:
    """Operations on the process."""

    def __init__(self, control: ServerControl) -> None:
        self._control = control

    @operation("server.status", scope="server:read")
    async def status(self) -> JsonResult:
        """Tell how the server is."""
        return self._control.status()

    @operation("server.stop", scope="server:admin", audit=True)
    async def stop(self) -> JsonResult:
        """Stop the server; what is stored stays, and streams are closed."""
        self._control.request_stop()
        return {}
