"""Where a profile keeps what it keeps: one function knows the folders of the system."""

from pathlib import Path

import platformdirs


class ProfileFolder:
    """The files of one profile. Several profiles can be in use side by side."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def preferences(self) -> Path:
        """The user's choices."""
        return self.folder / "preferences.json"

    @property
    def database(self) -> Path:
        """History, outbox, drafts, cached roster."""
        return self.folder / "messages.sqlite"

    @property
    def passwords(self) -> Path:
        """The encrypted password file, where the system has no password store."""
        return self.folder / "passwords.sealed"

    @property
    def lock(self) -> Path:
        """Held while a program uses the profile."""
        return self.folder / "in-use.lock"

    @property
    def office(self) -> Path:
        """Data folder of the office server that this profile hosts."""
        return self.folder / "office"

    def make(self) -> None:
        """Make the folder, for this user only.

        Raises:
            OSError: It cannot be made.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def default_profile() -> ProfileFolder:
    """Return the profile of this user, by the rules of the system."""
    return ProfileFolder(Path(platformdirs.user_data_dir("parlour", appauthor=False)))
