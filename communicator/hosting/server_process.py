"""The server as a process: its command, how an office is made, how it is started and watched."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from communicator.hosting.errors import HostingError
from communicator.hosting.office_ports import ports_of
from communicator.state.sentences import sentence

INIT_SECONDS = 60.0
KILL_SECONDS = 5.0
_SERVER_NAME = "parlour-server"
_PREFIX = f"{_SERVER_NAME}: "
_LONGEST_SENTENCE = 300
_LOG_NAME = "server.log"
_TAIL_BYTES = 4_096


def server_command() -> list[str]:
    """Return the command that runs the server: beside us if frozen, else from source."""
    if getattr(sys, "frozen", False):
        suffix = ".exe" if sys.platform == "win32" else ""
        return [str(Path(sys.executable).with_name(_SERVER_NAME + suffix))]
    return [sys.executable, "-m", "embedded_server"]


class ServerProcess:
    """Starts the server's command for one data folder.

    Args of the constructor:
        command: What runs the server; None for the one that belongs to this program.
        run_options: For ``run``, such as other ports.
    """

    def __init__(
        self,
        folder: Path,
        command: Sequence[str] | None = None,
        run_options: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._command = list(command or server_command())
        self._run_options = list(run_options)
        self._process: subprocess.Popen[bytes] | None = None

    async def initialise(self, *, domain: str, office_name: str, owner: str, password: str) -> None:
        """Make an office in the folder. The password goes by standard input, never in ``argv``.

        Raises:
            HostingError: What the command says.
        """
        arguments = ["init", "--data", str(self._folder), "--domain", domain]
        arguments += ["--name", office_name, "--admin", owner, "--password-stdin"]
        await self._run(arguments, f"{password}\n".encode())

    def start(self) -> None:
        """Start the server so that it outlives this program; its words go to its log file.

        Raises:
            HostingError: The command cannot be started.
        """
        arguments = [*self._command, "run", "--data", str(self._folder)]
        arguments += [*ports_of(self._folder).arguments(), *self._run_options]  # the last count
        try:
            with self._log_path.open("wb") as log:
                self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    cwd=_working_folder(),
                    start_new_session=sys.platform != "win32",
                    creationflags=_creation_flags(),
                )
        except OSError as error:
            message = sentence("Sentences", "The office server cannot be started: {0}.").of(
                error.strerror or error
            )
            raise HostingError(message) from error

    @property
    def is_running(self) -> bool:
        """True while the process that was started here runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End the process that was started here at once, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(KILL_SECONDS)

    def failure(self) -> str | None:
        """Return why the started process has ended, one sentence; None while it runs."""
        if self._process is None or self.is_running:
            return None
        try:
            said = self._log_path.read_bytes()[-_TAIL_BYTES:]
        except OSError:
            said = b""
        status = self._process.returncode
        return sentence_of(said) or sentence(
            "Sentences", "The office server ended at once (status {0})."
        ).of(status)

    @property
    def _log_path(self) -> Path:
        return self._folder / _LOG_NAME

    async def _run(self, arguments: Sequence[str], said: bytes) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                *arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=_working_folder(),
            )
        except OSError as error:
            message = sentence("Sentences", "The office server cannot be started: {0}.").of(
                error.strerror or error
            )
            raise HostingError(message) from error
        try:
            async with asyncio.timeout(INIT_SECONDS):
                _, heard = await process.communicate(said)
        except TimeoutError as error:
            message = sentence("Sentences", "Making the office takes too long; it was given up.")
            raise HostingError(message) from error
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode != 0:
            status = sentence("Sentences", "The office could not be made (status {0}).").of(
                process.returncode
            )
            raise HostingError(sentence_of(heard) or status)


def sentence_of(said: bytes) -> str:
    """Return what a command told its user on standard error, or else its last line there."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines()]
    written = [line for line in reversed(lines) if line]
    told = [line.removeprefix(_PREFIX) for line in written if line.startswith(_PREFIX)]
    return next(iter([*told, *written]), "")[:_LONGEST_SENTENCE]


def _working_folder() -> str | None:
    """From source, the folder that has the packages; a frozen program has them inside."""
    if getattr(sys, "frozen", False):
        return None
    return str(Path(__file__).resolve().parents[2])


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
