"""Lists and panels of people, with roster and presence service behind them."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from communicator.services.presence_service import PresenceService
from communicator.services.roster_service import RosterService
from communicator.session.errors import RequestRefusedError
from communicator.state.preferences import PreferencesState
from communicator.state.presence import Availability, OwnPresence
from communicator.state.roster import ContactRequest
from communicator.ui.controllers.people_controller import PeopleController
from communicator.ui.main_window.left_pane import OfficeView
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.settings.values import SettingsValues
from communicator.ui.theme.theme import Theme
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition
from shared_protocol.stanzas.roster import RosterItem
from tests.helpers.roster_cache_double import MemoryRosterCache
from tests.helpers.session_diary import until
from tests.helpers.session_doubles import HandClock, MemorySession, turns

Run = Callable[[Coroutine[Any, Any, None]], None]
OWN = BareJid.parse("juliet@capulet.internal")
ROMEO = BareJid.parse("romeo@capulet.internal")
TYBALT = BareJid.parse("tybalt@capulet.internal")


class People:
    """Juliet's window with services on a session in memory."""

    def __init__(self, qtbot: QtBot, theme: Theme, view: OfficeView) -> None:
        self.roster = view.roster
        self.own = view.own_presence
        self.session = MemorySession(f"{OWN}/balcony")
        self.session.items = {
            contact.jid: RosterItem(contact.jid, name=contact.name, groups=contact.groups)
            for contact in view.roster.contacts
        }
        self.window = MainWindow(theme, view, settings=SettingsValues())
        qtbot.addWidget(self.window, before_close_func=lambda shown: shown.hide())
        self.window.show()
        self.roster_service = RosterService(
            roster_session=self.session,
            presence_session=self.session,
            roster=self.roster,
            cache=MemoryRosterCache(view.roster.contacts),
        )
        self.presence_service = PresenceService(
            session=self.session,
            own=self.own,
            preferences=PreferencesState(),
            may_send=self.roster_service.roster_loaded,
            clock=HandClock(),
        )

    async def start(self, *, is_online: bool = True) -> None:
        self.controller = PeopleController(
            window=self.window,
            roster_service=self.roster_service,
            presence_service=self.presence_service,
            own_jid=OWN,
        )
        await self.roster_service.start()
        self.presence_service.start()
        if is_online:
            self.session.come_online()
            await turns()

    async def end(self) -> None:
        await self.controller.stop()
        await self.presence_service.stop()
        await self.roster_service.stop()

    def add(self, qtbot: QtBot, address: str, name: str = "") -> None:
        """Fill in the form that adds a person, by keys."""
        self.window.show_add()
        panel = self.window.add_panel
        qtbot.keyClicks(panel.address_field.edit, address)
        if name:
            qtbot.keyClicks(panel.name_field.edit, name)
        qtbot.mouseClick(panel.add_button, Qt.MouseButton.LeftButton)


@pytest.fixture
def people(qtbot: QtBot, theme: Theme, office: OfficeView) -> People:
    return People(qtbot, theme, office)


def test_person_is_added_by_the_name_alone_and_the_conversation_opens(
    people: People, run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        await people.start()
        people.add(qtbot, "tybalt", "Tybalt")
        await until(lambda: people.roster.contact(TYBALT))
        assert people.roster.contact(TYBALT).name == "Tybalt"
        assert ("subscribe", TYBALT) in people.session.subscriptions
        await until(lambda: people.window.open_jid == TYBALT)
        assert not people.window.add_panel.isVisible()
        await people.end()

    run(scenario())


@pytest.mark.parametrize(
    ("address", "fault"),
    [("romeo@@capulet", "This is no address"), ("juliet", "This is your own address.")],
)
def test_address_that_cannot_be_added_is_said_in_the_panel(
    people: People, run: Run, qtbot: QtBot, address: str, fault: str
) -> None:
    async def scenario() -> None:
        await people.start()
        people.add(qtbot, address)
        note = people.window.add_panel._fault.text
        assert note.startswith(fault)
        assert len(people.roster.contacts) == 3
        await people.end()

    run(scenario())


def test_what_needs_the_server_is_told_while_there_is_no_connection(
    people: People, run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        await people.start(is_online=False)
        people.window.contact_panel.rename_requested.emit(ROMEO, "Montague's son")
        await until(lambda: people.window.notice.text)
        assert people.window.notice.text.startswith("There is no connection.")
        assert people.roster.contact(ROMEO).name == "Romeo Montague"
        await people.end()

    run(scenario())


def test_refusal_of_the_server_is_told(people: People, run: Run, qtbot: QtBot) -> None:
    async def refuse(jid: BareJid, **_: object) -> None:
        raise RequestRefusedError(StanzaCondition.NOT_ALLOWED, f"{jid} is of the house")

    async def scenario() -> None:
        await people.start()
        people.session.set_roster_item = refuse
        people.window.contact_panel.groups_change_requested.emit(ROMEO, ("Enemies",))
        await until(lambda: people.window.notice.text)
        assert "is of the house" in people.window.notice.text
        await people.end()

    run(scenario())


def test_person_is_renamed_put_into_groups_and_removed(
    people: People, run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        await people.start()
        panel = people.window.contact_panel
        panel.rename_requested.emit(ROMEO, "Sweet Montague")
        await until(lambda: people.roster.contact(ROMEO).name == "Sweet Montague")
        panel.groups_change_requested.emit(ROMEO, ("Husbands",))
        await until(lambda: people.roster.contact(ROMEO).groups == ("Husbands",))
        panel.remove_requested.emit(ROMEO)
        await until(lambda: ROMEO not in people.session.items)
        await people.end()

    run(scenario())


@pytest.mark.parametrize("accepts", [True, False])
def test_request_is_answered_in_the_list(
    people: People, run: Run, qtbot: QtBot, *, accepts: bool
) -> None:
    async def scenario() -> None:
        await people.start()
        people.session.subscription_requested.emit(ContactRequest(TYBALT, "Peace?"))
        (card,) = people.window.left_pane.request_cards.cards
        (card.accepted if accepts else card.declined).emit()
        await until(lambda: not people.window.left_pane.request_cards.cards)
        wanted = [("approve", TYBALT), ("subscribe", TYBALT)] if accepts else [("decline", TYBALT)]
        assert people.session.subscriptions == wanted
        await people.end()

    run(scenario())


def test_chosen_presence_is_told_to_the_others(people: People, run: Run, qtbot: QtBot) -> None:
    async def scenario() -> None:
        await people.start()
        wanted = OwnPresence(Availability.DND, "taking poison")
        people.window.left_pane.presence_chosen.emit(wanted)
        assert people.own.presence == wanted
        assert people.session.presences[-1] == (Availability.DND, "taking poison")
        await people.end()

    run(scenario())


def test_message_to_somebody_who_is_not_in_the_list_is_written_at_once(
    people: People, run: Run, qtbot: QtBot
) -> None:
    async def scenario() -> None:
        await people.start()
        people.window.show_add()
        people.window.add_panel.message_requested.emit("friar@verona.example")
        assert str(people.window.open_jid) == "friar@verona.example"
        assert len(people.roster.contacts) == 3
        await people.end()

    run(scenario())
