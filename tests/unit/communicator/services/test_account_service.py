import pytest

from communicator.services.account_service import (
    AccountService,
    SignInStep,
    account_in_office,
    account_with_address,
    spoken_name,
)
from communicator.services.password_service import PasswordFileLockedError, PasswordService
from communicator.session.errors import ConnectionFailedError
from communicator.state.account import Account
from communicator.state.connection import ConnectionTrouble, TroubleKind
from communicator.state.preferences import PasswordKeeping, PreferencesState
from communicator.storage.errors import WrongPassPhraseError
from shared_protocol.addresses import AddressError
from tests.helpers.credential_doubles import MemoryFile, MissingSystemStore, SystemStore
from tests.helpers.profile_data import ROMEO
from tests.helpers.session_doubles import MemorySession

ACCOUNT = Account(ROMEO)
PHRASE = "wherefore art thou"


class Setting:
    def __init__(self, system_store: SystemStore, file: MemoryFile | None = None) -> None:
        self.session = MemorySession()
        self.preferences = PreferencesState()
        self.file = file or MemoryFile()
        self.passwords = PasswordService(
            system_store=system_store, open_file=self.file.open, preferences=self.preferences
        )
        self.service = AccountService(
            session=self.session, passwords=self.passwords, preferences=self.preferences
        )


@pytest.mark.asyncio
async def test_account_that_works_is_remembered_with_its_password() -> None:
    setting = Setting(SystemStore())

    step = await setting.service.sign_in(ACCOUNT, "swordfish")

    assert step is SignInStep.DONE
    assert setting.preferences.preferences.account == ACCOUNT
    assert await setting.passwords.password(ROMEO) == "swordfish"
    assert not setting.session.is_connected


@pytest.mark.asyncio
async def test_account_that_does_not_work_leaves_nothing_behind() -> None:
    setting = Setting(SystemStore())
    trouble = ConnectionTrouble(TroubleKind.WRONG_PASSWORD)
    setting.session.answers = [trouble]

    with pytest.raises(ConnectionFailedError) as raised:
        await setting.service.sign_in(ACCOUNT, "wrong")

    assert raised.value.trouble == trouble
    assert setting.preferences.preferences.account is None
    assert await setting.passwords.password(ROMEO) is None


@pytest.mark.asyncio
async def test_without_password_store_the_user_chooses_the_encrypted_file() -> None:
    setting = Setting(MissingSystemStore())

    step = await setting.service.sign_in(ACCOUNT, "swordfish")
    assert step is SignInStep.CHOOSE_KEEPING
    assert setting.preferences.preferences.account is None
    await setting.service.choose_keeping(PasswordKeeping.ENCRYPTED_FILE, PHRASE)

    assert setting.preferences.preferences.account == ACCOUNT
    assert setting.preferences.preferences.password_keeping is PasswordKeeping.ENCRYPTED_FILE
    assert await setting.passwords.password(ROMEO) == "swordfish"
    assert len(setting.session.logins) == 1


@pytest.mark.asyncio
async def test_without_password_store_the_user_chooses_this_session_only() -> None:
    setting = Setting(MissingSystemStore())
    await setting.service.sign_in(ACCOUNT, "swordfish")

    await setting.service.choose_keeping(PasswordKeeping.SESSION_ONLY)

    assert await setting.passwords.password(ROMEO) == "swordfish"
    assert setting.file.pass_phrase == ""


@pytest.mark.asyncio
async def test_sign_in_that_was_given_up_is_forgotten() -> None:
    setting = Setting(MissingSystemStore())
    await setting.service.sign_in(ACCOUNT, "swordfish")

    setting.service.give_up()
    await setting.service.choose_keeping(PasswordKeeping.SESSION_ONLY)

    assert setting.preferences.preferences.account is None


@pytest.mark.asyncio
async def test_encrypted_file_is_locked_at_the_next_start_until_the_pass_phrase_comes() -> None:
    first = Setting(MissingSystemStore())
    await first.service.sign_in(ACCOUNT, "swordfish")
    await first.service.choose_keeping(PasswordKeeping.ENCRYPTED_FILE, PHRASE)
    again = Setting(MissingSystemStore(), first.file)
    again.preferences.put(first.preferences.preferences)

    assert again.passwords.is_locked
    with pytest.raises(PasswordFileLockedError):
        await again.passwords.password(ROMEO)
    with pytest.raises(WrongPassPhraseError):
        await again.passwords.unlock(ROMEO, "a rose")
    assert again.passwords.is_locked

    await again.passwords.unlock(ROMEO, PHRASE)

    assert not again.passwords.is_locked
    assert await again.passwords.password(ROMEO) == "swordfish"


@pytest.mark.parametrize(
    "address", ["romeo@montague.lit", " Romeo@MONTAGUE.lit ", "xmpp:romeo@montague.lit"]
)
def test_address_may_be_typed_carelessly(address: str) -> None:
    assert account_with_address(address, host=" verona.example ", port=5222) == Account(
        ROMEO, host="verona.example", port=5222
    )


@pytest.mark.parametrize("address", ["", "romeo", "@montague.lit", "romeo@", "ro meo@montague.lit"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        account_with_address(address)


def test_name_and_office_make_an_account() -> None:
    account = account_in_office("Montague.Internal", "Romeo")

    assert str(account.jid) == "romeo@montague.internal"


@pytest.mark.parametrize(
    ("localpart", "spoken"),
    [
        ("bo.meyer", "Bo Meyer"),
        ("Bo Meyer", "Bo Meyer"),
        ("juliet_capulet", "Juliet Capulet"),
        ("o'neill", "O'neill"),
        ("...", "..."),
        ("ромео", "Ромео"),
    ],
)
def test_name_in_an_office_is_shown_as_it_is_spoken(localpart: str, spoken: str) -> None:
    assert spoken_name(localpart) == spoken


def test_full_name_that_was_typed_for_the_account_finds_it() -> None:
    assert str(account_in_office("montague.internal", " Romeo  Montague ").jid) == (
        "romeo.montague@montague.internal"
    )
