"""People who ask to see the user's presence, as cards in the list: answered there, not in a box."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from communicator.state.roster import Contact, ContactRequest, Roster
from communicator.ui.plain_text import ElidedLabel, PlainLabel, for_tool_tip, isolated, one_line
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.avatar_label import AvatarLabel
from communicator.ui.widgets.buttons import TextButton
from communicator.ui.widgets.surfaces import dress

MOST_SHOWN = 2
_AVATAR = 28


class RequestCard(QFrame):
    """One request.

    Signals:
        accepted, declined: The answer.
    """

    accepted = Signal()
    declined = Signal()

    def __init__(self, theme: Theme, request: ContactRequest) -> None:
        super().__init__()
        dress(self, "card")
        name = Contact(request.jid).display_name
        avatar = AvatarLabel(theme, size=_AVATAR, ground="raised")
        avatar.show_person(str(request.jid), name)
        title = ElidedLabel(self.tr("{0} wants to add you").format(isolated(name)), style="name")
        title.setToolTip(for_tool_tip(str(request.jid)))
        address = ElidedLabel(one_line(str(request.jid)), tone="muted", style="small")
        self.accept_button = TextButton(self.tr("Accept"), variant="primary")
        self.decline_button = TextButton(self.tr("Decline"))
        self.accept_button.setAccessibleName(self.tr("Accept {0}").format(name))
        self.decline_button.setAccessibleName(self.tr("Decline {0}").format(name))
        self.accept_button.clicked.connect(self.accepted)
        self.decline_button.clicked.connect(self.declined)
        self.setAccessibleName(title.text())
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(title)
        texts.addWidget(address)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(avatar)
        head.addLayout(texts, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.accept_button, 1)
        foot.addWidget(self.decline_button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        if request.text:
            column.addWidget(PlainLabel(one_line(request.text), wraps=True, style="small"))
        column.addLayout(foot)


class RequestCards(QWidget):
    """The oldest requests, and how many more there are.

    Signals:
        accepted, declined: The bare JID of who asked.
    """

    accepted = Signal(object)
    declined = Signal(object)

    def __init__(self, theme: Theme, roster: Roster, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._roster = theme, roster
        self._cards: list[RequestCard] = []
        self._more = PlainLabel(tone="muted", style="small")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 0, 12, 8)
        self._column.setSpacing(8)
        self._column.addWidget(self._more)
        link(self, roster.request_added, self._on_request_added)
        link(self, roster.request_removed, self._on_request_removed)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._show()

    @property
    def cards(self) -> tuple[RequestCard, ...]:
        """The cards that are shown."""
        return tuple(self._cards)

    def _on_request_added(self, request: ContactRequest) -> None:
        self._show()
        name = Contact(request.jid).display_name
        spoken = self.tr("{0} wants to add you").format(name)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))

    def _on_request_removed(self, _request: ContactRequest) -> None:
        self._show()

    def _show(self) -> None:
        for card in self._cards:
            self._column.removeWidget(card)
            card.deleteLater()
        requests = self._roster.requests
        self._cards = [self._card_of(request) for request in requests[:MOST_SHOWN]]
        for place, card in enumerate(self._cards):
            self._column.insertWidget(place, card)
        more = len(requests) - MOST_SHOWN
        self._more.setText(self.tr("%n more wait", "", max(0, more)))
        self._more.setVisible(more > 0)
        self.setVisible(bool(requests))

    def _card_of(self, request: ContactRequest) -> RequestCard:
        card = RequestCard(self._theme, request)
        for part in card.findChildren(QWidget):
            part.ensurePolished()  # else the card is measured without the style sheet
        card.accepted.connect(lambda: self.accepted.emit(request.jid))
        card.declined.connect(lambda: self.declined.emit(request.jid))
        return card
