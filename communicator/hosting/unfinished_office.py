"""Remembers on disk that an office is being made, so that what stays of it can be removed.

A mark beside the folder says that nobody has an account in the office yet. It is set before
anything is made and taken away when the owner's account is remembered; an office with a mark
belongs to a try that failed, was given up, or whose program was killed.
"""

import shutil
from pathlib import Path

_SUFFIX = ".unfinished"


class UnfinishedOffice:
    """The mark of one data folder; methods block and may raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = folder.with_name(folder.name + _SUFFIX)

    @property
    def is_marked(self) -> bool:
        """True while the office is not finished."""
        return self._mark.exists()

    def mark(self) -> None:
        """Say that the office is not finished."""
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        self._mark.touch()

    def unmark(self) -> None:
        """Say that the office is finished, or was never made."""
        self._mark.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the office; the mark goes last, so that a removal can be repeated."""
        if self._folder.exists():
            shutil.rmtree(self._folder)
        self.unmark()
