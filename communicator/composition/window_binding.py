"""Binds the windows to the services: one controller for each part."""

from dataclasses import dataclass
from typing import Protocol

from communicator.composition.services import Services
from communicator.state.account import Account
from communicator.state.preferences import Preferences
from communicator.state.program_states import States
from communicator.storage.profile_folder import ProfileFolder
from communicator.ui.controllers.chat_controller import ChatController
from communicator.ui.controllers.connection_controller import ConnectionController
from communicator.ui.controllers.notification_controller import NotificationController
from communicator.ui.controllers.people_controller import PeopleController
from communicator.ui.controllers.program_controller import ProgramController
from communicator.ui.controllers.welcome_controller import WelcomeController
from communicator.ui.main_window.office_window import OfficeWindow
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme
from communicator.ui.tray import TrayPresenter
from communicator.ui.welcome.welcome_window import WelcomeWindow


class Controller(Protocol):
    """Binds one part of a window; ends before its window does."""

    async def stop(self) -> None:
        """End what is under way."""


@dataclass(frozen=True, slots=True)
class BoundWindow:
    """The controllers of the main window; ``program`` tells the wish to quit or to sign out."""

    program: ProgramController
    connection: ConnectionController
    controllers: tuple[Controller, ...]


def bind_welcome(
    window: WelcomeWindow, services: Services, profile: ProfileFolder
) -> WelcomeController:
    """Bind the window of the first run."""
    return WelcomeController(
        window=window,
        accounts=services.accounts,
        office=services.office,
        office_folder=profile.office,
    )


def bind_window(
    shown: OfficeWindow, account: Account, states: States, services: Services, theme: Theme
) -> BoundWindow:
    """Bind the main window."""
    window = shown.window
    program = _bind_program(shown, states, services, theme)
    NotificationController(
        window=window,
        tray=shown.tray,
        roster=states.roster,
        conversations=states.conversations,
        preferences=states.preferences,
    )
    chat = ChatController(
        window=window,
        pane=shown.pane,
        chat=services.chat,
        roster=states.roster,
        conversations=states.conversations,
        own=(account.jid, account.display_name or account.jid.localpart),
    )
    people = PeopleController(
        window=window,
        roster_service=services.roster,
        presence_service=services.presence,
        own_jid=account.jid,
    )
    _follow_writing_choice(shown, states)
    connection = ConnectionController(
        window=window,
        connection=services.connection,
        passwords=services.passwords,
        office=states.office,
    )
    return BoundWindow(program, connection, (chat, people, connection, program))


def _bind_program(
    shown: OfficeWindow, states: States, services: Services, theme: Theme
) -> ProgramController:
    presenter = TrayPresenter(
        shown.tray,
        own_presence=states.own_presence,
        connection=states.connection,
        conversations=states.conversations,
        office_server=states.office,
    )
    presenter.setParent(shown.window)  # ends with the tray, which is the window's too
    program = ProgramController(
        window=shown.window,
        tray=shown.tray,
        presenter=presenter,
        theme=theme,
        states=states,
        office=services.office,
    )
    program.bind_presence(services.presence)
    return program


def _follow_writing_choice(shown: OfficeWindow, states: States) -> None:
    """Let Enter send, or break the line, as the user chose."""

    def follow(preferences: Preferences) -> None:
        shown.pane.composer.sends_on_enter = preferences.does_enter_send

    follow(states.preferences.preferences)
    link(shown.pane, states.preferences.preferences_changed, follow)
