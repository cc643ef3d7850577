"""Files that only their owner may read, and that are there whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600: readers see the old one or the new one, also after a crash.

    Raises:
        OSError: It cannot be written; the old one is as it was.
    """
    _write_whole(path, content, 0o600)


def write_public(path: Path, content: bytes) -> None:
    """The same with mode 0644.

    Raises:
        OSError: It cannot be written; the old one is as it was.
    """
    _write_whole(path, content, 0o644)


def _write_whole(path: Path, content: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        unfinished.chmod(mode)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
