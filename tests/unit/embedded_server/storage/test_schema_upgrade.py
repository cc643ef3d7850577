import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert

from embedded_server.storage.database import Database
from embedded_server.storage.schema_upgrade import migration_settings
from embedded_server.storage.tables import (
    COMPATIBILITY_VERSION,
    SCHEMA_VERSION,
    metadata,
    secrets,
)

DOCUMENT = Path(__file__).parents[4] / "docs" / "database.md"


def test_migrations_from_nothing_make_the_tables_of_the_program(database: Database) -> None:
    with database.connect_for_reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_newest_migration_has_the_number_of_the_schema() -> None:
    script = ScriptDirectory.from_config(migration_settings())

    numbers = [int(one.revision) for one in script.walk_revisions()]

    assert numbers == list(range(SCHEMA_VERSION, 0, -1))
    assert 1 <= COMPATIBILITY_VERSION <= SCHEMA_VERSION


def test_second_start_runs_no_migration(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    database = Database.create(path)
    with database.connect_for_writing() as connection:
        connection.execute(insert(secrets).values(name="n", value=b"v"))
        connection.commit()
    database.close()

    Database.open(path).close()

    with sqlite3.connect(path) as kept:
        assert kept.execute("SELECT name, value FROM secrets").fetchall() == [("n", b"v")]
    kept.close()


def test_upgrade_that_was_killed_leaves_nothing_and_runs_anew(tmp_path: Path) -> None:
    path = tmp_path / "parlour.db"
    path.touch()  # what is left if the process dies between making the file and the commit

    Database.open(path).close()

    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT schema_version FROM versions").fetchall()
    connection.close()
    assert found == [(SCHEMA_VERSION,)]


def documented_columns(table: str) -> dict[str, str]:
    """Return the type of each column in the section of a table."""
    section = re.search(rf"^### {table}\n(.*?)(?=^#|\Z)", DOCUMENT.read_text(), re.M | re.S)
    assert section is not None, f"{DOCUMENT.name} has no section on {table}"
    rows = re.findall(r"^\| `(\w+)` \| (\w+)", section[1], re.M)
    return dict(rows)


@pytest.mark.parametrize("table", list(metadata.tables))
def test_document_describes_every_column_of_every_table(table: str) -> None:
    columns = {column.name: column.type.__visit_name__ for column in metadata.tables[table].columns}

    assert documented_columns(table) == columns


@pytest.mark.parametrize("table", list(metadata.tables))
def test_drawing_has_every_key(table: str) -> None:
    drawing = DOCUMENT.read_text().split("```mermaid")[1].split("```")[0]
    for column in metadata.tables[table].columns:
        for key in column.foreign_keys:
            owner = key.column.table.name
            assert re.search(rf"^\s*{owner} \|\|--o\{{ {table} :", drawing, re.M)


def test_document_tells_every_version() -> None:
    history = DOCUMENT.read_text().split("## Versions")[1]
    told = [int(number) for number in re.findall(r"^\| (\d+) \|", history, re.M)]

    assert told == list(range(1, SCHEMA_VERSION + 1))
