"""What can go wrong with the office's data; each message is a sentence for the administrator."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_PRIMARY_CODE = 0xFF  # SQLite: the low byte of an extended code is its class
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# A write that failed is tried again, a sync that failed never is.
_WRITES_THAT_FAILED = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
_OF_THE_DISK = _LOCKED | {
    sqlite3.SQLITE_FULL,
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


class StorageLockedError(StorageUnavailableError):
    """Another program has locked the database, and was waited for long enough."""


class StorageFailedError(StorageError):
    """A commit failed, so nothing can be promised any more: the office must be started anew."""


class StorageClosedError(StorageError):
    """The office is closing and takes no more writes."""


class ReadTooLongError(StorageError):
    """A read took longer than it may, and was given up."""


class DatabaseMissingError(StorageError):
    """The office's database is not where it should be."""


class DatabaseTooNewError(StorageError):
    """A newer version of the server wrote the database, and this one would damage it."""


class AccountExistsError(StorageError):
    """The name is taken."""


class AccountMissingError(StorageError):
    """There is no such account."""


DatabaseError = SQLAlchemyError | sqlite3.Error


def storage_error(error: DatabaseError) -> StorageError:
    """Translate what the database said; bound values never appear in the text."""
    cause = _of_the_driver(error)
    reason = str(cause) if cause is not None else type(error).__name__
    if _sqlite_class(error) == sqlite3.SQLITE_INTERRUPT:
        return ReadTooLongError("The search took too long and was given up.")
    if _sqlite_class(error) in _LOCKED:
        return StorageLockedError(f"Another program has locked the database: {reason}.")
    if _sqlite_class(error) == sqlite3.SQLITE_FULL:
        return StorageUnavailableError(f"The disk is full, nothing can be stored: {reason}.")
    if _sqlite_code(error) in _WRITES_THAT_FAILED:
        return StorageUnavailableError(f"The database cannot be written now: {reason}.")
    return StorageError(f"The database refused: {reason}.")


def concerns_all(error: DatabaseError) -> bool:
    """Return True if the error is the disk's or the file's, not that of one statement."""
    return _sqlite_class(error) in _OF_THE_DISK


def _of_the_driver(error: DatabaseError) -> BaseException | None:
    if isinstance(error, DBAPIError):
        return error.orig
    return error if isinstance(error, sqlite3.Error) else None


def _sqlite_code(error: DatabaseError) -> int:
    return int(getattr(_of_the_driver(error), "sqlite_errorcode", 0))


def _sqlite_class(error: DatabaseError) -> int:
    return _sqlite_code(error) & _PRIMARY_CODE
