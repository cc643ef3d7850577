import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import OperationalError

from embedded_server.storage.database import Database
from embedded_server.storage.errors import (
    DatabaseMissingError,
    DatabaseTooNewError,
    StorageError,
)
from embedded_server.storage.tables import SCHEMA_VERSION, secrets, versions


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_every_transaction_is_synced_when_it_commits(database: Database) -> None:
    with database.connect_for_writing() as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2  # FULL
        assert pragma(connection, "foreign_keys") == 1
        assert pragma(connection, "busy_timeout") == 5000


def test_reading_connection_cannot_write(database: Database) -> None:
    with (
        database.connect_for_reading() as connection,
        pytest.raises(OperationalError, match="readonly"),
    ):
        connection.execute(insert(secrets).values(name="n", value=b""))


def test_reader_sees_the_state_before_an_open_write(database: Database) -> None:
    with database.connect_for_writing() as writing, database.connect_for_reading() as reading:
        writing.execute(insert(secrets).values(name="n", value=b"v"))
        before = reading.execute(select(secrets.c.name)).all()
        reading.rollback()
        writing.commit()
        after = reading.execute(select(secrets.c.name)).all()

    assert before == []
    assert after == [("n",)]


def test_folder_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "50% ? #1 & more" / "parlour.db"
    path.parent.mkdir()
    Database.create(path).close()

    assert [found.name for found in path.parent.iterdir()] == ["parlour.db"]


def test_only_the_owner_can_read_the_files(database: Database) -> None:
    with database.connect_for_writing() as connection:
        connection.execute(insert(secrets).values(name="n", value=b"v"))
        connection.commit()
        files = list(database.path.parent.glob("parlour.db*"))

        assert len(files) == 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_new_database_has_the_newest_schema(database: Database) -> None:
    with database.connect_for_reading() as connection:
        assert connection.execute(select(versions.c.schema_version)).scalar() == SCHEMA_VERSION


def test_database_is_not_made_over_another_one(database: Database) -> None:
    with pytest.raises(StorageError, match="File exists"):
        Database.create(database.path)


def test_missing_database_is_not_made_in_passing(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissingError, match="restore it from a backup"):
        Database.open(tmp_path / "parlour.db")

    assert list(tmp_path.iterdir()) == []


def test_database_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    Database.create(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE versions SET schema_version = 999, compatibility_version = 999")
    connection.close()

    with pytest.raises(DatabaseTooNewError, match=r"schema 999.*install the newer version"):
        Database.open(path)

    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT is_closed FROM versions").fetchone() == (1,)
    connection.close()


def test_newer_database_that_says_it_is_compatible_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    Database.create(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE versions SET schema_version = 999")
    connection.close()

    Database.open(path).close()

    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT schema_version FROM versions").fetchone() == (999,)
    connection.close()


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    path.write_bytes(b"Two households, both alike in dignity" * 100)

    with pytest.raises(StorageError, match="cannot be used: file is not a database"):
        Database.open(path)


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE prosody (host TEXT)")
    connection.close()

    with pytest.raises(StorageError, match="not that of a Parlour office"):
        Database.open(path)


def test_database_knows_whether_it_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    Database.create(path)
    after_crash = Database.open(path)
    after_crash.close()
    after_close = Database.open(path)
    after_close.close()

    assert not after_crash.was_closed
    assert after_close.was_closed


def test_damage_is_found_when_it_was_not_closed(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    database = Database.create(path)
    with database.connect_for_writing() as connection:
        for number in range(200):
            connection.execute(insert(secrets).values(name=f"{number}", value=b"x" * 500))
        connection.commit()
    with path.open("r+b") as file:
        file.seek(-8_192, 2)
        file.write(b"\xff" * 8_192)

    with pytest.raises(StorageError, match=r"restore it from a backup|malformed"):
        Database.open(path)
