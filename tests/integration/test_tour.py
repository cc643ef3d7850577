"""The guided tour from its first screen to its last, without pauses for the eye.

Two programs with their windows and a real server: an office is started, a colleague joins by what
the host's panel says, they become contacts and chat; the server stops and starts, the second
program starts anew and asks for its pass phrase, a wrong password is told.
"""

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from communicator.tour.album import Album
from communicator.tour.guided_tour import take_tour
from communicator.ui.event_loop import run_until_done

SCREENS = 25


@pytest.mark.timeout(180)
@pytest.mark.qt_log_ignore("systemTrayWindowChanged")  # of Qt itself, where there is no tray
def test_tour_goes_through_all_screens(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    album = Album(tmp_path, rest_seconds=0.0)

    async def program() -> int:
        await take_tour(qapp, album)
        return 0

    assert run_until_done(qapp, program) == 0
    pictures = sorted(tmp_path.glob("*.png"))
    assert album.pictures == len(pictures) == 2 * SCREENS
    for picture in pictures:
        assert len(set(_some_pixels(QImage(str(picture))))) > 2, picture.name


def _some_pixels(image: QImage) -> list[int]:
    return [
        image.pixel(x, y) for y in range(0, image.height(), 4) for x in range(0, image.width(), 4)
    ]
