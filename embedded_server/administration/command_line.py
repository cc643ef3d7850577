"""``parlour-server``: each command in a few steps, and every error as one line."""

import argparse
import asyncio
import getpass
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from embedded_server.accounts.credentials import AccountError
from embedded_server.administration.account_operations import AccountOperations
from embedded_server.administration.command_arguments import PROGRAM, command_parser
from embedded_server.administration.control_client import ask_server
from embedded_server.administration.log_setup import set_up_log
from embedded_server.administration.office_creation import FirstAccount, create_office
from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.operations import (
    JsonResult,
    OperationError,
    OperationRegistry,
)
from embedded_server.administration.setup_errors import (
    ExitStatus,
    OfficeInUseError,
    OfficeMissingError,
    OfficeStoppedError,
    SetupError,
)
from embedded_server.config import (
    SETTINGS_FILE,
    ServerSettings,
    Settings,
    SettingsError,
    checked_settings,
    load_settings,
)
from embedded_server.storage.errors import StorageError

RunServer = Callable[[Path, Settings], None]

_LONGEST_PASSWORD_LINE = 4_096
_WAITING_SECONDS = 10.0
_LOOK_SECONDS = 0.02


def run_command(arguments: Sequence[str] | None, run_server: RunServer) -> int:
    """Do what the command line says; return the exit status.

    Args:
        arguments: Without the program's name; None for those of the process.
        run_server: Runs the server of a folder until its end; given by the entry point, which
            alone may know the server.
    """
    try:
        given = command_parser().parse_args(arguments)
        given.data = given.data.expanduser().resolve()
        if given.command == "run":
            _run(given, run_server)
        else:
            _COMMANDS[given.command](given)
    except SettingsError as error:
        return _fail(error, ExitStatus.SETTINGS_WRONG)
    except SetupError as error:
        return _fail(error, error.status)
    except (AccountError, StorageError, OperationError, OSError) as error:
        return _fail(error, ExitStatus.FAILED)
    except KeyboardInterrupt:
        return _fail("Stopped.", ExitStatus.FAILED)
    return ExitStatus.DONE


def _init(given: argparse.Namespace) -> None:
    server = ServerSettings(domain=given.domain, office_name=given.name)
    settings = checked_settings(Settings(server=server))
    if given.password_stdin and given.admin is None:
        message = "A password is for an account: name it by --admin NAME."
        raise SetupError(message)
    first = None if given.admin is None else FirstAccount(given.admin, _password(given))
    made = asyncio.run(create_office(given.data, settings, first))
    _say(f"The office {settings.server.domain} is made in {given.data}.")
    if made:
        _say(f"Password of {given.admin}: {made}")


def _run(given: argparse.Namespace, run_server: RunServer) -> None:
    settings = _with_options(_settings(given.data), given)
    with OfficeLock.acquire(given.data):
        set_up_log(settings.server.log_level)
        run_server(given.data, settings)


def _with_options(settings: Settings, given: argparse.Namespace) -> Settings:
    """Replace what the command line gives, with the bounds of the file."""
    options = {
        "listen": tuple(given.listen) if given.listen else None,
        "port": given.port,
        "tls_port": given.tls_port,
        "http_port": given.http_port,
    }
    chosen = {name: value for name, value in options.items() if value is not None}
    return checked_settings(replace(settings, server=replace(settings.server, **chosen)))


def _accounts(given: argparse.Namespace) -> None:
    arguments = {"name": given.name} if "name" in given else {}
    if "password_stdin" in given and (password := _password(given)) is not None:
        arguments["password"] = password
    settings = _settings(given.data)
    result = asyncio.run(_operate(given.data, settings, f"accounts.{given.word}", arguments))
    for account in result.get("accounts", ()):
        mark = " (administrator)" if account["is_administrator"] else ""
        _say(f"{account['jid']}{mark}")
    if "jid" in result:
        _say(f"{result['jid']}: {_PAST[given.word]}")
    if "password" in result:
        _say(f"Password: {result['password']}")


async def _operate(
    folder: Path, settings: Settings, name: str, arguments: Mapping[str, object]
) -> JsonResult:
    """Do an operation in this process, or in the one that has the office open."""
    deadline = time.monotonic() + _WAITING_SECONDS
    while True:
        try:
            lock = OfficeLock.acquire(folder)
        except OfficeInUseError:
            try:
                return await ask_server(folder, name, arguments)
            except OfficeStoppedError:  # it starts or ends right now, or another command runs
                if time.monotonic() > deadline:
                    raise OfficeInUseError(_in_use(folder)) from None
                await asyncio.sleep(_LOOK_SECONDS)
        else:
            with lock:
                return await _operate_here(folder, settings, name, arguments)


async def _operate_here(
    folder: Path, settings: Settings, name: str, arguments: Mapping[str, object]
) -> JsonResult:
    async with await OpenOffice.open(folder, settings) as office:
        operations = AccountOperations(accounts=office.accounts, domain=settings.server.domain)
        return await OperationRegistry(operations).call(name, arguments)


def _status(given: argparse.Namespace) -> None:
    _require_office(given.data)
    status = asyncio.run(ask_server(given.data, "server.status", {}))
    if given.json:
        _say(json.dumps(status, ensure_ascii=False))
        return
    for name, value in status.items():
        _say(f"{name}: {value if isinstance(value, str | int | float) else json.dumps(value)}")


def _stop(given: argparse.Namespace) -> None:
    _require_office(given.data)
    asyncio.run(ask_server(given.data, "server.stop", {}))
    deadline = time.monotonic() + _WAITING_SECONDS
    while time.monotonic() < deadline:
        try:
            OfficeLock.acquire(given.data).release()
        except OfficeInUseError:
            time.sleep(_LOOK_SECONDS)
        else:
            return
    message = f"The office in {given.data} does not end within {_WAITING_SECONDS:.0f} seconds."
    raise SetupError(message)


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "init": _init,
    "accounts": _accounts,
    "status": _status,
    "stop": _stop,
}
_PAST = {"create": "made", "set-password": "has another password", "delete": "deleted"}


def _settings(folder: Path) -> Settings:
    _require_office(folder)
    return load_settings(folder)


def _require_office(folder: Path) -> None:
    if not (folder / SETTINGS_FILE).is_file():
        message = (
            f"There is no office in {folder}: make one by {PROGRAM} init --data {folder} "
            "--domain DOMAIN."
        )
        raise OfficeMissingError(message)


def _password(given: argparse.Namespace) -> str | None:
    """Return the first line of standard input; None if a password shall be made."""
    if not given.password_stdin:
        return None
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    line = sys.stdin.buffer.readline(_LONGEST_PASSWORD_LINE)
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        message = "The password is not UTF-8."
        raise SetupError(message) from None


def _in_use(folder: Path) -> str:
    return f"Another process has the office in {folder} open, and does not answer: stop it first."


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _fail(what: object, status: ExitStatus) -> int:
    text = " ".join(str(what).split())
    sys.stderr.write(f"{PROGRAM}: {text}\n")
    return status
