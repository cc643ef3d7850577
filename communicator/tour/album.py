"""The pictures of the tour: every screen in light and dark, numbered in the order of the tour."""

import asyncio
import logging
import warnings
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from communicator.app import Program
from communicator.state.preferences import ThemeChoice
from communicator.tour.tour_errors import TourError

REST_SECONDS = 0.25  # fades and timers of a screen come to rest

_log = logging.getLogger(__name__)


class Album:
    """Draws what a program shows.

    Attributes:
        pictures: How many files were written.
    """

    def __init__(self, folder: Path, *, rest_seconds: float = REST_SECONDS) -> None:
        self.pictures = 0
        self._folder = folder
        self._rest_seconds = rest_seconds
        self._screens = 0

    async def draw(self, program: Program, title: str, *, is_named: bool = False) -> None:
        """Draw a screen in both themes.

        Args:
            program: Whose window is drawn.
            title: Stands in the name of the file.
            is_named: True if the file has no number, so that a document can show it.
        """
        shown = program.window or program.welcome
        if shown is None:
            message = f"nothing to draw for {title}"
            raise TourError(message)
        self._screens += 1
        stem = title if is_named else f"{self._screens:02}-{title}"
        _activate(shown)
        for choice in (ThemeChoice.DARK, ThemeChoice.LIGHT):
            program.theme.choose(choice)
            await asyncio.sleep(self._rest_seconds)
            if not shown.grab().save(str(self._folder / f"{stem}-{choice.value}.png")):
                message = f"{self._folder} cannot be written"
                raise TourError(message)
            self.pictures += 1
        _log.info("drew %s", title)


def _activate(window: QWidget) -> None:
    """Bring a window to the front where no window manager does it, as on a virtual screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # there is no other way for this case
        QApplication.setActiveWindow(window)
