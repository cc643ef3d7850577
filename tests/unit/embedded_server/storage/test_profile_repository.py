"""vCards and private data on disk (XEP-0054, XEP-0049)."""

import pytest

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.errors import AccountMissingError
from embedded_server.storage.profile_repository import ProfileRepository
from embedded_server.storage.writer import StorageWriter

pytestmark = pytest.mark.asyncio


@pytest.fixture
def profiles(writer: StorageWriter, repository: AccountRepository) -> ProfileRepository:
    """The store; romeo and juliet have accounts."""
    assert repository is not None
    return ProfileRepository(writer)


async def test_vcard_is_replaced_and_taken_away(profiles: ProfileRepository) -> None:
    assert await profiles.vcard("romeo") is None
    await profiles.put_vcard("romeo", b"<vCard>old</vCard>")
    await profiles.put_vcard("romeo", b"<vCard>new</vCard>")
    assert await profiles.vcard("romeo") == b"<vCard>new</vCard>"
    assert await profiles.all_vcards() == {"romeo": b"<vCard>new</vCard>"}

    await profiles.put_vcard("romeo", b"")

    assert await profiles.vcard("romeo") is None


async def test_vcard_goes_with_its_account(
    profiles: ProfileRepository, repository: AccountRepository
) -> None:
    await profiles.put_vcard("romeo", b"<vCard/>")
    await profiles.put_private("romeo", {"{x}y": b"<y/>"}, 0)

    await repository.delete("romeo")
    await repository.create("romeo", {})

    assert await profiles.vcard("romeo") is None
    assert await profiles.private("romeo", "{x}y") is None


async def test_nobody_without_account_keeps_anything(profiles: ProfileRepository) -> None:
    with pytest.raises(AccountMissingError):
        await profiles.put_vcard("tybalt", b"<vCard/>")
    with pytest.raises(AccountMissingError):
        await profiles.put_private("tybalt", {"{x}y": b"<y/>"}, 0)


async def test_private_data_are_bounded_together_and_changed_together(
    profiles: ProfileRepository,
) -> None:
    assert await profiles.put_private("romeo", {"a": b"1234", "b": b"1234"}, 10)

    assert not await profiles.put_private("romeo", {"a": b"12345"}, 10)
    assert not await profiles.put_private("romeo", {"a": b"1", "c": b"1234"}, 10)
    assert await profiles.private("romeo", "a") == b"1234"
    assert await profiles.put_private("romeo", {"a": b"12", "b": b"", "c": b"1234"}, 10)
    assert await profiles.private("romeo", "b") is None
    assert await profiles.private("juliet", "a") is None
