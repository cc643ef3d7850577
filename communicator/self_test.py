"""``parlour --self-test``: checks the installation without a display, a network or a user's data.

Each check does the real thing in a small way: a window is drawn, a database written and read, a
login computed, an office opened and closed. One line for each; the exit status is 0 if all pass.
"""

import asyncio
import importlib.metadata
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from communicator.hosting.errors import HostingError
from communicator.hosting.office_hosting import ProcessOfficeHosting
from communicator.state.connection import ConnectionState
from communicator.state.conversations import Conversations
from communicator.state.office import OfficeState
from communicator.state.presence import OwnPresenceState
from communicator.state.roster import Roster
from communicator.storage.database import Database
from communicator.ui.icons import Icon, pixmap_of
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from communicator.ui.translations import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    install_translations,
    remove_translations,
)
from shared_protocol.addresses import BareJid
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ScramKeys

if TYPE_CHECKING:
    from collections.abc import Callable

_ANY_PORTS = ("--listen", "127.0.0.1", "--port", "0", "--tls-port", "0", "--http-port", "0")
_ITERATIONS = 4_096


class SelfTestError(Exception):
    """A check failed; the text says what."""


def run_self_test() -> int:
    """Run every check and return the exit status."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(sys.argv[:1])
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("libraries", _check_libraries),
        ("window", lambda: _check_window(application)),
        ("icons", _check_icons),
        ("texts", lambda: _check_texts(application)),
        ("database", _check_database),
        ("login", _check_login),
        ("server", _check_server),
    )
    failed = 0
    for name, check in checks:
        try:
            found = check()
        except (SelfTestError, HostingError, OSError, ImportError, RuntimeError) as error:
            failed += 1
            sys.stdout.write(f"FAILED {name}: {error}\n")
        else:
            sys.stdout.write(f"ok     {name}: {found}\n")
    return 1 if failed else 0


def _check_libraries() -> str:
    names = ("PySide6-Essentials", "slixmpp", "SQLAlchemy", "keyring", "cryptography")
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)


def _check_window(application: QApplication) -> str:
    view = OfficeView(
        address="romeo@montague.lit",
        name="Romeo",
        office="Montague",
        roster=Roster(),
        conversations=Conversations(),
        own_presence=OwnPresenceState(),
        connection=ConnectionState(),
        office_server=OfficeState(),
    )
    window = MainWindow(Theme(application), view, settings=SettingsValues())
    picture = window.grab()
    if picture.isNull():
        message = "the main window could not be drawn"
        raise SelfTestError(message)
    return f"{picture.width()} x {picture.height()}"


def _check_icons() -> str:
    for icon in Icon:
        if pixmap_of(icon, "#000000", 16, 1.0).isNull():
            message = f"{icon.value} cannot be drawn"
            raise SelfTestError(message)
    return f"{len(Icon)} drawn"


def _check_texts(application: QApplication) -> str:
    for language in LANGUAGES:
        installed = install_translations(application, QLocale(language))
        own = [one for one in installed if one.translate("MainWindow", "Details of the person")]
        remove_translations(application, installed)
        if language != SOURCE_LANGUAGE and not own:
            message = f"the translation {language} cannot be read"
            raise SelfTestError(message)
    return ", ".join(LANGUAGES)


def _check_database() -> str:
    async def write_and_read(path: Path) -> str:
        database = Database(path)
        await database.open()
        await database.use_account(BareJid("romeo", "montague.lit"))
        is_intact = await database.is_intact()
        await database.close()
        if not is_intact:
            message = "what was written cannot be read"
            raise SelfTestError(message)
        return "written and read"

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(write_and_read(Path(folder) / "messages.sqlite"))


def _check_login() -> str:
    keys = ScramKeys.derive("pencil", ScramHash.SHA_256, iterations=_ITERATIONS)
    return f"{len(keys.stored_key)} bytes of {ScramHash.SHA_256.value}"


def _check_server() -> str:
    async def open_and_close(folder: Path) -> int:
        hosting = ProcessOfficeHosting(run_options=_ANY_PORTS)
        await hosting.create(
            folder, domain="self-test.internal", owner="self", password=secrets.token_urlsafe()
        )
        try:
            return await hosting.start(folder)
        finally:
            await hosting.discard(folder)

    with tempfile.TemporaryDirectory() as folder:
        port = asyncio.run(open_and_close(Path(folder) / "office"))
    return f"an office was opened on port {port} and closed"
