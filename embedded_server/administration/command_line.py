"""``parlour-server``: each command in a few steps, and every error as one line."""

import argparse
import asyncio
import getpass
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from embedded_server.accounts.credentials import AccountError
from embedded_server.administration.command_arguments import PROGRAM, command_parser, word_of
from embedded_server.administration.command_results import lines_of
from embedded_server.administration.control_client import ask_server
from embedded_server.administration.log_setup import set_up_log
from embedded_server.administration.office_creation import FirstAccount, create_office
from embedded_server.administration.office_lock import OfficeLock
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.operation_sets.office_operations import office_operations
from embedded_server.administration.operations import JsonResult, OperationError
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
from embedded_server.modules.service.notices import NoticesModule
from embedded_server.storage.errors import StorageError

RunServer = Callable[[Path, Settings], bool]

_log = logging.getLogger(__name__)

_LONGEST_PASSWORD_LINE = 4_096
_WAITING_SECONDS = 10.0
_LOOK_SECONDS = 0.02
_ARGUMENTS = frozenset({"name", "text", "subject", "delay_seconds", "is_administrator"})


def run_command(arguments: Sequence[str] | None, run_server: RunServer) -> int:
    """Do what the command line says; return the exit status.

    Args:
        arguments: Without the program's name; None for those of the process.
        run_server: Runs the server of a folder until its end, and returns whether it is to be run
            again; given by the entry point, which alone may know the server.
    """
    try:
        given = command_parser().parse_args(arguments)
        given.data = given.data.expanduser().resolve()
        if given.command == "run":
            _run(given, run_server)
        elif given.command == "init":
            _init(given)
        else:
            _do(given)
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
        while run_server(given.data, settings):
            settings = _read_again(given, settings)


def _read_again(given: argparse.Namespace, former: Settings) -> Settings:
    """Return the settings for a new beginning; the former where something in them is wrong."""
    try:
        return _with_options(_settings(given.data), given)
    except (SettingsError, SetupError) as error:
        _log.error("the settings stay as they were: %s", error)
        return former


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


def _do(given: argparse.Namespace) -> None:
    """Do the operation that a word stands for, and tell what came of it."""
    word = word_of(given)
    arguments = _arguments(given)
    if word.needs_server:
        _require_office(given.data)
        result = asyncio.run(ask_server(given.data, word.operation, arguments))
    else:
        settings = _settings(given.data)
        result = asyncio.run(_operate(given.data, settings, word.operation, arguments))
    if vars(given).get("json"):
        _say(json.dumps(result, ensure_ascii=False))
    else:
        for line in lines_of(word.operation, result):
            _say(line)
    if given.command == "stop" and not given.delay_seconds:
        _wait_for_the_end(given.data)


def _arguments(given: argparse.Namespace) -> dict[str, object]:
    """Return what is given of an operation's arguments."""
    arguments = {
        name: value
        for name, value in vars(given).items()
        if name in _ARGUMENTS and value is not None
    }
    if "password_stdin" in given and (password := _password(given)) is not None:
        arguments["password"] = password
    return arguments


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
        notices = NoticesModule(office.notices)
        await notices.load()
        return await office_operations(office, notices=notices).call(name, arguments)


def _wait_for_the_end(folder: Path) -> None:
    deadline = time.monotonic() + _WAITING_SECONDS
    while time.monotonic() < deadline:
        try:
            OfficeLock.acquire(folder).release()
        except OfficeInUseError:
            time.sleep(_LOOK_SECONDS)
        else:
            return
    message = f"The office in {folder} does not end within {_WAITING_SECONDS:.0f} seconds."
    raise SetupError(message)


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
