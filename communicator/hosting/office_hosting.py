"""The office on this computer, as the office service wants it: made, started, asked, stopped."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from communicator.hosting.control_client import ControlClient, read_endpoint
from communicator.hosting.errors import HostingError, ServerNotRunningError
from communicator.hosting.own_address import own_address
from communicator.hosting.server_process import ServerProcess
from communicator.hosting.unfinished_office import UnfinishedOffice
from communicator.state.sentences import sentence
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

    async def free_folder(self, wished: Path) -> Path:
        """Return where a new office can be made: the wished folder, or one beside it.

        What an earlier try left in the wished folder is removed before. Raises HostingError.
        """
        await self.discard(wished)
        names = (wished.with_name(f"{wished.name}-{number}") for number in itertools.count(2))
        return next(folder for folder in itertools.chain((wished,), names) if _is_free(folder))

    async def create(
        self, folder: Path, *, domain: str, owner: str, password: str, office_name: str = ""
    ) -> str:
        """Make an office, unfinished until ``keep``. Raises HostingError."""
        process = ServerProcess(folder, self._command)
        unfinished = UnfinishedOffice(folder)
        await _on_disk(unfinished.mark)
        try:
            await process.initialise(
                domain=domain, office_name=office_name, owner=owner, password=password
            )
        except HostingError:
            await _on_disk(unfinished.unmark)  # what is in the folder is not ours
            raise
        try:
            return await asyncio.to_thread((folder / AUTHORITY_NAME).read_text, "ascii")
        except (OSError, ValueError) as error:
            await self.discard(folder)
            message = sentence("Sentences", "The certificate of the new office cannot be read.")
            raise HostingError(message) from error

    async def keep(self, folder: Path) -> None:
        """Finish an office: its owner's account is remembered. Raises HostingError."""
        await _on_disk(UnfinishedOffice(folder).unmark)

    async def discard(self, folder: Path) -> None:
        """Stop and remove an office that is not finished; any other stays. Raises HostingError."""
        unfinished = UnfinishedOffice(folder)
        if not unfinished.is_marked:
            return
        try:
            await self.stop(folder)
        finally:
            process = self._processes_by_folder.pop(folder, None)
            if process is not None:
                await asyncio.to_thread(process.kill)
        await _on_disk(unfinished.remove)

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
            message = sentence("Sentences", "The office server takes too long to start.")
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
            message = sentence("Sentences", "The office server does not stop.")
            raise HostingError(message) from error

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

    def _is_there(self, folder: Path) -> bool:
        process = self._processes_by_folder.get(folder)
        return (folder / FILE_NAME).exists() or (process is not None and process.is_running)

    async def _direct_tls_port(self, folder: Path) -> int | None:
        """Return the port of a server that answers; None while there is none."""
        try:
            await asyncio.to_thread(read_endpoint, folder)
            client = await ControlClient.connect(folder)
        except ServerNotRunningError:
            return None
        await client.close()
        return client.endpoint.ports.direct_tls


def _is_free(folder: Path) -> bool:
    """Return whether there is nothing, or an empty folder."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


async def _on_disk(act: Callable[[], None]) -> None:
    try:
        await asyncio.to_thread(act)
    except OSError as error:
        message = sentence("Sentences", "The folder of the office cannot be written: {0}.").of(
            error.strerror
        )
        raise HostingError(message) from error
