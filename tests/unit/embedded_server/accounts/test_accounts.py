import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.accounts.accounts import Accounts
from embedded_server.accounts.credentials import NameRefusedError, PasswordRefusedError
from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.database import Database
from embedded_server.storage.errors import AccountExistsError, AccountMissingError
from embedded_server.storage.writer import StorageWriter
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ScramKeys

pytestmark = pytest.mark.asyncio
PASSWORD = "wherefore art thou"


@pytest_asyncio.fixture
async def repository(tmp_path: Path) -> AsyncIterator[AccountRepository]:
    database = Database.create(tmp_path / "parlour.db")
    writer = StorageWriter(database)
    writer.start()
    yield AccountRepository(writer)
    await writer.stop()
    database.close()


@pytest_asyncio.fixture
async def accounts(repository: AccountRepository) -> Accounts:
    accounts = Accounts(repository)
    await accounts.load()
    return accounts


async def test_new_account_can_log_in_at_once_and_after_a_restart(
    accounts: Accounts, repository: AccountRepository
) -> None:
    await accounts.create("Juliet", PASSWORD)
    restarted = Accounts(repository)
    await restarted.load()

    for one in (accounts, restarted):
        assert one.exists("juliet")
        assert one.names() == ["juliet"]
        for kind in ScramHash:
            keys = one.keys("juliet", kind)
            assert keys is not None
            assert keys.matches(PASSWORD, kind)


async def test_name_in_another_spelling_is_taken(accounts: Accounts) -> None:
    await accounts.create("juliet", PASSWORD)

    with pytest.raises(AccountExistsError, match="'juliet' already"):
        await accounts.create("JULIET", PASSWORD)


async def test_refused_name_or_password_makes_no_account(accounts: Accounts) -> None:
    with pytest.raises(NameRefusedError):
        await accounts.create("not a name", PASSWORD)
    with pytest.raises(PasswordRefusedError):
        await accounts.create("romeo", "short")

    assert accounts.names() == []


async def test_new_password_replaces_the_old_one(accounts: Accounts) -> None:
    await accounts.create("romeo", PASSWORD)

    await accounts.set_password("romeo", "a rose by any other name")

    assert await accounts.check_password("romeo", "a rose by any other name")
    assert not await accounts.check_password("romeo", PASSWORD)


async def test_password_is_checked_in_its_prepared_form(accounts: Accounts) -> None:
    await accounts.create("romeo", PASSWORD)

    assert await accounts.check_password("romeo", "wherefore\u00a0art thou")
    assert not await accounts.check_password("romeo", "Wherefore art thou")
    assert not await accounts.check_password("romeo", "")
    assert not await accounts.check_password("tybalt", PASSWORD)


async def test_deleted_account_exists_no_more_and_listeners_are_told(
    accounts: Accounts, repository: AccountRepository
) -> None:
    told: list[tuple[str, bool]] = []

    async def listen(localpart: str) -> None:
        told.append((localpart, accounts.exists(localpart)))

    await accounts.create("tybalt", PASSWORD)
    stop_listening = accounts.on_deleted(listen)
    await accounts.delete("Tybalt")
    await accounts.create("tybalt", PASSWORD)
    stop_listening()
    await accounts.delete("tybalt")

    assert told == [("tybalt", False)]
    assert await repository.all() == []


async def test_account_that_is_not_there_is_an_error(accounts: Accounts) -> None:
    with pytest.raises(AccountMissingError):
        await accounts.delete("tybalt")
    with pytest.raises(AccountMissingError):
        await accounts.set_password("tybalt", PASSWORD)


async def test_account_that_is_deleted_while_its_password_changes_is_gone(
    accounts: Accounts, repository: AccountRepository
) -> None:
    await accounts.create("tybalt", PASSWORD)

    await asyncio.gather(
        accounts.set_password("tybalt", "a rose by any other name"),
        accounts.delete("tybalt"),
        return_exceptions=True,
    )

    assert accounts.names() == []
    assert await repository.all() == []


async def test_only_the_first_account_is_administrator(
    accounts: Accounts, repository: AccountRepository
) -> None:
    await accounts.create("juliet", PASSWORD, is_administrator=True)
    await accounts.create("romeo", PASSWORD)
    await accounts.set_password("juliet", "a rose by any other name")
    restarted = Accounts(repository)
    await restarted.load()

    assert restarted.is_administrator("juliet")
    assert not restarted.is_administrator("romeo")
    assert not restarted.is_administrator("tybalt")


async def test_salts_of_unknown_names_stay_the_same_over_restarts(
    accounts: Accounts, repository: AccountRepository
) -> None:
    restarted = Accounts(repository)
    await restarted.load()

    assert len(accounts.fake_salt_secret) == 32
    assert restarted.fake_salt_secret == accounts.fake_salt_secret


async def test_better_keys_are_kept_beside_the_others(
    accounts: Accounts, repository: AccountRepository
) -> None:
    """XEP-0480, section 4."""
    await accounts.create("juliet", PASSWORD)
    present = accounts.keys("juliet", ScramHash.SHA_256)
    better = ScramKeys.derive(PASSWORD, ScramHash.SHA_256, 20_000)

    await accounts.upgrade_keys("juliet", ScramHash.SHA_256, present, better)

    again = Accounts(repository)
    await again.load()
    for one in (accounts, again):
        assert one.keys("juliet", ScramHash.SHA_256) == better
        assert one.keys("juliet", ScramHash.SHA_1) is not None


async def test_keys_of_a_former_password_do_not_come_back(
    accounts: Accounts, repository: AccountRepository
) -> None:
    """The password may be changed while a client works out keys of the one before."""
    await accounts.create("juliet", PASSWORD)
    present = accounts.keys("juliet", ScramHash.SHA_256)
    late = ScramKeys.derive(PASSWORD, ScramHash.SHA_256, 20_000)
    await accounts.set_password("juliet", "it is the lark")
    changed = accounts.keys("juliet", ScramHash.SHA_256)

    await accounts.upgrade_keys("juliet", ScramHash.SHA_256, present, late)
    await accounts.upgrade_keys("juliet", ScramHash.SHA_256, None, late)
    await accounts.upgrade_keys("nobody", ScramHash.SHA_256, None, late)

    again = Accounts(repository)
    await again.load()
    assert accounts.keys("juliet", ScramHash.SHA_256) == changed
    assert again.keys("juliet", ScramHash.SHA_256) == changed
    assert not accounts.exists("nobody")
