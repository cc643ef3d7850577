"""Tests of the user interface run offscreen, with one font and theme, and under the watchdog."""

import asyncio
import gc
import os
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtGui import QFont, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLineEdit
from qasync import QEventLoop

from communicator.state.connection import ConnectionPhase, ConnectionState, ConnectionStatus
from communicator.state.conversations import Conversations
from communicator.state.office import OfficeState
from communicator.state.preferences import ThemeChoice
from communicator.state.presence import Availability, OwnPresenceState
from communicator.state.roster import Contact, Roster
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.theme.theme import Theme
from communicator.ui.theme.typography import TextStyle
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.roster import Subscription
from tests.helpers.stall_watchdog import StallWatchdog

FONT_FAMILY = "DejaVu Sans"
FONT_POINTS = 9


def _load_fonts(theme: Theme) -> None:
    """Paint each kind of text once: the first text of a process waits for the font files."""
    pixmap = QPixmap(400, 40)
    for style in TextStyle:
        painter = QPainter(pixmap)
        painter.setFont(theme.font(style))
        painter.drawText(0, 20, "Wherefore art thou Romeo? 0123456789 \u2026")
        painter.end()
    QLineEdit("Deny thy father").grab()


@pytest.fixture(scope="session")
def _theme_of_session(qapp: QApplication) -> Theme:
    qapp.setFont(QFont(FONT_FAMILY, FONT_POINTS))
    theme = Theme(qapp, ThemeChoice.LIGHT)
    _load_fonts(theme)
    return theme


@pytest.fixture(scope="session")
def _garbage_of_session() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _collect_on_this_thread(_garbage_of_session: None) -> Iterator[None]:
    """Widgets in cycles must not be destroyed by a worker thread that happens to collect."""
    yield
    gc.collect()


@pytest.fixture
def theme(_theme_of_session: Theme) -> Iterator[Theme]:
    """The light theme; a test may choose the other one."""
    yield _theme_of_session
    _theme_of_session.choose(ThemeChoice.LIGHT)


@pytest.fixture(autouse=True)
def watchdog(request: pytest.FixtureRequest, _theme_of_session: Theme) -> Iterator[StallWatchdog]:
    """Fails the test if the event loop stood still for more than 50 ms."""
    with StallWatchdog() as watch:
        yield watch
    if request.node.get_closest_marker("starts_program") is None:
        assert not watch.stalls, watch.report()


@pytest.fixture
def run(qapp: QApplication) -> Iterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Runs a coroutine on the loop of the program, which is Qt's; for tests of controllers."""
    qapp.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        yield runner.run


@pytest.fixture
def office() -> OfficeView:
    """An office with two people who are here and one who is not; connected, nothing said yet."""
    view = OfficeView(
        address="juliet@capulet.internal",
        name="Juliet Capulet",
        office="Capulet",
        roster=Roster(),
        conversations=Conversations(),
        own_presence=OwnPresenceState(),
        connection=ConnectionState(),
        office_server=OfficeState(),
    )
    view.connection.put(ConnectionStatus(ConnectionPhase.ONLINE))
    people = (
        ("romeo", "Romeo Montague", ("Montague",), Availability.AVAILABLE, "on the balcony"),
        ("mercutio", "Mercutio", ("Montague",), Availability.OFFLINE, ""),
        ("nurse", "Nurse Angelica", ("Capulet",), Availability.DND, ""),
    )
    view.roster.replace_all(
        Contact(
            BareJid.parse(f"{localpart}@capulet.internal"),
            name,
            groups,
            Subscription.BOTH,
            availability=availability,
            status=status,
        )
        for localpart, name, groups, availability, status in people
    )
    return view
