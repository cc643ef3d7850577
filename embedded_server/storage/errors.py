"""What can go wrong with the office's data; each message is a sentence for the administrator."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_PRIMARY_CODE = 0xFF  # SQLite: the low byte of an extended code is its class
_TEMPORARY = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_OF_THE_DISK = _TEMPORARY | {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
}


class StorageError(Exception):
    """The office's data could not be read or written."""


class StorageUnavailableError(StorageError):
    """Nothing was written, and the same may succeed later: the disk is full, or the file in use."""


class StorageFailedError(StorageError):
    """A commit failed, so nothing can be promised any more: the office must be started anew."""


class StorageClosedError(StorageError):
    """The office is closing and takes no more writes."""


class DatabaseMissingError(StorageError):
    """The office's database is not where it should be."""


class DatabaseTooNewError(StorageError):
    """A newer version of the server wrote the database, and this one would damage it."""


class AccountExistsError(StorageError):
    """The name is taken."""


class AccountMissingError(StorageError):
    """There is no such account."""


def storage_error(error: SQLAlchemyError) -> StorageError:
    """Translate what the database said; bound values never appear in the text."""
    reason = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
    if _sqlite_class(error) in _TEMPORARY or _sqlite_code(error) == sqlite3.SQLITE_IOERR_WRITE:
        return StorageUnavailableError(f"The database cannot be written now: {reason}.")
    return StorageError(f"The database refused: {reason}.")


def concerns_all(error: SQLAlchemyError) -> bool:
    """Return True if the error is the disk's or the file's, not that of one statement."""
    return _sqlite_class(error) in _OF_THE_DISK


def _sqlite_code(error: SQLAlchemyError) -> int:
    """The extended code: a write that failed is tried again, a sync that failed never is."""
    return int(getattr(getattr(error, "orig", None), "sqlite_errorcode", 0))


def _sqlite_class(error: SQLAlchemyError) -> int:
    return _sqlite_code(error) & _PRIMARY_CODE
