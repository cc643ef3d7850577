from pathlib import Path

import pytest
from sqlalchemy import text

from communicator.state.roster import Contact, ContactRequest
from communicator.storage import first_paint
from communicator.storage.database import Database
from communicator.storage.drafts import SqlDrafts
from communicator.storage.first_paint import FirstPaint, read_first_paint
from communicator.storage.history import SqlHistory
from communicator.storage.roster_cache import SqlRosterCache
from communicator.storage.tables import SCHEMA_VERSION
from shared_protocol.stanzas.roster import Subscription
from tests.helpers.profile_data import JULIET, NURSE, ROMEO, received

BENVOLIO = Contact(NURSE, "Nurse", ("Capulet", "Servants"), Subscription.TO, is_asked=True)
LOVE = Contact(JULIET, "Juliet")


@pytest.fixture
def cache(database: Database) -> SqlRosterCache:
    return SqlRosterCache(database)


@pytest.mark.asyncio
async def test_roster_comes_back_without_presence(cache: SqlRosterCache) -> None:
    await cache.replace_all([LOVE, BENVOLIO])

    assert await cache.contacts() == [LOVE, BENVOLIO]


@pytest.mark.asyncio
async def test_changes_are_kept_one_by_one(cache: SqlRosterCache) -> None:
    await cache.replace_all([LOVE, BENVOLIO])
    renamed = Contact(JULIET, "My love", ("Friends",), Subscription.BOTH)

    await cache.put([renamed], [NURSE])

    assert await cache.contacts() == [renamed]


@pytest.mark.asyncio
async def test_requests_are_kept_until_they_are_answered(cache: SqlRosterCache) -> None:
    await cache.put_request(ContactRequest(JULIET, "It is I"))
    await cache.put_request(ContactRequest(NURSE))
    await cache.put_request(ContactRequest(NURSE, "again"))

    await cache.remove_request(JULIET)

    assert await cache.requests() == [ContactRequest(NURSE, "again")]


@pytest.mark.asyncio
async def test_first_paint_shows_what_the_stores_keep(
    cache: SqlRosterCache, database: Database, path: Path
) -> None:
    history = SqlHistory(database)
    await cache.replace_all([LOVE, BENVOLIO])
    await history.add_received([received("O Romeo,\nRomeo!")])
    await SqlDrafts(database).save(NURSE, "Good\nmorrow")

    painted = read_first_paint(path, ROMEO)

    assert painted.contacts == (LOVE, BENVOLIO)
    assert list(painted.conversations) == await history.conversations()
    assert read_first_paint(path, JULIET) == FirstPaint()


def test_first_paint_is_empty_without_a_readable_database(tmp_path: Path) -> None:
    assert read_first_paint(tmp_path / "none.db", ROMEO) == FirstPaint()
    (tmp_path / "some.db").write_text("no database")
    assert read_first_paint(tmp_path / "some.db", ROMEO) == FirstPaint()


@pytest.mark.asyncio
async def test_first_paint_leaves_a_newer_database_alone(database: Database, path: Path) -> None:
    await SqlDrafts(database).save(NURSE, "Good morrow")
    await database.run(
        lambda connection: connection.execute(text("UPDATE versions SET compatibility_version = 2"))
    )

    assert read_first_paint(path, ROMEO) == FirstPaint()


def test_first_paint_knows_the_schema_version() -> None:
    assert first_paint._SCHEMA_VERSION == SCHEMA_VERSION
