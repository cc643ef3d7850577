"""Details of a person: name, groups, address, and the way out of the list."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from communicator.state.roster import Contact, ContactChange, Roster
from communicator.ui.avatars import shape_of
from communicator.ui.icons import Icon
from communicator.ui.people.side_panel import SidePanel
from communicator.ui.plain_text import PlainLabel, for_menu, isolated, one_line
from communicator.ui.presence_words import PresenceWords
from communicator.ui.state_links import link
from communicator.ui.theme.theme import Theme
from communicator.ui.widgets.avatar_label import AvatarLabel
from communicator.ui.widgets.buttons import IconButton, TextButton
from communicator.ui.widgets.fields import TextField
from communicator.ui.widgets.surfaces import dress, line
from shared_protocol.addresses import BareJid

_AVATAR = 96


class ContactPanel(SidePanel):
    """Shows one person, in the list or not; changes are told at once.

    Signals:
        message_requested: The bare JID.
        rename_requested: The bare JID and the new name; an empty one takes the own name away.
        groups_change_requested: The bare JID and all groups of the person, as a tuple.
        remove_requested: The bare JID, after the question was answered.
        add_requested: The bare JID of somebody who is not in the list.
    """

    message_requested = Signal(object)
    rename_requested = Signal(object, str)
    groups_change_requested = Signal(object, object)
    remove_requested = Signal(object)
    add_requested = Signal(object)

    def __init__(self, theme: Theme, roster: Roster) -> None:
        super().__init__(theme, self.tr("Details"))
        self._theme, self._roster = theme, roster
        self._words = PresenceWords(self)
        self._jid: BareJid | None = None
        self._avatar = AvatarLabel(theme, size=_AVATAR)
        self._name = PlainLabel(style="title", wraps=True)
        self._presence = PlainLabel(tone="muted", wraps=True)
        self._address = PlainLabel(wraps=True)
        self.message_button = TextButton(self.tr("Write a message"), variant="primary")
        self.add_button = TextButton(self.tr("Add to my people"))
        self.name_field = TextField(self.tr("Name"), help_text=self.tr("Only you see it."))
        self.save_button = TextButton(self.tr("Rename"))
        self.group_boxes: list[QCheckBox] = []
        self._groups = QVBoxLayout()
        self.new_group_field = TextField(self.tr("New group"))
        self.remove_button = TextButton(self.tr("Remove from my people"), variant="danger")
        self._list_part = QWidget()
        self._question = self._make_question()
        self._lay_out()
        self._connect()
        link(self, roster.contact_changed, self._on_contact_changed)
        link(self, roster.contact_added, self._on_contact)
        link(self, roster.contact_removed, self._on_contact)

    @property
    def jid(self) -> BareJid | None:
        """Who is shown."""
        return self._jid

    def show_person(self, jid: BareJid) -> None:
        """Show somebody."""
        self._jid = jid
        self._question.hide()
        self.remove_button.show()
        self.new_group_field.put_text("")
        self.name_field.put_text("")
        self._show()

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        for label in (self._name, self._presence):
            label.setAlignment(centre)
        copy = IconButton(self._theme, Icon.COPY, self.tr("Copy the address"))
        copy.clicked.connect(self._on_copy_clicked)
        address = QHBoxLayout()
        address.addWidget(self._address, 1)
        address.addWidget(copy)
        head = QVBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._avatar, 0, centre)
        head.addSpacing(4)
        head.addWidget(self._name)
        head.addWidget(self._presence)
        self.column.addLayout(head)
        self.column.addWidget(self.message_button)
        self.column.addWidget(self.add_button)
        self.column.addWidget(line())
        self.column.addLayout(address)
        part = QVBoxLayout(self._list_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.setSpacing(12)
        rename = QHBoxLayout()
        rename.setSpacing(8)
        rename.addWidget(self.name_field, 1)
        button = QVBoxLayout()
        button.addSpacing(19)
        button.addWidget(self.save_button)
        button.addStretch()
        rename.addLayout(button)
        part.addLayout(rename)
        part.addWidget(PlainLabel(self.tr("Groups"), style="name"))
        self._groups.setSpacing(0)
        part.addLayout(self._groups)
        part.addWidget(self.new_group_field)
        part.addWidget(line())
        part.addWidget(self.remove_button)
        part.addWidget(self._question)
        self.column.addWidget(self._list_part)
        self.column.addStretch()

    def _make_question(self) -> QFrame:
        box = QFrame()
        dress(box, "error")
        self._question_text = PlainLabel(wraps=True)
        self.confirm_button = TextButton(self.tr("Remove"), variant="danger")
        self.keep_button = TextButton(self.tr("Keep"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        row.addWidget(self.keep_button)
        row.addWidget(self.confirm_button)
        column = QVBoxLayout(box)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._question_text)
        column.addLayout(row)
        box.hide()
        return box

    def _connect(self) -> None:
        self.message_button.clicked.connect(lambda: self.message_requested.emit(self._jid))
        self.add_button.clicked.connect(lambda: self.add_requested.emit(self._jid))
        self.save_button.clicked.connect(self._on_renamed)
        self.name_field.submitted.connect(self._on_renamed)
        self.new_group_field.submitted.connect(self._on_group_typed)
        self.remove_button.clicked.connect(self._on_remove_clicked)
        self.keep_button.clicked.connect(self._on_kept)
        self.confirm_button.clicked.connect(lambda: self.remove_requested.emit(self._jid))

    def _on_contact(self, contact: Contact) -> None:
        if contact.jid == self._jid:
            self._show()

    def _on_contact_changed(self, change: ContactChange) -> None:
        self._on_contact(change.after)

    def _show(self) -> None:
        if self._jid is None:
            return
        known = self._roster.contact(self._jid)
        contact = known or Contact(self._jid)
        shape = shape_of(contact.availability) if known else None
        self._avatar.show_person(str(contact.jid), contact.display_name, shape)
        self._name.setText(one_line(contact.display_name))
        words = self._words.of_contact(contact) if known else self.tr("Not in your people")
        status = one_line(contact.status)
        self._presence.setText(f"{words} - {status}" if status else words)
        self._address.setText(one_line(str(contact.jid)))
        if not self.name_field.edit.hasFocus():
            self.name_field.put_text(contact.name)
        self.add_button.setVisible(known is None)
        self._list_part.setVisible(known is not None)
        self._show_groups(contact)

    def _show_groups(self, contact: Contact) -> None:
        for box in self.group_boxes:
            self._groups.removeWidget(box)
            box.deleteLater()
        self.group_boxes = []
        for group in self._roster.groups:
            box = QCheckBox(for_menu(group))
            box.setChecked(group in contact.groups)
            box.clicked.connect(self._on_groups_changed)
            box.setProperty("group_name", group)
            self._groups.addWidget(box)
            self.group_boxes.append(box)

    def _chosen_groups(self) -> tuple[str, ...]:
        return tuple(str(box.property("group_name")) for box in self.group_boxes if box.isChecked())

    def _on_groups_changed(self) -> None:
        self.groups_change_requested.emit(self._jid, self._chosen_groups())

    def _on_group_typed(self) -> None:
        group = self.new_group_field.text
        if group:
            groups = tuple(sorted({*self._chosen_groups(), group}, key=str.casefold))
            self.new_group_field.put_text("")
            self.groups_change_requested.emit(self._jid, groups)

    def _on_renamed(self) -> None:
        self.rename_requested.emit(self._jid, self.name_field.text)

    def _on_remove_clicked(self) -> None:
        name = isolated(self._name.text())
        self._question_text.setText(
            self.tr(
                "Remove {0}? You will no longer see each other's presence. The messages stay."
            ).format(name)
        )
        self.remove_button.hide()
        self._question.show()
        self.keep_button.setFocus()

    def _on_kept(self) -> None:
        self._question.hide()
        self.remove_button.show()
        self.remove_button.setFocus()

    def _on_copy_clicked(self) -> None:
        if self._jid is not None:
            QGuiApplication.clipboard().setText(str(self._jid))
            shown = one_line(str(self._jid))
            self._address.setText(self.tr("Copied"))
            QTimer.singleShot(1200, self, lambda: self._address.setText(shown))
