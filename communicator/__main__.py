"""The command ``parlour``: parses the arguments before Qt is imported."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

ALREADY_RUNNING = 75


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the communicator and return its exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    if options.self_test:
        from communicator.self_test import run_self_test  # noqa: PLC0415 - imports Qt

        return run_self_test()
    if options.tour is not None:
        from communicator.tour.guided_tour import run_tour  # noqa: PLC0415 - imports Qt

        return run_tour(options.tour)
    return _run(options.profile)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parlour", description="The communicator of Parlour.")
    parser.add_argument("--profile", metavar="DIR", type=Path, help="folder of this user's data")
    parser.add_argument("--self-test", action="store_true", help="check the installation, then end")
    parser.add_argument("--tour", metavar="DIR", type=Path, help="draw every screen into a folder")
    parser.add_argument("--verbose", action="store_true", help="log what happens")
    return parser


def _run(folder: Path | None) -> int:
    from PySide6.QtCore import QLocale, QLockFile  # noqa: PLC0415 - after the arguments are known to be good
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - as above

    from communicator.app import Program  # noqa: PLC0415 - as above
    from communicator.storage.profile_folder import ProfileFolder, default_profile  # noqa: PLC0415 - as above
    from communicator.ui.chat.accessible_log import AccessibleLogFactory  # noqa: PLC0415 - as above
    from communicator.ui.event_loop import run_until_done  # noqa: PLC0415 - as above
    from communicator.ui.translations import install_translations, spoken_locale  # noqa: PLC0415 - as above

    profile = ProfileFolder(folder.absolute()) if folder is not None else default_profile()
    try:
        profile.make()
    except OSError as error:
        sys.stderr.write(f"The folder {profile.folder} cannot be used: {error.strerror}.\n")
        return 1
    lock = QLockFile(str(profile.lock))
    if not lock.tryLock(0):
        sys.stderr.write(f"Parlour already runs with the profile {profile.folder}.\n")
        return ALREADY_RUNNING
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Parlour")
    application.setDesktopFileName("org.parlour.Parlour")
    accessible_logs = AccessibleLogFactory()  # kept as long as the application
    accessible_logs.install()
    install_translations(application, QLocale.system())
    QLocale.setDefault(spoken_locale(QLocale.system()))

    async def run_program() -> int:
        return await Program(application=application, profile=profile).run()

    return run_until_done(application, run_program)


if __name__ == "__main__":
    sys.exit(main())
