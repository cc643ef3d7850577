"""What the command line tells its user, and the exit status that goes with it.

A supervisor reads the status: 75 and 78 are those that a restart would not cure (sysexits.h:
EX_TEMPFAIL, EX_CONFIG).
"""

from enum import IntEnum


class ExitStatus(IntEnum):
    """How a command ends."""

    DONE = 0
    FAILED = 1
    OFFICE_IN_USE = 75
    SETTINGS_WRONG = 78


class SetupError(Exception):
    """A command cannot be done; one line that says what and what to do.

    Attributes:
        status: Exit status.
    """

    status = ExitStatus.FAILED


class OfficeInUseError(SetupError):
    """Another process holds the office."""

    status = ExitStatus.OFFICE_IN_USE


class OfficeMissingError(SetupError):
    """There is no office in this folder."""


class OfficeStoppedError(SetupError):
    """The office is not running."""


class OfficeExistsError(SetupError):
    """The folder is not free for a new office."""


class CertificateError(SetupError):
    """The office's certificate or a key is missing, damaged, or for something else."""
