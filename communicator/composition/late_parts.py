"""What the composition root needs after the first paint, as one thing to import."""

from communicator.composition.services import Services, build_services
from communicator.composition.window_binding import BoundWindow, bind_welcome, bind_window
from communicator.state.account import Account
from communicator.state.program_states import States
from communicator.storage.profile_folder import ProfileFolder
from communicator.ui.controllers.welcome_controller import WelcomeController
from communicator.ui.main_window.office_window import OfficeWindow
from communicator.ui.theme.theme import Theme
from communicator.ui.welcome.welcome_window import WelcomeWindow


class LateParts:
    """Builds the services and binds the windows to them."""

    async def build_services(self, states: States, profile: ProfileFolder) -> Services:
        """Build the services of a profile. Raises StorageError."""
        return await build_services(states, profile)

    def bind_welcome(
        self, window: WelcomeWindow, services: Services, profile: ProfileFolder
    ) -> WelcomeController:
        """Bind the window of the first run."""
        return bind_welcome(window, services, profile)

    def bind_window(
        self,
        shown: OfficeWindow,
        account: Account,
        states: States,
        services: Services,
        theme: Theme,
    ) -> BoundWindow:
        """Bind the main window."""
        return bind_window(shown, account, states, services, theme)
