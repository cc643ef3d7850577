"""Runs a server from its start to the signal or request that ends it."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from embedded_server.administration.certificates import renew_if_due
from embedded_server.administration.cycle_collection import collect_seldom
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.setup_errors import SetupError
from embedded_server.config import Settings
from embedded_server.network.errors import NetworkError, PortTakenError
from embedded_server.sessions.task_owner import TaskOwner

_log = logging.getLogger(__name__)
_STOPPING_SECONDS = 4.0  # then the store is closed all the same


class RunnableServer(Protocol):
    """What the composition root makes."""

    async def start(self) -> None:
        """Open all ports; after an error ``stop`` is called as well."""

    async def stop(self) -> None:
        """Close all streams and ports."""


ServerFactory = Callable[[OpenOffice, Callable[[], None], Callable[[], None]], RunnableServer]


async def run_office(folder: Path, settings: Settings, make_server: ServerFactory) -> bool:
    """Run the server of an office until SIGTERM, SIGINT or a request; the caller holds the lock.

    Args:
        folder: The data folder.
        settings: Its settings.
        make_server: Makes the server from the open office and the functions that request its end,
            and its end and new beginning.

    Returns:
        True if it is to be started again.

    Raises:
        SetupError: A port is taken, an address is not there, or the certificate is bad.
        StorageError: The database cannot be opened, or what waited could not be stored.
    """
    renew_if_due(folder, settings.server.domain)
    stop_requested, restart_requested = asyncio.Event(), asyncio.Event()
    _listen_to_signals(stop_requested.set)

    def request_restart() -> None:
        restart_requested.set()
        stop_requested.set()

    async with await OpenOffice.open(folder, settings) as office:
        server = make_server(office, stop_requested.set, request_restart)
        collecting = TaskOwner()
        try:
            await server.start()
            collecting.spawn(collect_seldom(), "collect cycles")
            _log.info("the office %s is open", settings.server.domain)
            await stop_requested.wait()
            _log.info("the office %s closes", settings.server.domain)
        except NetworkError as error:
            raise SetupError(_advice(error)) from error
        finally:
            await _stop(server)
            await collecting.stop()
    return restart_requested.is_set()


async def _stop(server: RunnableServer) -> None:
    try:
        async with asyncio.timeout(_STOPPING_SECONDS):
            await server.stop()
    except TimeoutError:
        _log.exception("the server did not stop within %s seconds", _STOPPING_SECONDS)


def _advice(error: NetworkError) -> str:
    if isinstance(error, PortTakenError):
        return (
            f"Port {error.port} of {error.address} is taken by another program: stop it, or give "
            "this office another port in its settings or by --port, --tls-port or --http-port."
        )
    text = str(error)
    return f"The office cannot be opened: {text}."


def _listen_to_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
