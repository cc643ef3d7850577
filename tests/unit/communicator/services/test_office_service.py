import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from communicator.hosting.errors import HostingError
from communicator.services.office_service import OfficeService, localpart_of, slug_of
from communicator.state.account import Account
from communicator.state.colleague_access import ColleagueAccess
from communicator.state.office import OfficePhase, OfficeState, OfficeStatus
from communicator.state.preferences import Preferences, PreferencesState
from shared_protocol.addresses import BareJid
from tests.helpers.hosting_double import MemoryHosting
from tests.helpers.profile_data import ROMEO
from tests.helpers.session_doubles import HandClock, turns

FOLDER = Path("/verona/office")
PEM = "-----BEGIN CERTIFICATE-----\nYW4gYXV0aG9yaXR5\n-----END CERTIFICATE-----\n"
HOSTED = Account(ROMEO, port=5223, office_folder=FOLDER, office_name="Montague and Sons")


class Setting:
    def __init__(self, account: Account | None = None) -> None:
        self.state = OfficeState()
        self.hosting = MemoryHosting()
        self.preferences = PreferencesState(Preferences(account=account))
        self.clock = HandClock()
        self.phases: list[OfficePhase] = []
        self.state.status_changed.connect(lambda status: self.phases.append(status.phase))
        self.service = OfficeService(
            state=self.state,
            hosting=self.hosting,
            preferences=self.preferences,
            clock=self.clock,
        )


@pytest_asyncio.fixture
async def setting() -> AsyncIterator[Setting]:
    setting = Setting(HOSTED)
    yield setting
    await setting.service.close()


@pytest.mark.asyncio
async def test_new_office_gives_the_owner_an_account() -> None:
    setting = Setting()

    office = await setting.service.start_office("Montague & Sons", "Romeo Montague", FOLDER)

    account = office.account
    assert str(account.jid) == "romeo.montague@montague-sons.internal"
    assert (account.host, account.port, account.is_direct_tls) == ("127.0.0.1", 5223, True)
    assert account.authority_pem == "-----BEGIN CERTIFICATE-----"
    assert setting.hosting.offices[FOLDER] == (
        "montague-sons.internal",
        "romeo.montague",
        office.password,
    )
    assert setting.hosting.office_names == ["Montague & Sons"]
    assert len(office.password) >= 24
    assert setting.phases == [OfficePhase.STARTING, OfficePhase.RUNNING]
    await setting.service.close()


@pytest.mark.asyncio
async def test_office_that_does_not_start_says_why() -> None:
    setting = Setting()
    setting.hosting.failure = "Port 5222 is taken by another program."

    with pytest.raises(HostingError):
        await setting.service.start_office("Montague", "Romeo", FOLDER)

    assert setting.state.status == OfficeStatus(
        OfficePhase.ABSENT, failure="Port 5222 is taken by another program."
    )


@pytest.mark.asyncio
async def test_second_try_does_not_meet_what_the_first_left() -> None:
    setting = Setting()
    setting.hosting.failure = "Port 5222 is taken by another program."
    with pytest.raises(HostingError):
        await setting.service.start_office("Montague", "Romeo", FOLDER)
    assert setting.hosting.offices == {}

    setting.hosting.failure = ""
    office = await setting.service.start_office("Capulet", "Juliet", FOLDER)

    assert str(office.account.jid) == "juliet@capulet.internal"
    await setting.service.close()


@pytest.mark.asyncio
async def test_new_office_stays_once_its_account_is_remembered() -> None:
    setting = Setting()
    await setting.service.start_office("Montague", "Romeo", FOLDER)

    await setting.service.keep_office()
    await setting.service.abandon_office()  # there is none to abandon any more
    await setting.service.close()

    assert list(setting.hosting.offices) == [FOLDER]
    assert setting.hosting.unfinished == set()


@pytest.mark.parametrize("ends_program", [True, False])
@pytest.mark.asyncio
async def test_new_office_that_the_user_gives_up_is_removed(*, ends_program: bool) -> None:
    setting = Setting()
    await setting.service.start_office("Montague", "Romeo", FOLDER)

    await (setting.service.close() if ends_program else setting.service.abandon_office())

    assert setting.hosting.offices == {}
    assert setting.hosting.running == set()
    assert setting.state.status == OfficeStatus()
    await setting.service.close()


@pytest.mark.asyncio
async def test_new_office_lies_beside_one_that_is_in_use() -> None:
    setting = Setting()
    setting.hosting.offices[FOLDER] = ("montague.internal", "romeo", "wherefore")

    office = await setting.service.start_office("Capulet", "Juliet", FOLDER)

    assert office.account.office_folder == FOLDER.with_name("office-2")
    assert setting.hosting.offices[FOLDER][0] == "montague.internal"
    await setting.service.close()


@pytest.mark.asyncio
async def test_colleague_gets_an_account_and_all_that_is_to_be_told() -> None:
    """The fingerprint is that of the office's authority, as the certificate page shows it."""
    setting = Setting(replace(HOSTED, authority_pem=PEM))

    access = await setting.service.add_colleague("Juliet Capulet")

    ((folder, name, password),) = setting.hosting.accounts
    assert (folder, name) == (FOLDER, "juliet.capulet")
    assert access == ColleagueAccess(
        office_address="montague.lit",
        name="juliet.capulet",
        password=password,
        computer="192.0.2.7",
        port=5222,
        fingerprint=hashlib.sha256(b"an authority").hexdigest().upper(),
    )
    assert len(password) >= 12


@pytest.mark.parametrize(("account", "failure"), [(None, ""), (HOSTED, "The name is taken.")])
@pytest.mark.asyncio
async def test_colleague_that_cannot_be_added_is_one_sentence(
    account: Account | None, failure: str
) -> None:
    setting = Setting(account)
    setting.hosting.failure = failure

    with pytest.raises(HostingError, match=failure or "hosts no office"):
        await setting.service.add_colleague("Juliet")


@pytest.mark.asyncio
async def test_started_server_is_shown_with_its_sessions(setting: Setting) -> None:
    setting.hosting.port = 6223

    account = await setting.service.start()
    await turns()
    setting.hosting.connected = 2
    await setting.clock.advance(5)

    assert account.port == 6223
    assert setting.preferences.preferences.account.port == 6223
    assert setting.state.status == OfficeStatus(
        OfficePhase.RUNNING, "Montague and Sons", connected=2
    )


@pytest.mark.asyncio
async def test_server_that_ends_by_itself_is_told(setting: Setting) -> None:
    await setting.service.start()
    await turns()

    setting.hosting.running.clear()
    await setting.clock.advance(5)

    assert setting.state.status.phase is OfficePhase.FAILED
    assert setting.state.status.failure


@pytest.mark.asyncio
async def test_stop_is_shown_step_by_step(setting: Setting) -> None:
    await setting.service.start()

    await setting.service.stop()

    assert setting.phases[-2:] == [OfficePhase.STOPPING, OfficePhase.STOPPED]
    assert setting.hosting.running == set()


@pytest.mark.parametrize("outlives", [True, False])
@pytest.mark.asyncio
async def test_server_outlives_the_window_if_the_user_wants(
    setting: Setting, *, outlives: bool
) -> None:
    setting.service.set_outlives_window(outlives=outlives)
    await setting.service.start()

    await setting.service.close()

    assert (FOLDER in setting.hosting.running) is outlives


@pytest.mark.asyncio
async def test_server_that_does_not_start_says_why_and_so_does_the_state(
    setting: Setting,
) -> None:
    setting.hosting.failure = "Port 5222 is taken by another program."

    with pytest.raises(HostingError):
        await setting.service.start()

    assert setting.state.status.phase is OfficePhase.FAILED
    assert setting.state.status.failure == "Port 5222 is taken by another program."


@pytest.mark.asyncio
async def test_computer_without_office_starts_none() -> None:
    setting = Setting()

    assert await setting.service.start() is None

    assert setting.state.status.phase is OfficePhase.ABSENT


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Montague and Sons", "montague-and-sons"),
        ("  Café Vérona!  ", "cafe-verona"),
        ("Дом", "office"),
        ("x" * 80, "x" * 63),
    ],
)
def test_name_of_an_office_becomes_a_label(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    ("name", "localpart"),
    [
        ("Romeo", "romeo"),
        ("Romeo Montague", "romeo.montague"),
        ("O'Neill, Ann", "o.neill.ann"),
        ("Ромео", "ромео"),
        ("!!!", "owner"),
    ],
)
def test_name_of_a_person_becomes_a_localpart(name: str, localpart: str) -> None:
    assert localpart_of(name) == localpart
    assert BareJid.parse(f"{localpart}@montague.internal").localpart == localpart
