"""Reconnecting that works and explains itself."""

from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random

import pytest
import pytest_asyncio

from communicator.services.connection_service import NEEDS_USER, ConnectionService
from communicator.state.account import Account
from communicator.state.connection import (
    CertificateSummary,
    ConnectionPhase,
    ConnectionState,
    ConnectionStatus,
    ConnectionTrouble,
    TroubleKind,
)
from communicator.storage.credentials import SessionOnlyCredentialStore
from communicator.storage.errors import CredentialError
from shared_protocol.addresses import BareJid
from tests.helpers.profile_data import NOON, ROMEO
from tests.helpers.session_doubles import HandClock, MemorySession, turns

ACCOUNT = Account(ROMEO, host="verona.example", port=5223)
LOST = ConnectionTrouble(TroubleKind.LOST)
REFUSED = ConnectionTrouble(TroubleKind.REFUSED, "verona.example", 5223)
CERTIFICATE = CertificateSummary(
    subject="montague.lit",
    issuer="Office authority",
    names=("montague.lit",),
    not_before=NOON,
    not_after=NOON,
    fingerprint="AB" * 32,
    pem="-----BEGIN CERTIFICATE-----",
)


class RefusingStore(SessionOnlyCredentialStore):
    async def put(self, jid: BareJid, password: str) -> None:
        raise CredentialError("The wallet is locked.")


class Setting:
    def __init__(self, store: SessionOnlyCredentialStore) -> None:
        self.session = MemorySession()
        self.state = ConnectionState()
        self.store = store
        self.clock = HandClock(NOON)
        self.service = ConnectionService(
            session=self.session,
            state=self.state,
            credentials=self.store,
            clock=self.clock,
            chance=Random(1),  # noqa: S311 - a test that can be repeated
        )
        self.phases: list[ConnectionPhase] = []
        self.state.status_changed.connect(lambda status: self.phases.append(status.phase))

    @property
    def status(self) -> ConnectionStatus:
        return self.state.status

    async def start(self, *answers: ConnectionTrouble | None) -> None:
        await self.store.put(ROMEO, "swordfish")
        self.session.answers = list(answers)
        await self.service.start(ACCOUNT)
        await turns()


@pytest_asyncio.fixture
async def setting() -> AsyncIterator[Setting]:
    setting = Setting(SessionOnlyCredentialStore())
    yield setting
    await setting.service.stop()


@pytest.mark.asyncio
async def test_account_comes_online_with_its_password(setting: Setting) -> None:
    await setting.start()

    assert setting.phases == [ConnectionPhase.CONNECTING, ConnectionPhase.ONLINE]
    assert setting.session.logins == [(ACCOUNT, "swordfish")]


@pytest.mark.asyncio
async def test_lost_connection_is_told_with_the_moment_of_the_next_try(setting: Setting) -> None:
    await setting.start()

    setting.session.lose(LOST)
    await turns()

    assert setting.status.phase is ConnectionPhase.WAITING
    assert setting.status.trouble == LOST
    pause = setting.status.next_try_at - NOON
    assert timedelta(seconds=0.8) <= pause <= timedelta(seconds=1.2)


@pytest.mark.asyncio
async def test_pauses_grow_to_a_minute_and_differ_by_chance(setting: Setting) -> None:
    await setting.start(*[REFUSED] * 9)

    pauses = []
    for _ in range(9):
        pause = (setting.status.next_try_at - setting.clock.now()).total_seconds()
        pauses.append(pause)
        await setting.clock.advance(pause)

    for pause, base in zip(pauses, (1, 2, 5, 10, 20, 40, 60, 60, 60), strict=True):
        assert 0.8 * base <= pause <= 1.2 * base
    assert len({pause / 60 for pause in pauses[-3:]}) == 3
    assert setting.status.phase is ConnectionPhase.ONLINE


@pytest.mark.asyncio
async def test_try_on_demand_comes_at_once(setting: Setting) -> None:
    await setting.start(REFUSED)
    assert setting.status.phase is ConnectionPhase.WAITING

    await setting.service.retry_now()
    await turns()

    assert setting.status.phase is ConnectionPhase.ONLINE


@pytest.mark.asyncio
async def test_connection_that_was_steady_begins_with_the_short_pause_again(
    setting: Setting,
) -> None:
    await setting.start(REFUSED, REFUSED)
    for _ in range(2):
        await setting.clock.advance(3)
    assert setting.status.phase is ConnectionPhase.ONLINE
    await setting.clock.advance(60)

    setting.session.lose(LOST)
    await turns()

    assert setting.status.next_try_at - setting.clock.now() <= timedelta(seconds=1.2)


@pytest.mark.asyncio
async def test_connection_that_is_lost_again_at_once_is_tried_more_and_more_rarely(
    setting: Setting,
) -> None:
    await setting.start()
    for _ in range(3):
        setting.session.lose(LOST)
        await turns()
        pause = (setting.status.next_try_at - setting.clock.now()).total_seconds()
        await setting.clock.advance(pause)

    assert pause >= 4


@pytest.mark.parametrize("kind", sorted(NEEDS_USER, key=lambda kind: kind.value))
@pytest.mark.asyncio
async def test_trouble_that_needs_the_user_stops_the_tries(
    setting: Setting, kind: TroubleKind
) -> None:
    await setting.start(ConnectionTrouble(kind))

    await setting.clock.advance(3600)

    assert setting.status.phase is ConnectionPhase.STOPPED
    assert setting.status.trouble.kind is kind
    assert setting.status.next_try_at is None
    assert len(setting.session.logins) == 1


@pytest.mark.asyncio
async def test_replaced_session_does_not_fight_for_its_place(setting: Setting) -> None:
    await setting.start()

    setting.session.lose(ConnectionTrouble(TroubleKind.REPLACED))
    await turns()
    assert setting.status.phase is ConnectionPhase.STOPPED

    await setting.service.retry_now()
    await turns()
    assert setting.status.phase is ConnectionPhase.ONLINE


@pytest.mark.asyncio
async def test_missing_password_is_asked_for_before_anything_is_sent(setting: Setting) -> None:
    await setting.service.start(ACCOUNT)
    await turns()

    assert setting.status.trouble == ConnectionTrouble(TroubleKind.PASSWORD_MISSING)
    assert setting.session.logins == []


@pytest.mark.asyncio
async def test_typed_password_is_kept_once_the_server_took_it(setting: Setting) -> None:
    wrong = ConnectionTrouble(TroubleKind.WRONG_PASSWORD)
    await setting.start(wrong, wrong)

    await setting.service.use_password("wrong again", remember=True)
    await turns()
    assert await setting.store.password(ROMEO) == "swordfish"

    await setting.service.use_password("right", remember=True)
    await turns()
    assert await setting.store.password(ROMEO) == "right"
    assert [password for _, password in setting.session.logins] == [
        "swordfish",
        "wrong again",
        "right",
    ]


@pytest.mark.asyncio
async def test_password_that_is_not_to_be_kept_serves_this_run(setting: Setting) -> None:
    await setting.start(ConnectionTrouble(TroubleKind.WRONG_PASSWORD))
    await setting.service.use_password("right", remember=False)
    await turns()
    setting.session.lose(LOST)
    await setting.clock.advance(2)

    assert setting.session.logins[-1] == (ACCOUNT, "right")
    assert await setting.store.password(ROMEO) == "swordfish"


@pytest.mark.asyncio
async def test_store_that_refuses_is_told_and_the_connection_stays() -> None:
    setting = Setting(RefusingStore())
    errors: list[CredentialError] = []
    setting.service.password_not_kept.connect(errors.append)
    await setting.service.start(ACCOUNT)
    await turns()

    await setting.service.use_password("right", remember=True)
    await turns()

    assert setting.status.phase is ConnectionPhase.ONLINE
    assert str(errors[0]) == "The wallet is locked."
    await setting.service.stop()


@pytest.mark.asyncio
async def test_compared_certificate_is_pinned_for_this_account(setting: Setting) -> None:
    changed: list[Account] = []
    setting.service.account_changed.connect(changed.append)
    await setting.start(
        ConnectionTrouble(TroubleKind.CERTIFICATE_UNTRUSTED, certificate=CERTIFICATE)
    )

    await setting.service.trust_certificate()
    await turns()

    assert setting.status.phase is ConnectionPhase.ONLINE
    assert changed[0].authority_pem == CERTIFICATE.pem
    assert setting.session.logins[-1][0] == changed[0]


@pytest.mark.parametrize(
    "kind", [TroubleKind.CERTIFICATE_OTHER_NAME, TroubleKind.CERTIFICATE_EXPIRED]
)
@pytest.mark.asyncio
async def test_certificate_that_comparing_cannot_mend_is_not_pinned(
    setting: Setting, kind: TroubleKind
) -> None:
    await setting.start(ConnectionTrouble(kind, certificate=CERTIFICATE))

    await setting.service.trust_certificate()
    await turns()

    assert setting.status.phase is ConnectionPhase.STOPPED
    assert len(setting.session.logins) == 1


@pytest.mark.asyncio
async def test_wish_to_be_offline_ends_connection_and_tries(setting: Setting) -> None:
    await setting.start()

    await setting.service.stop()
    await setting.clock.advance(3600)

    assert setting.status == ConnectionStatus()
    assert not setting.session.is_connected
    assert len(setting.session.logins) == 1


@pytest.mark.parametrize(("port", "is_direct_tls"), [(5222, False), (5223, True), (0, False)])
@pytest.mark.asyncio
async def test_other_place_of_the_server_is_tried_and_remembered(
    setting: Setting, port: int, *, is_direct_tls: bool
) -> None:
    changed: list[Account] = []
    setting.service.account_changed.connect(changed.append)
    await setting.start(REFUSED)

    await setting.service.use_address("padua.example", port)
    await turns()

    moved = Account(ROMEO, host="padua.example", port=port, is_direct_tls=is_direct_tls)
    assert setting.session.logins[-1] == (moved, "swordfish")
    assert changed == [moved]
    assert setting.status.phase is ConnectionPhase.ONLINE


@pytest.mark.asyncio
async def test_after_a_sleep_the_next_try_comes_at_once(setting: Setting) -> None:
    await setting.start(*[REFUSED] * 8)
    for _ in range(6):
        await setting.clock.advance(60 * 1.2)
    assert setting.status.phase is ConnectionPhase.WAITING

    await setting.service.wake_up()
    await turns()

    assert setting.status.phase is ConnectionPhase.WAITING
    pause = setting.status.next_try_at - setting.clock.now()
    assert pause <= timedelta(seconds=1.2)  # from the beginning, for the network is new
    await setting.service.wake_up()
    await turns()
    assert setting.status.phase is ConnectionPhase.ONLINE


@pytest.mark.asyncio
async def test_after_a_sleep_a_connection_that_may_be_dead_is_asked(setting: Setting) -> None:
    await setting.start()

    await setting.service.wake_up()

    assert setting.session.checks == 1
    assert setting.status.phase is ConnectionPhase.ONLINE
