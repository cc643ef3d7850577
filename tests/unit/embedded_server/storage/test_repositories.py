import pytest

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.errors import AccountExistsError, AccountMissingError
from embedded_server.storage.messages.message_store import MessageStore, NewMessage
from embedded_server.storage.roster_repository import RosterRepository, StoredRoster
from embedded_server.storage.writer import StorageWriter
from shared_protocol.addresses import BareJid
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import ScramKeys
from shared_protocol.stanzas.roster import RosterItem, Subscription

pytestmark = pytest.mark.asyncio

JULIET = BareJid.parse("juliet@capulet.lit")
NURSE = BareJid.parse("nurse@capulet.lit")
KEYS = {
    ScramHash.SHA_1: ScramKeys(b"salt", 4_096, b"stored", b"server"),
    ScramHash.SHA_256: ScramKeys(b"other salt", 10_000, b"stored too", b"server too"),
}


async def test_account_comes_back_with_all_its_keys(writer: StorageWriter) -> None:
    repository = AccountRepository(writer)
    made = await repository.create("mercutio", KEYS, is_administrator=True)

    found = await repository.all()

    assert found == [made]
    assert found[0].keys == KEYS
    assert found[0].is_administrator


async def test_name_can_be_taken_once(repository: AccountRepository) -> None:
    with pytest.raises(AccountExistsError, match="'romeo' already"):
        await repository.create("romeo", KEYS)

    assert [account.localpart for account in await repository.all()] == ["juliet", "romeo"]


async def test_new_keys_replace_the_old_ones(repository: AccountRepository) -> None:
    await repository.set_keys("romeo", KEYS)
    only = {ScramHash.SHA_1: KEYS[ScramHash.SHA_1]}
    await repository.set_keys("romeo", only)

    keys = {account.localpart: account.keys for account in await repository.all()}

    assert keys == {"juliet": {}, "romeo": only}


async def test_account_that_is_not_there_is_named_in_the_error(
    repository: AccountRepository,
) -> None:
    with pytest.raises(AccountMissingError, match="'tybalt'"):
        await repository.set_keys("tybalt", KEYS)
    with pytest.raises(AccountMissingError, match="'tybalt'"):
        await repository.delete("tybalt")


async def test_secret_is_made_once(writer: StorageWriter) -> None:
    repository = AccountRepository(writer)

    assert await repository.secret("salts", lambda: b"first") == b"first"
    assert await repository.secret("salts", lambda: b"second") == b"first"


async def test_deleted_account_takes_all_it_owned_with_it(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    rosters, store = RosterRepository(writer), MessageStore(writer)
    await store.load()
    await rosters.put("romeo", RosterItem(JULIET, groups=("Lovers",)), 1)
    await rosters.put_request("romeo", NURSE, b"<presence/>")
    message = NewMessage("juliet", "romeo", b"<message/>", "", False, True, True)  # noqa: FBT003
    store.add(message, lambda _: None)
    await writer.write(lambda _: None)

    await repository.delete("romeo")
    await repository.create("romeo", {})

    assert await rosters.load("romeo") == StoredRoster(0, {}, {})
    after = MessageStore(writer)
    await after.load()
    assert after.count("romeo") == 0


async def test_roster_comes_back_as_it_was_put(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    rosters = RosterRepository(writer)
    juliet = RosterItem(JULIET, "Juliet", Subscription.BOTH, ("Lovers", "Friends"))
    nurse = RosterItem(NURSE, ask=True, approved=True)

    await rosters.put("romeo", juliet, 1_700_000_000_001)
    await rosters.put("romeo", nurse, 1_700_000_000_002)

    stored = await rosters.load("romeo")
    assert stored.version == 1_700_000_000_002
    assert list(stored.items.items()) == [(JULIET, juliet), (NURSE, nurse)]
    assert (await rosters.load("juliet")).items == {}


async def test_item_is_replaced_with_its_groups(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    rosters = RosterRepository(writer)
    await rosters.put("romeo", RosterItem(JULIET, groups=("Lovers", "Friends")), 1)
    changed = RosterItem(JULIET, "My love", Subscription.TO, ("Family",))

    await rosters.put("romeo", changed, 2)

    assert await rosters.load("romeo") == StoredRoster(2, {JULIET: changed}, {})


async def test_removed_item_is_gone_and_the_version_grows(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    rosters = RosterRepository(writer)
    await rosters.put("romeo", RosterItem(JULIET, groups=("Lovers",)), 1)

    await rosters.remove("romeo", JULIET, 2)
    await rosters.remove("romeo", NURSE, 3)

    assert await rosters.load("romeo") == StoredRoster(3, {}, {})


async def test_requests_are_kept_whole_oldest_first_until_they_are_answered(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    """RFC 6121, section 3.1.3: the server keeps the complete presence stanza."""
    rosters = RosterRepository(writer)
    await rosters.put_request("romeo", NURSE, b"<presence>1</presence>")
    await rosters.put_request("romeo", JULIET, "<presence>Ñ</presence>".encode())
    await rosters.put_request("romeo", NURSE, b"<presence>again</presence>")

    waiting = (await rosters.load("romeo")).requests
    await rosters.remove_request("romeo", NURSE)
    left = (await rosters.load("romeo")).requests

    assert list(waiting.items()) == [
        (NURSE, b"<presence>again</presence>"),
        (JULIET, "<presence>Ñ</presence>".encode()),
    ]
    assert list(left) == [JULIET]


async def test_queued_roster_writes_keep_their_order(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    rosters = RosterRepository(writer)
    told: list[object] = []
    rosters.put_in_order("romeo", RosterItem(JULIET, "one"), 1, told.append)
    rosters.put_in_order("tybalt", RosterItem(JULIET), 1, told.append)
    rosters.remove_in_order("romeo", JULIET, 2, told.append)
    rosters.put_in_order("romeo", RosterItem(JULIET, "two"), 3, told.append)
    rosters.put_request_in_order("romeo", NURSE, b"<presence/>", told.append)
    rosters.remove_request_in_order("romeo", NURSE, told.append)

    await writer.write(lambda _: None)

    assert [type(one).__name__ for one in told] == [
        "NoneType",
        "AccountMissingError",
        "NoneType",
        "NoneType",
        "NoneType",
        "NoneType",
    ]
    assert await rosters.load("romeo") == StoredRoster(3, {JULIET: RosterItem(JULIET, "two")}, {})


async def test_roster_of_an_account_that_is_not_there_is_an_error(
    repository: AccountRepository, writer: StorageWriter
) -> None:
    with pytest.raises(AccountMissingError):
        await RosterRepository(writer).load("tybalt")
