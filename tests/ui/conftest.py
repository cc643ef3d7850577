"""Tests of the user interface run offscreen, with one font and theme, and under the watchdog."""

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLineEdit

from communicator.ui.theme.theme import Theme, ThemeChoice
from tests.helpers.stall_watchdog import StallWatchdog

FONT_FAMILY = "DejaVu Sans"
FONT_POINTS = 9


@pytest.fixture(scope="session")
def _theme_of_session(qapp: QApplication) -> Theme:
    qapp.setFont(QFont(FONT_FAMILY, FONT_POINTS))
    theme = Theme(qapp, ThemeChoice.LIGHT)
    first = QLineEdit("the first text of a process loads the fonts")
    first.grab()
    return theme


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
    assert not watch.stalls, watch.report()
