"""A new office's database in no time: the migrations run once for each process of the tests."""

import tempfile
from functools import cache
from pathlib import Path

from embedded_server.storage.database import Database


def opened_database(path: Path) -> Database:
    """Open a database, and make it first if it is not there."""
    if not path.exists():
        path.write_bytes(_empty_database())
        path.chmod(0o600)
    return Database.open(path)


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "office.db"
        Database.create(path).close()
        return path.read_bytes()
