"""The open conversation: its log, its draft, who is typing, and what is done with a message."""

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from communicator.services.chat_service import ChatService
from communicator.state.conversations import Conversation, Conversations
from communicator.state.roster import Contact, ContactChange, Roster
from communicator.state.task_owner import TaskOwner
from communicator.ui.chat.chat_pane import ChatPane
from communicator.ui.chat.links import is_safe_to_open
from communicator.ui.chat.row_painter import People
from communicator.ui.main_window.main_window import MainWindow
from communicator.ui.presence_words import PresenceWords
from communicator.ui.state_links import link
from shared_protocol.addresses import BareJid


class ChatController(QObject):
    """Shows the conversation that the window opens."""

    def __init__(
        self,
        *,
        window: MainWindow,
        pane: ChatPane,
        chat: ChatService,
        roster: Roster,
        conversations: Conversations,
        own: tuple[BareJid, str],
    ) -> None:
        """Bind.

        Args:
            window: Where conversations are opened and closed.
            pane: Shows one of them.
            chat: Does what the pane asks for.
            roster: Names and presence.
            conversations: Drafts, unread counts, who is typing.
            own: The account's address and name.
        """
        super().__init__(window)
        self._window, self._pane, self._chat = window, pane, chat
        self._roster, self._conversations, self._own = roster, conversations, own
        self._words = PresenceWords(self)
        self._tasks = TaskOwner()
        self._open_jid: BareJid | None = None
        window.set_chat_pane(pane)
        window.conversation_chosen.connect(self._on_conversation_chosen)
        window.conversation_closed.connect(self._on_conversation_closed)
        pane.message_submitted.connect(self._on_message_submitted)
        pane.draft_changed.connect(self._on_draft_changed)
        pane.composing_changed.connect(self._on_composing_changed)
        pane.failure_action_requested.connect(self._on_failure_action)
        pane.link_activated.connect(_open_link)
        pane.copy_requested.connect(_copy)
        pane.newest_seen.connect(self._mark_read)
        link(self, roster.contact_added, self._on_contact_put)
        link(self, roster.contact_changed, self._on_contact_changed)
        link(self, roster.contact_removed, self._on_contact_removed)
        link(self, roster.contacts_replaced, lambda _: self._show_contact())
        link(self, conversations.conversation_changed, self._on_conversation_changed)
        window.activated.connect(self._mark_read)

    async def stop(self) -> None:
        """Give away the draft and end."""
        self._pane.composer.flush_draft()
        await self._tasks.stop()

    def _on_conversation_chosen(self, jid: BareJid) -> None:
        if jid == self._open_jid:
            self._pane.composer.setFocus()
            return
        self._pane.composer.flush_draft()
        self._open_jid = jid
        self._tasks.spawn(self._show(jid), "show a conversation")

    async def _show(self, jid: BareJid) -> None:
        log = await self._chat.load(jid)
        if jid != self._open_jid:
            return  # another one was chosen meanwhile
        contact = self._contact(jid)
        conversation = self._conversations.conversation(jid) or Conversation(jid)
        own_jid, own_name = self._own
        self._pane.show_conversation(
            log,
            People(jid, contact.display_name, own_jid, own_name),
            contact,
            conversation.draft,
            self._words.of_contact(contact),
        )
        self._pane.composer.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_composing(conversation)
        self._mark_read()

    def _on_conversation_closed(self, jid: BareJid) -> None:
        self._pane.composer.flush_draft()
        self._open_jid = None
        self._chat.close_conversation(jid)

    def _on_message_submitted(self, text: str) -> None:
        if self._open_jid is not None:
            self._chat.send(self._open_jid, text)
            self._chat.save_draft(self._open_jid, "")

    def _on_draft_changed(self, text: str) -> None:
        if self._open_jid is not None:
            self._chat.save_draft(self._open_jid, text)

    def _on_composing_changed(self, is_composing: bool) -> None:  # noqa: FBT001 - a slot of Qt
        if self._open_jid is not None:
            self._chat.set_composing(self._open_jid, is_composing=is_composing)

    def _on_failure_action(self, action: str, message_id: int) -> None:
        if action == "retry":
            self._chat.retry(message_id)
            return
        if action == "edit":
            self._edit(message_id)
        self._chat.discard(message_id)

    def _edit(self, message_id: int) -> None:
        """Put the text of a message that failed back into the composer."""
        if self._open_jid is None:
            return
        log = self._chat.open(self._open_jid)
        row = log.row_of(message_id)
        message = log.message(row) if row is not None else None
        if message is not None:
            self._pane.composer.setPlainText(message.body)
            self._pane.composer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark_read(self) -> None:
        """What was in sight of an active window is read."""
        jid = self._open_jid
        is_seen = self._window.isActiveWindow() and self._pane.log_view.is_at_end
        if jid is not None and is_seen:
            conversation = self._conversations.conversation(jid)
            if conversation is not None and conversation.unread:
                self._chat.mark_read(jid)

    def _on_conversation_changed(self, conversation: Conversation) -> None:
        if conversation.jid == self._open_jid:
            self._show_composing(conversation)
            self._mark_read()

    def _show_composing(self, conversation: Conversation) -> None:
        name = self._contact(conversation.jid).display_name
        is_composing = conversation.is_counterpart_composing
        self._pane.show_composing(counterpart_name=name if is_composing else None)

    def _on_contact_put(self, contact: Contact) -> None:
        if contact.jid == self._open_jid:
            self._show_contact()

    def _on_contact_changed(self, change: ContactChange) -> None:
        self._on_contact_put(change.after)

    def _on_contact_removed(self, contact: Contact) -> None:
        self._on_contact_put(contact)

    def _show_contact(self) -> None:
        if self._open_jid is not None:
            contact = self._contact(self._open_jid)
            self._pane.show_contact(contact, self._words.of_contact(contact))

    def _contact(self, jid: BareJid) -> Contact:
        return self._roster.contact(jid) or Contact(jid)


def _open_link(target: str) -> None:
    if is_safe_to_open(target):
        QDesktopServices.openUrl(QUrl(target, QUrl.ParsingMode.StrictMode))


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
