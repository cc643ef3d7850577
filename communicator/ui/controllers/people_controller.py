"""People and presence: what the lists and panels ask for goes to the services."""

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QObject

from communicator.services.presence_service import PresenceService
from communicator.services.roster_service import RosterService
from communicator.session.errors import NotConnectedError, SessionError
from communicator.state.presence import OwnPresence
from communicator.state.task_owner import TaskOwner
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.people.add_contact_panel import AddContactRequest
from shared_protocol.addresses import AddressError, BareJid, parse_jid


class PeopleController(QObject):
    """Binds people pane, request cards, contact panel and own strip."""

    def __init__(
        self,
        *,
        window: MainWindow,
        roster_service: RosterService,
        presence_service: PresenceService,
        own_jid: BareJid,
    ) -> None:
        super().__init__(window)
        self._window, self._own_jid = window, own_jid
        self._roster, self._presence = roster_service, presence_service
        self._tasks = TaskOwner()
        pane, panel = window.left_pane, window.contact_panel
        pane.presence_chosen.connect(self._on_presence_chosen)
        pane.request_accepted.connect(self._on_request_accepted)
        pane.request_declined.connect(self._on_request_declined)
        window.add_panel.add_requested.connect(self._on_add_requested)
        window.add_panel.message_requested.connect(self._on_message_requested)
        panel.rename_requested.connect(self._on_rename_requested)
        panel.groups_change_requested.connect(self._on_groups_change_requested)
        panel.remove_requested.connect(self._on_remove_requested)
        panel.add_requested.connect(lambda jid: window.show_add(str(jid)))

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def _on_presence_chosen(self, presence: OwnPresence) -> None:
        self._presence.set_presence(presence)

    def _on_request_accepted(self, jid: BareJid) -> None:
        self._ask(self._roster.accept(jid), "accept a request")

    def _on_request_declined(self, jid: BareJid) -> None:
        self._ask(self._roster.decline(jid), "decline a request")

    def _on_add_requested(self, request: AddContactRequest) -> None:
        jid = self._address_of(request.address)
        if jid is not None:
            self._ask(self._add(jid, request), "add a person")

    async def _add(self, jid: BareJid, request: AddContactRequest) -> None:
        await self._roster.add_contact(jid, request.name, request.groups)
        self._window.close_panel()
        self._window.show_conversation(jid)

    def _on_message_requested(self, address: str) -> None:
        jid = self._address_of(address)
        if jid is not None:
            self._window.close_panel()
            self._window.show_conversation(jid)

    def _on_rename_requested(self, jid: BareJid, name: str) -> None:
        self._ask(self._roster.rename(jid, name), "rename a person")

    def _on_groups_change_requested(self, jid: BareJid, groups: tuple[str, ...]) -> None:
        self._ask(self._roster.set_groups(jid, groups), "change groups")

    def _on_remove_requested(self, jid: BareJid) -> None:
        self._window.close_panel()
        self._ask(self._roster.remove(jid), "remove a person")

    def _ask(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.spawn(self._done_or_told(work), name)

    async def _done_or_told(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what was asked for; tell in the window if the server did not."""
        try:
            await work
        except NotConnectedError:
            text = self.tr("There is no connection. Try again when you are back online.")
            self._window.notice.tell(text)
        except SessionError as error:
            text = self.tr("The server did not do it: {0}.").format(error.trouble.details)
            self._window.notice.tell(text)

    def _address_of(self, text: str) -> BareJid | None:
        """Read what was typed; a name alone means a colleague in the own office."""
        panel = self._window.add_panel
        typed = text.strip()
        if "@" not in typed:
            typed = f"{typed}@{self._own_jid.domainpart}"
        try:
            jid = parse_jid(typed).bare
        except AddressError as error:
            panel.show_fault(self.tr("This is no address: {0}.").format(error))
            return None
        if jid == self._own_jid:
            panel.show_fault(self.tr("This is your own address."))
            return None
        return jid
