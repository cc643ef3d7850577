"""``parlour-server``, which is ``python -m embedded_server``."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from embedded_server.administration.command_line import run_command
from embedded_server.administration.office_run import run_office
from embedded_server.config import Settings
from embedded_server.server import make_server


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    return run_command(arguments, _run_server)


def _run_server(folder: Path, settings: Settings) -> bool:
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(run_office(folder, settings, make_server))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes the event loop: it must have ``add_reader``."""
    if sys.platform == "win32":
        return asyncio.SelectorEventLoop
    import uvloop  # noqa: PLC0415 - not there on Windows

    return uvloop.new_event_loop


if __name__ == "__main__":
    sys.exit(main())
