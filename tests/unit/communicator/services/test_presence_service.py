from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from communicator.services.presence_service import PresenceService
from communicator.state.preferences import Preferences, PreferencesState
from communicator.state.presence import Availability, OwnPresence, OwnPresenceState
from communicator.state.signals import Signal
from tests.helpers.profile_data import NOON, at
from tests.helpers.session_doubles import HandClock, MemorySession, turns

LUNCH = OwnPresence(Availability.AWAY, "Lunch", at(45 * 60))


class Setting:
    def __init__(self, presence: OwnPresence | None = None) -> None:
        self.session = MemorySession()
        self.own = OwnPresenceState()
        self.preferences = PreferencesState(Preferences(presence=presence or OwnPresence()))
        self.clock = HandClock(NOON)
        self.may_send: Signal[None] = Signal()
        self.service = PresenceService(
            session=self.session,
            own=self.own,
            preferences=self.preferences,
            may_send=self.may_send,
            clock=self.clock,
        )
        self.service.start()

    def log_in(self) -> None:
        self.session.come_online()
        self.may_send.emit(None)


@pytest_asyncio.fixture
async def setting() -> AsyncIterator[Setting]:
    setting = Setting()
    yield setting
    await setting.service.stop()


@pytest.mark.asyncio
async def test_presence_is_sent_after_each_login_and_when_it_changes(setting: Setting) -> None:
    setting.log_in()
    setting.service.set_presence(OwnPresence(Availability.DND, "writing"))
    setting.service.set_presence(OwnPresence(Availability.DND, "writing"))
    setting.session.lose()
    setting.log_in()

    assert setting.session.presences == [
        (Availability.AVAILABLE, ""),
        (Availability.DND, "writing"),
        (Availability.DND, "writing"),
    ]


@pytest.mark.asyncio
async def test_presence_chosen_without_connection_is_kept(setting: Setting) -> None:
    setting.service.set_presence(LUNCH)

    assert setting.own.presence == LUNCH
    assert setting.preferences.preferences.presence == LUNCH
    assert setting.session.presences == []


@pytest.mark.asyncio
async def test_lunch_ends_by_itself(setting: Setting) -> None:
    setting.log_in()
    setting.service.set_presence(LUNCH)
    await turns()

    await setting.clock.advance(44 * 60)
    assert setting.own.presence == LUNCH

    await setting.clock.advance(60)
    assert setting.own.presence == OwnPresence()
    assert setting.session.presences[-1] == (Availability.AVAILABLE, "")
    assert setting.preferences.preferences.presence == OwnPresence()


@pytest.mark.asyncio
async def test_later_choice_is_not_ended_by_the_earlier_one(setting: Setting) -> None:
    setting.service.set_presence(LUNCH)
    await turns()
    setting.service.set_presence(OwnPresence(Availability.DND))

    await setting.clock.advance(2 * 3600)

    assert setting.own.presence == OwnPresence(Availability.DND)


@pytest.mark.asyncio
async def test_preset_lasts_over_a_restart_and_ends_in_time() -> None:
    setting = Setting(LUNCH)
    await turns()
    assert setting.own.presence == LUNCH

    await setting.clock.advance(45 * 60)

    assert setting.own.presence == OwnPresence()
    await setting.service.stop()


@pytest.mark.asyncio
async def test_preset_that_ended_while_the_program_was_off_is_over() -> None:
    setting = Setting(OwnPresence(Availability.AWAY, "Lunch", at(-60)))

    assert setting.own.presence == OwnPresence()
    await setting.service.stop()


@pytest.mark.asyncio
async def test_preset_of_a_day_is_waited_for_in_short_pauses(setting: Setting) -> None:
    setting.service.set_presence(OwnPresence(Availability.XA, "away today", at(86_400)))
    await turns()

    for _ in range(23):
        await setting.clock.advance(3_600)
    assert setting.own.presence.availability is Availability.XA

    await setting.clock.advance(3_600)
    assert setting.own.presence == OwnPresence()
