import threading
from collections.abc import Iterator

import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.errors import KeyringLocked, PasswordDeleteError

from communicator.storage.errors import CredentialError, CredentialStoreMissingError
from communicator.storage.keyring_credentials import KeyringCredentialStore
from tests.helpers.profile_data import ROMEO


class MemoryBackend:
    priority = 5.0

    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.passwords:
            raise PasswordDeleteError(username)
        del self.passwords[service, username]


class LockedBackend(MemoryBackend):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(service, username)


class HangingBackend(MemoryBackend):
    def __init__(self) -> None:
        super().__init__()
        self.is_released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.is_released.wait()
        return super().get_password(service, username)


class BrokenBackend(MemoryBackend):
    def get_password(self, service: str, username: str) -> str | None:
        raise OSError("no bus")


@pytest.fixture
def hanging() -> Iterator[HangingBackend]:
    backend = HangingBackend()
    yield backend
    backend.is_released.set()


@pytest.mark.asyncio
async def test_password_is_kept_and_forgotten() -> None:
    backend = MemoryBackend()
    store = KeyringCredentialStore(lambda: backend)
    await store.put(ROMEO, "swordfish")
    assert await store.password(ROMEO) == "swordfish"
    assert await store.is_available()

    await store.forget(ROMEO)
    await store.forget(ROMEO)

    assert await store.password(ROMEO) is None


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
@pytest.mark.asyncio
async def test_computer_without_password_store_is_told(backend: type) -> None:
    store = KeyringCredentialStore(backend)

    assert not await store.is_available()
    with pytest.raises(CredentialStoreMissingError, match="no password store"):
        await store.put(ROMEO, "swordfish")


@pytest.mark.asyncio
async def test_store_that_keeps_plain_text_is_not_used() -> None:
    backend = MemoryBackend()
    backend.priority = 0.5

    with pytest.raises(CredentialStoreMissingError):
        await KeyringCredentialStore(lambda: backend).put(ROMEO, "swordfish")

    assert backend.passwords == {}


@pytest.mark.asyncio
async def test_store_that_hangs_is_given_up_after_the_limit(hanging: HangingBackend) -> None:
    store = KeyringCredentialStore(lambda: hanging, limit_seconds=0.02)

    with pytest.raises(CredentialStoreMissingError, match="does not answer"):
        await store.password(ROMEO)


@pytest.mark.asyncio
async def test_locked_store_is_no_missing_store() -> None:
    store = KeyringCredentialStore(LockedBackend)

    with pytest.raises(CredentialError) as raised:
        await store.password(ROMEO)

    assert not isinstance(raised.value, CredentialStoreMissingError)


@pytest.mark.asyncio
async def test_failure_of_the_bus_is_translated() -> None:
    with pytest.raises(CredentialStoreMissingError, match="no bus"):
        await KeyringCredentialStore(BrokenBackend).password(ROMEO)
