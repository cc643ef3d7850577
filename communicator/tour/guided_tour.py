"""Takes the tour: Ann starts an office on this computer, Bo joins it, and both work and wait.

Two programs run side by side, each with a profile of its own, against a real server. What is
clicked and typed goes through the widgets.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from communicator.tour import daily_work, first_run, trouble
from communicator.tour.album import Album
from communicator.tour.colleagues import Colleagues
from communicator.tour.stage import Player
from communicator.tour.tour_errors import TourError
from communicator.ui.event_loop import run_until_done
from communicator.ui.translations import install_translations

FONT_FAMILY = "DejaVu Sans"
FONT_POINTS = 9
_NO_KEYRING = "keyring.backends.fail.Keyring"  # the tour leaves nothing in the user's store


def run_tour(folder: Path) -> int:
    """Take the tour and return the exit status."""
    os.environ["PYTHON_KEYRING_BACKEND"] = _NO_KEYRING
    application = QApplication(sys.argv[:1])
    application.setFont(QFont(FONT_FAMILY, FONT_POINTS))
    install_translations(application, QLocale(QLocale.Language.English))
    folder.mkdir(parents=True, exist_ok=True)
    album = Album(folder.absolute())

    async def program() -> int:
        try:
            await take_tour(application, album)
        except TourError as error:
            sys.stderr.write(f"The tour stopped: {error}\n")
            return 1
        sys.stdout.write(f"{album.pictures} pictures are in {folder}\n")
        return 0

    return run_until_done(application, program)


async def take_tour(application: QApplication, album: Album) -> None:
    """Go through all screens; nothing of it is left behind but the pictures.

    Raises:
        TourError: The program did not come to where the tour wanted to go.
    """
    data = Path(tempfile.mkdtemp(prefix="parlour-tour-"))
    ann, bo = Player(application, data / "ann"), Player(application, data / "bo")
    colleagues = Colleagues(ann)
    try:
        await first_run.start_an_office(ann, album)
        told = await first_run.add_a_colleague(ann, album)
        await colleagues.come()
        await first_run.join_the_office(bo, told, album)
        await first_run.become_contacts(ann, bo, album)
        await daily_work.talk(ann, bo, album)
        await daily_work.look_around(ann, bo, album)
        await trouble.stop_the_server(ann, bo, album)
        await trouble.open_the_passwords(bo, album)
        await trouble.change_the_password(ann, bo, album)
    finally:
        await colleagues.leave()
        if ann.program.services is not None:
            ann.program.services.office.set_outlives_window(outlives=False)
        await bo.program.close()
        await ann.program.close()
        shutil.rmtree(data, ignore_errors=True)
