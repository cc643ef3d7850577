"""A disk below SQLite that can fail, be slow, be full, and lose power: our own VFS, by ctypes.

It is a copy of SQLite's own VFS in the library that Python uses. Of a file's methods only writing,
truncating and syncing are replaced; each of them is recorded, may fail, and else calls the original
with the same file, so that locks, shared memory and reading stay what they are. While it is the
default VFS every connection of this process uses it, and the product knows nothing of it.

SQLite's C interface: https://www.sqlite.org/c3ref/vfs.html, https://www.sqlite.org/c3ref/io_methods.html
"""

import _sqlite3
import contextlib
import ctypes
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any, NamedTuple

import pytest

OK = sqlite3.SQLITE_OK
FULL = sqlite3.SQLITE_FULL
SYNC_FAILED = sqlite3.SQLITE_IOERR_FSYNC
WRITE_FAILED = sqlite3.SQLITE_IOERR_WRITE
WRITE, TRUNCATE, SYNC, DELETE, MARK = "write", "truncate", "sync", "delete", "mark"

_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class _Methods(Structure):
    """``sqlite3_io_methods``; version 3 has 18 functions behind its number."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("rest", c_void_p * 13),
    )


class _File(Structure):
    _fields_ = (("methods", POINTER(_Methods)),)


class _Vfs(Structure):
    """``sqlite3_vfs``, version 3."""

    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", _OPEN),
        ("delete", _DELETE),
        ("rest", c_void_p * 14),
    )


class DiskEvent(NamedTuple):
    """Something that happened to the disk, or a mark that a test set between.

    Attributes:
        kind: ``WRITE``, ``TRUNCATE``, ``SYNC``, ``DELETE`` or ``MARK``.
        file: Name without folder; empty for a mark.
        offset: Of a write; the new size of a truncation.
        data: Of a write.
        mark: What the test noted.
        has_failed: The disk said that it did not do it.
    """

    kind: str
    file: str
    offset: int = 0
    data: bytes = b""
    mark: Any = None
    has_failed: bool = False


Fault = Callable[[str, str], int]  # kind and file: the code of SQLite with which it fails, or OK


def no_fault(_kind: str, _file: str) -> int:
    """Let it succeed."""
    return OK


class FaultyDisk:
    """The disk of this process while ``mounted``.

    Attributes:
        fault: Asked before each write, truncation and sync; may also sleep. Runs on the thread of
            the database.
        events: All that happened, in order, to the files of the recorded folder.

    Args of the constructor:
        recorded_folder: Files elsewhere are not recorded; None for no record.
    """

    def __init__(self, *, recorded_folder: Path | None = None) -> None:
        self.fault: Fault = no_fault
        self.events: list[DiskEvent] = []
        self._folder = recorded_folder
        self._known: set[Path] = set()  # recorded files whose beginning is known
        self._lock = threading.Lock()
        self._library = _library_of_python()
        self._library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._paths: dict[int, Path] = {}  # by the address of the file
        self._replaced: dict[int, _Methods] = {}  # by the address of the original methods
        self._originals: dict[int, _Methods] = {}  # by the address of the file

    @contextlib.contextmanager
    def mounted(self) -> Iterator["FaultyDisk"]:
        """Be the disk of every connection that is opened in this block."""
        original = self._library.sqlite3_vfs_find(None)
        ours = _Vfs.from_buffer_copy(original.contents)
        ours.name = f"faulty{id(self)}".encode()
        ours.next = None
        self._original = original.contents
        ours.open, ours.delete = _OPEN(self._open), _DELETE(self._delete)
        self._vfs = ours  # the library keeps a pointer to it
        assert self._library.sqlite3_vfs_register(ctypes.byref(ours), 1) == OK
        try:
            yield self
        finally:
            self._library.sqlite3_vfs_register(original, 1)
            self._library.sqlite3_vfs_unregister(ctypes.byref(ours))

    def mark(self, mark: Any) -> None:
        """Note what a user was promised, between what the disk did before and after."""
        with self._lock:
            self.events.append(DiskEvent(MARK, "", mark=mark))

    def taken(self) -> list[DiskEvent]:
        """Return what happened until now."""
        with self._lock:
            return list(self.events)

    # What SQLite calls.

    def _open(self, _vfs: int, name: int, file: int, flags: int, flags_out: Any) -> int:
        code = self._original.open(ctypes.addressof(self._original), name, file, flags, flags_out)
        opened = _File.from_address(file)
        if code == OK and opened.methods:
            address = ctypes.addressof(opened.methods.contents)
            self._originals[file] = opened.methods.contents
            text = ctypes.cast(name, c_char_p).value if name else None
            self._paths[file] = path = Path(text.decode() if text else "")
            self._record_beginning(path)
            if address not in self._replaced:
                self._replaced[address] = self._with_ours(opened.methods.contents)
            opened.methods = ctypes.pointer(self._replaced[address])
        return int(code)

    def _record_beginning(self, path: Path) -> None:
        """Record what is in a file that somebody else has written."""
        if path.parent == self._folder and path not in self._known and path.is_file():
            self._known.add(path)
            with self._lock:
                self.events += [
                    DiskEvent(WRITE, path.name, 0, path.read_bytes()),
                    DiskEvent(SYNC, path.name),
                ]

    def _with_ours(self, original: _Methods) -> _Methods:
        ours = _Methods.from_buffer_copy(original)
        ours.write = _WRITE(self._write)
        ours.truncate = _TRUNCATE(self._truncate)
        ours.sync = _SYNC(self._sync)
        return ours

    def _write(self, file: int, data: int, size: int, offset: int) -> int:
        content = ctypes.string_at(data, size)
        return self._do(
            self._paths[file],
            DiskEvent(WRITE, self._paths[file].name, offset, content),
            lambda: self._originals[file].write(file, data, size, offset),
        )

    def _truncate(self, file: int, size: int) -> int:
        return self._do(
            self._paths[file],
            DiskEvent(TRUNCATE, self._paths[file].name, size),
            lambda: self._originals[file].truncate(file, size),
        )

    def _sync(self, file: int, flags: int) -> int:
        return self._do(
            self._paths[file],
            DiskEvent(SYNC, self._paths[file].name),
            lambda: self._originals[file].sync(file, flags),
        )

    def _delete(self, _vfs: int, name: bytes, is_durable: int) -> int:
        path = Path(name.decode())
        original = self._original
        return self._do(
            path,
            DiskEvent(DELETE, path.name),
            lambda: original.delete(ctypes.addressof(original), name, is_durable),
        )

    def _do(self, path: Path, event: DiskEvent, act: Callable[[], int]) -> int:
        code = self.fault(event.kind, event.file)
        if code == OK:
            code = int(act())
        if path.parent == self._folder:
            self._known.add(path)
            with self._lock:
                self.events.append(event._replace(has_failed=code != OK))
        return code


def _library_of_python() -> ctypes.CDLL:
    """Find the SQLite that Python uses; a second one would have a list of VFS of its own."""
    module = getattr(_sqlite3, "__file__", None)
    library = ctypes.CDLL(module)
    if not hasattr(library, "sqlite3_vfs_find"):
        pytest.skip("SQLite is built into Python here, without symbols")
    return library


class FailingSyncs:
    """Fails the n-th sync and, as a disk that dies, everything that is synced later or nothing."""

    def __init__(self, at: int, *, file_ending: str = "", is_lasting: bool = False) -> None:
        self.count = 0
        self.failures = 0
        self._at = at
        self._ending = file_ending
        self._is_lasting = is_lasting

    def __call__(self, kind: str, file: str) -> int:
        """Decide about one act of the disk."""
        if kind != SYNC or not file.endswith(self._ending):
            return OK
        self.count += 1
        if self.count == self._at or (self._is_lasting and self.count > self._at):
            self.failures += 1
            return SYNC_FAILED
        return OK


class FullDisk:
    """Has no space while ``is_full``."""

    def __init__(self) -> None:
        self.is_full = False
        self.refusals = 0

    def __call__(self, kind: str, _file: str) -> int:
        """Decide about one act of the disk."""
        if self.is_full and kind == WRITE:
            self.refusals += 1
            return FULL
        return OK


class SlowSyncs:
    """Takes its time for every sync."""

    def __init__(self, seconds: float) -> None:
        self.count = 0
        self._seconds = seconds

    def __call__(self, kind: str, _file: str) -> int:
        """Wait, then let it succeed."""
        if kind == SYNC:
            self.count += 1
            time.sleep(self._seconds)  # the fault itself
        return OK
