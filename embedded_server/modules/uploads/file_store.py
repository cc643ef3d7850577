"""The content of uploaded files on disk: written as it arrives, complete only when it is synced.

All of it happens on threads of its own, so that a slow disk holds up neither the loop nor logins.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from embedded_server.modules.uploads.byte_ranges import ByteRange
from embedded_server.plugin_api import RequestBody

T = TypeVar("T")

_THREADS = 4
_PIECE_BYTES = 131_072
_UNFINISHED = ".part"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


class WrongSizeError(Exception):
    """The content has another length than was asked for."""


class FileStore:
    """Files in one folder, by names that are safe as they are.

    Args of the constructor:
        folder: Made when it is needed; the folder around it is there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="files")
        self._is_open = asyncio.Event()

    async def open(self) -> None:
        """Remove what was never finished; the folder is made for the first file."""
        try:
            await self._run(self._remove_unfinished)
        finally:
            self._is_open.set()

    def close(self) -> None:
        """End the threads; what is being written is left unfinished."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def free_bytes(self) -> int:
        """Return how much room the disk has."""
        return await self._run(lambda: shutil.disk_usage(self._folder.parent).free)

    async def receive(self, name: str, body: RequestBody, size_bytes: int) -> None:
        """Write a file as it arrives; on return it is on disk, whole.

        Raises:
            WrongSizeError: It has another length; nothing is left of it.
            RequestLostError: The client went away; nothing is left of it.
            OSError: It cannot be written; nothing is left of it.
        """
        unfinished = self._path(name).with_suffix(_UNFINISHED)
        await self._is_open.wait()  # else the new file might be taken for one left over
        descriptor = await self._run(lambda: _create(unfinished))
        is_whole = False
        try:
            received = 0
            while piece := await body.read():
                received += len(piece)
                if received > size_bytes:
                    raise WrongSizeError
                await self._run(partial(_write, descriptor, piece))
            if received != size_bytes:
                raise WrongSizeError
            await self._run(lambda: os.fsync(descriptor))
            is_whole = True
        finally:
            await self._run(lambda: self._finish(descriptor, unfinished, is_whole=is_whole))

    async def pieces(self, name: str, part: ByteRange) -> AsyncGenerator[bytes, None]:
        """Read a part of a file, piece by piece.

        Raises:
            OSError: It cannot be read.
        """
        file = await self._run(lambda: self._path(name).open("rb"))
        try:
            await self._run(partial(file.seek, part.start))
            left = part.end - part.start
            while left:
                piece = await self._run(partial(file.read, min(_PIECE_BYTES, left)))
                if not piece:
                    message = f"{name} is shorter than it was"
                    raise OSError(message)
                left -= len(piece)
                yield piece
        finally:
            file.close()

    async def remove(self, names: list[str]) -> None:
        """Remove files; those that are not there are passed over."""
        await self._run(lambda: self._remove(names))

    async def names(self) -> list[str]:
        """Return the names of all whole files."""
        return await self._run(
            lambda: [path.name for path in self._folder.glob("??/*") if path.suffix != _UNFINISHED]
        )

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _remove_unfinished(self) -> None:
        for left in self._folder.glob(f"??/*{_UNFINISHED}"):
            left.unlink(missing_ok=True)

    def _remove(self, names: list[str]) -> None:
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def _finish(self, descriptor: int, unfinished: Path, *, is_whole: bool) -> None:
        os.close(descriptor)
        if is_whole:
            unfinished.replace(unfinished.with_suffix(""))
            _sync_folder(unfinished.parent)
        else:
            unfinished.unlink(missing_ok=True)


def _create(path: Path) -> int:
    for folder in (path.parent.parent, path.parent):
        if not folder.exists():
            folder.mkdir(_PRIVATE_FOLDER, exist_ok=True)
            _sync_folder(folder.parent)
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, _PRIVATE_FILE)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    """Let the name of a file survive a loss of power, where folders can be synced."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
