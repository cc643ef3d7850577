"""Tokens that stand for a password (XEP-0484)."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.accounts.login_tokens import LoginTokens
from embedded_server.storage.account_repository import AccountRepository
from embedded_server.storage.token_repository import TokenRepository
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import TokenLimits
from shared_protocol.sasl.hashed_token import initiator_mac, responder_mac
from tests.helpers.fresh_database import opened_database

pytestmark = pytest.mark.asyncio
PHONE, LAPTOP = "d4565fa7-4d72-4749-b3d3-740edbf87770", "0a0b0c0d-4d72-4749-b3d3-740edbf87770"
BOUND, UNBOUND = "HT-SHA-256-ENDP", "HT-SHA-256-NONE"
DAY = 86_400


class Bench:
    """Tokens over a real store, with a clock."""

    def __init__(self, writer: StorageWriter) -> None:
        self.now = 1_000_000_000.0
        self.store = TokenRepository(writer)
        self.tokens = LoginTokens(self.store, TokenLimits(devices=2), clock=lambda: self.now)

    async def issue(self, mechanism: str = UNBOUND, binding: bytes = b"") -> str:
        return (await self.tokens.issue("romeo", PHONE, mechanism, binding)).token

    async def is_good(self, token: str, mechanism: str = UNBOUND, binding: bytes = b"") -> bool:
        mac = initiator_mac(token, binding)
        used = await self.tokens.use("romeo", PHONE, mechanism, mac)
        assert used is None or used.answer == responder_mac(token, binding)
        return used is not None and not used.is_expired


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    database = opened_database(tmp_path / "parlour.db")
    writer = StorageWriter(database)
    writer.start()
    for name in ("romeo", "juliet"):
        await AccountRepository(writer).create(name, {})
    yield Bench(writer)
    await writer.stop()
    database.close()


async def test_token_is_good_for_its_account_device_and_mechanism(bench: Bench) -> None:
    """XEP-0484, section 3.4: bind tokens to the mechanism."""
    token = await bench.issue(BOUND, b"certificate")
    mac = initiator_mac(token, b"certificate")

    assert await bench.is_good(token, BOUND, b"certificate")
    assert not await bench.is_good(token, UNBOUND, b"certificate")
    assert not await bench.is_good(token, BOUND, b"other certificate")
    assert await bench.tokens.use("juliet", PHONE, BOUND, mac) is None
    assert await bench.tokens.use("romeo", LAPTOP, BOUND, mac) is None
    assert await bench.tokens.use("romeo", "", BOUND, mac) is None


async def test_tokens_are_long_and_never_the_same(bench: Bench) -> None:
    made = [await bench.issue() for _ in range(5)]

    assert len(set(made)) == 5
    assert all(len(one) == 43 for one in made)


async def test_who_reads_the_database_cannot_log_in(bench: Bench) -> None:
    token = await bench.issue()

    (stored,) = await bench.store.of_device("romeo", PHONE)

    assert token.encode() not in repr(stored).encode()
    for kept in (stored.verifier, stored.answer):
        assert await bench.tokens.use("romeo", PHONE, UNBOUND, kept) is None
        assert kept != initiator_mac(token, b"")
    assert stored.verifier == hashlib.sha256(initiator_mac(token, b"")).digest()


async def test_former_token_is_good_until_the_new_one_is_used(bench: Bench) -> None:
    """Section 3.5: MUST NOT invalidate the existing token until the new token is used."""
    first = await bench.issue()
    assert await bench.is_good(first)
    second = await bench.issue()
    third = await bench.issue()

    assert await bench.is_good(first)
    assert not await bench.is_good(second)  # "invalidate any tokens that have not been used"
    assert await bench.is_good(third)
    assert not await bench.is_good(first)
    assert await bench.is_good(third)


async def test_token_gets_old(bench: Bench) -> None:
    token = await bench.tokens.issue("romeo", PHONE, UNBOUND, b"")
    mac = initiator_mac(token.token, b"")
    assert token.expiry.timestamp() == bench.now + 30 * DAY

    bench.now += DAY - 1
    used = await bench.tokens.use("romeo", PHONE, UNBOUND, mac)
    assert used is not None
    assert not used.is_due
    bench.now += 1
    used = await bench.tokens.use("romeo", PHONE, UNBOUND, mac)
    assert used is not None
    assert used.is_due
    bench.now += 29 * DAY - 1
    assert await bench.is_good(token.token)
    bench.now += 1
    used = await bench.tokens.use("romeo", PHONE, UNBOUND, mac)
    assert used is not None
    assert used.is_expired


async def test_old_token_that_is_new_leaves_the_used_one_in_its_place(bench: Bench) -> None:
    first = await bench.issue()
    assert await bench.is_good(first)
    second = await bench.issue()
    bench.now += 31 * DAY

    assert not await bench.is_good(second)

    kept = await bench.store.of_device("romeo", PHONE)
    assert sorted(one.is_new for one in kept) == [False, True]


async def test_tokens_of_a_device_are_revoked(bench: Bench) -> None:
    """Section 3.6."""
    first = await bench.issue()
    await bench.is_good(first)
    second = await bench.issue()

    await bench.tokens.revoke("romeo", PHONE)

    assert not await bench.is_good(first)
    assert not await bench.is_good(second)


async def test_an_account_has_tokens_for_a_bounded_number_of_devices(bench: Bench) -> None:
    token = await bench.issue()
    for number in range(2):
        bench.now += 1
        await bench.tokens.issue("romeo", f"device {number}", UNBOUND, b"")

    assert not await bench.is_good(token)
