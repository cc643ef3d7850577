"""Tokens of devices on disk (XEP-0484)."""

from dataclasses import replace

import pytest

from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.token_repository import StoredToken, TokenRepository
from embedded_server.storage.writer import StorageWriter

pytestmark = pytest.mark.asyncio
PHONE, LAPTOP = "d4565fa7-4d72-4749-b3d3-740edbf87770", "0a0b0c0d-4d72-4749-b3d3-740edbf87770"
TOKEN = StoredToken(
    mechanism="HT-SHA-256-NONE", verifier=b"v", answer=b"a", issued_at=1.5, expires_at=100.5
)


@pytest.fixture
def tokens(writer: StorageWriter, repository: AccountRepository) -> TokenRepository:
    return TokenRepository(writer)


async def put(tokens: TokenRepository, device: str, token: StoredToken, most: int = 9) -> None:
    await tokens.put("romeo", device, token, most_devices=most)


def other(verifier: bytes, issued_at: float = 2.5) -> StoredToken:
    return replace(TOKEN, verifier=verifier, issued_at=issued_at)


async def test_token_comes_back_as_it_was_for_its_account_and_device(
    tokens: TokenRepository,
) -> None:
    await put(tokens, PHONE, TOKEN)

    assert await tokens.of_device("romeo", PHONE) == [TOKEN]
    assert await tokens.of_device("romeo", LAPTOP) == []
    assert await tokens.of_device("juliet", PHONE) == []
    assert await tokens.of_device("nobody", PHONE) == []


async def test_new_token_stands_beside_the_used_one_until_it_is_used(
    tokens: TokenRepository,
) -> None:
    await put(tokens, PHONE, TOKEN)
    await tokens.use("romeo", PHONE, TOKEN)
    used = replace(TOKEN, is_new=False)
    await put(tokens, PHONE, other(b"lost"))
    await put(tokens, PHONE, other(b"new"))

    assert {one.verifier for one in await tokens.of_device("romeo", PHONE)} == {b"v", b"new"}
    assert used in await tokens.of_device("romeo", PHONE)

    await tokens.use("romeo", PHONE, other(b"new"))
    (left,) = await tokens.of_device("romeo", PHONE)
    assert left == replace(other(b"new"), is_new=False)


async def test_use_of_a_token_that_is_not_new_any_more_changes_nothing(
    tokens: TokenRepository,
) -> None:
    await put(tokens, PHONE, TOKEN)
    await tokens.use("romeo", PHONE, TOKEN)
    await put(tokens, PHONE, other(b"new"))

    await tokens.use("romeo", PHONE, TOKEN)
    await tokens.use("romeo", LAPTOP, TOKEN)

    assert len(await tokens.of_device("romeo", PHONE)) == 2


async def test_tokens_of_one_device_are_forgotten(tokens: TokenRepository) -> None:
    for device in (PHONE, LAPTOP):
        await put(tokens, device, TOKEN)
    await tokens.use("romeo", PHONE, TOKEN)
    await put(tokens, PHONE, other(b"new"))

    await tokens.forget("romeo", PHONE)

    assert await tokens.of_device("romeo", PHONE) == []
    assert await tokens.of_device("romeo", LAPTOP) == [TOKEN]


async def test_tokens_that_were_issued_first_go_where_there_are_too_many_devices(
    tokens: TokenRepository,
) -> None:
    for number in range(4):
        await put(tokens, f"device {number}", other(b"v", float(number)), most=2)
    await tokens.put("juliet", PHONE, TOKEN, most_devices=2)

    found = [await tokens.of_device("romeo", f"device {number}") for number in range(4)]
    assert [len(one) for one in found] == [0, 0, 1, 1]
    assert await tokens.of_device("juliet", PHONE) == [TOKEN]


async def test_tokens_that_are_too_old_go_with_the_next_one(tokens: TokenRepository) -> None:
    await put(tokens, PHONE, TOKEN)

    await put(tokens, LAPTOP, replace(TOKEN, issued_at=100.5, expires_at=200.5))

    assert await tokens.of_device("romeo", PHONE) == []


async def test_tokens_go_with_their_password_and_their_account(
    tokens: TokenRepository, repository: AccountRepository
) -> None:
    for name in ("romeo", "juliet"):
        await tokens.put(name, PHONE, TOKEN, most_devices=9)

    await repository.set_keys("romeo", {})
    await repository.delete("juliet")
    await repository.create("juliet", {})
    await tokens.put("nobody", PHONE, TOKEN, most_devices=9)

    assert await tokens.of_device("romeo", PHONE) == []
    assert await tokens.of_device("juliet", PHONE) == []
    assert await tokens.of_device("nobody", PHONE) == []
