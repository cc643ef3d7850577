"""The office on this computer, as the office service wants it: made, started, asked, stopped."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from communicator.hosting.control_client import ControlClient, read_endpoint
from communicator.hosting.errors import HostingError, ServerNotRunningError
from communicator.hosting.own_address import own_address
from communicator.hosting.server_process import ServerProcess
from shared_protocol.control.control_endpoint import FILE_NAME

START_SECONDS = 30.0
STOP_SECONDS = 15.0
LOOK_SECONDS = 0.02  # between two looks for the answer of a server that starts or stops
AUTHORITY_NAME = "ca.pem"

_log = logging.getLogger(__name__)


class ProcessOfficeHosting:
    """Runs ``parlour-server`` and speaks with it on its control line.

    Args of the constructor:
        command, run_options: See ``ServerProcess``.
    """

    def __init__(
        self, command: Sequence[str] | None = None, run_options: Sequence[str] = ()
    ) -> None:
        self._command = command
        self._run_options = run_options
        self._processes_by_folder: dict[Path, ServerProcess] = {}

    async def create(
        self, folder: Path, *, domain: str, owner: str, password: str, office_name: str = ""
    ) -> str:
        """Make an office; return the certificate of its authority (PEM). Raises HostingError."""
        process = ServerProcess(folder, self._command)
        await process.initialise(
            domain=domain, office_name=office_name, owner=owner, password=password
        )
        try:
            return await asyncio.to_thread((folder / AUTHORITY_NAME).read_text, "ascii")
        except (OSError, ValueError) as error:
            message = "The certificate of the new office cannot be read."
            raise HostingError(message) from error

    async def start(self, folder: Path) -> int:
        """Start the server, unless it runs; return its port for direct TLS. Raises HostingError."""
        if (port := await self._direct_tls_port(folder)) is not None:
            return port
        process = ServerProcess(folder, self._command, self._run_options)
        self._processes_by_folder[folder] = process
        await asyncio.to_thread(process.start)
        try:
            async with asyncio.timeout(START_SECONDS):
                while (port := await self._direct_tls_port(folder)) is None:
                    if (failure := process.failure()) is not None:
                        raise HostingError(failure)
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError as error:
            message = "The office server takes too long to start."
            raise HostingError(message) from error
        return port

    async def stop(self, folder: Path) -> None:
        """Stop the server and wait for its end; nothing if it does not run. Raises HostingError."""
        try:
            client = await ControlClient.connect(folder)
        except ServerNotRunningError:
            return
        try:
            await client.ask("server.stop")
        except ServerNotRunningError as error:
            _log.info("the server ended before it answered: %s", error)
        finally:
            await client.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                while await asyncio.to_thread(self._is_there, folder):  # noqa: ASYNC110 - the end of a process that may not be ours
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError as error:
            message = "The office server does not stop."
            raise HostingError(message) from error

    def _is_there(self, folder: Path) -> bool:
        process = self._processes_by_folder.get(folder)
        return (folder / FILE_NAME).exists() or (process is not None and process.is_running)

    async def create_account(self, folder: Path, name: str, password: str) -> int:
        """Make an account in a running office; return the port for clients. Raises HostingError."""
        client = await ControlClient.connect(folder)
        try:
            await client.ask("accounts.create", name=name, password=password)
        finally:
            await client.close()
        return client.endpoint.ports.c2s

    def own_address(self) -> str:
        """Return the address under which others reach this computer."""
        return own_address()

    async def connected_sessions(self, folder: Path) -> int | None:
        """Return how many sessions are open; None if the server does not run."""
        try:
            client = await ControlClient.connect(folder)
        except ServerNotRunningError:
            return None
        try:
            status = await client.ask("server.status")
        except ServerNotRunningError:
            return None
        except HostingError as error:
            _log.warning("the server does not tell its state: %s", error)
            return 0
        finally:
            await client.close()
        sessions = status.get("sessions", 0) if isinstance(status, dict) else 0
        return sessions if isinstance(sessions, int) else 0

    async def _direct_tls_port(self, folder: Path) -> int | None:
        """Return the port of a server that answers; None while there is none."""
        try:
            await asyncio.to_thread(read_endpoint, folder)
            client = await ControlClient.connect(folder)
        except ServerNotRunningError:
            return None
        await client.close()
        return client.endpoint.ports.direct_tls
