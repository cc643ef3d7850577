import json
from pathlib import Path

import pytest

from communicator.storage.credentials import (
    EncryptedFileCredentialStore,
    SessionOnlyCredentialStore,
)
from communicator.storage.errors import CredentialError, WrongPassPhraseError
from tests.helpers.profile_data import JULIET, ROMEO

PHRASE = "wherefore art thou"


@pytest.mark.asyncio
async def test_encrypted_file_gives_the_password_back_to_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    await EncryptedFileCredentialStore(path, PHRASE).put(ROMEO, "swordfish")

    again = EncryptedFileCredentialStore(path, PHRASE)

    assert await again.password(ROMEO) == "swordfish"
    assert await again.password(JULIET) is None
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"swordfish" not in path.read_bytes()
    assert b"romeo" not in path.read_bytes()


@pytest.mark.asyncio
async def test_wrong_pass_phrase_opens_nothing_and_destroys_nothing(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    await EncryptedFileCredentialStore(path, PHRASE).put(ROMEO, "swordfish")
    wrong = EncryptedFileCredentialStore(path, "a rose by any other name")

    with pytest.raises(WrongPassPhraseError):
        await wrong.password(ROMEO)
    with pytest.raises(WrongPassPhraseError):
        await wrong.put(ROMEO, "other")

    assert await EncryptedFileCredentialStore(path, PHRASE).password(ROMEO) == "swordfish"


@pytest.mark.asyncio
async def test_changed_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    await EncryptedFileCredentialStore(path, PHRASE).put(ROMEO, "swordfish")
    kept = json.loads(path.read_text())
    kept["sealed"] = ("B" if kept["sealed"][0] == "A" else "A") + kept["sealed"][1:]
    path.write_text(json.dumps(kept))

    with pytest.raises(WrongPassPhraseError):
        await EncryptedFileCredentialStore(path, PHRASE).password(ROMEO)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": 2}'])
@pytest.mark.asyncio
async def test_damaged_file_is_told_from_a_wrong_pass_phrase(tmp_path: Path, content: str) -> None:
    path = tmp_path / "passwords.json"
    path.write_text(content)

    with pytest.raises(CredentialError) as raised:
        await EncryptedFileCredentialStore(path, PHRASE).password(ROMEO)

    assert not isinstance(raised.value, WrongPassPhraseError)


@pytest.mark.asyncio
async def test_forgotten_password_is_gone(tmp_path: Path) -> None:
    store = EncryptedFileCredentialStore(tmp_path / "passwords.json", PHRASE)
    await store.put(ROMEO, "swordfish")
    await store.put(JULIET, "balcony")

    await store.forget(ROMEO)

    assert await store.password(ROMEO) is None
    assert await store.password(JULIET) == "balcony"


@pytest.mark.asyncio
async def test_session_store_remembers_until_it_is_told_to_forget() -> None:
    store = SessionOnlyCredentialStore()
    await store.put(ROMEO, "swordfish")
    assert await store.password(ROMEO) == "swordfish"

    await store.forget(ROMEO)

    assert await store.password(ROMEO) is None
