"""The people list: headings and persons as one flat list of rows of equal height.

5,000 people: a keystroke of the filter costs some 10 ms; changes are collected for 100 ms, so that
    a
storm of presences is one repaint.
"""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from communicator.state.presence import Availability
from communicator.state.roster import Contact, ContactChange, Roster
from communicator.ui.models.row_list_model import ModelIndex, RowListModel
from communicator.ui.presence_words import PresenceWords
from communicator.ui.state_links import link

BATCH_MS = 100


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A heading: a group with how many of its people are here.

    Attributes:
        name: The group's name; empty for those in no group.
        title: What is shown.
    """

    name: str
    title: str
    here: int
    total: int
    is_open: bool

    @property
    def key(self) -> tuple[str, str]:
        """The group."""
        return ("", self.name)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person within a group; somebody in two groups has two rows."""

    contact: Contact
    group: str

    @property
    def key(self) -> tuple[str, str]:
        """The address and the group."""
        return (str(self.contact.jid), self.group)


PeopleRow = GroupRow | PersonRow
_Entry = tuple[bool, str, Contact]  # sort order: those who are here first, then by name


class PeopleModel(RowListModel[PeopleRow]):
    """Shows a roster.

    Signals:
        counts_changed: How many people are here, and how many there are.
    """

    counts_changed = Signal(int, int)

    def __init__(self, roster: Roster, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._roster = roster
        self._words = PresenceWords(self)
        self._filter: tuple[str, ...] = ()
        self._is_offline_shown = False
        self._closed_groups: set[str] = set()
        self._entries: dict[object, _Entry] = {}
        self.counts = (0, 0)
        self._batch = QTimer(self, singleShot=True, interval=BATCH_MS)
        self._batch.timeout.connect(self._arrange)
        link(self, roster.contact_added, self._on_contact)
        link(self, roster.contact_changed, self._on_contact_changed)
        link(self, roster.contact_removed, self._on_contact_removed)
        link(self, roster.contacts_replaced, self._on_contacts_replaced)
        self._on_contacts_replaced(roster.contacts)

    @property
    def is_offline_shown(self) -> bool:
        """True if people who are not here are listed too."""
        return self._is_offline_shown

    @property
    def closed_groups(self) -> frozenset[str]:
        """The groups whose people are folded away."""
        return frozenset(self._closed_groups)

    def filter(self, text: str) -> None:
        """Show only people whose name or address has every word of ``text``; at once."""
        words = tuple(text.casefold().split())
        if words != self._filter:
            self._filter = words
            self._arrange()

    def show_offline(self, is_shown: bool) -> None:  # noqa: FBT001 - a slot of toggled(bool)
        """List people who are not here too, or not; at once."""
        if is_shown != self._is_offline_shown:
            self._is_offline_shown = is_shown
            self._arrange()

    def toggle_group(self, name: str) -> None:
        """Fold the people of a group away, or unfold them."""
        self._closed_groups ^= {name}
        self._arrange()

    def fold_groups(self, names: frozenset[str]) -> None:
        """Fold exactly these groups, as they were at the last start."""
        self._closed_groups = set(names)
        self._arrange()

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return texts for the screen reader and the search by typing."""
        row = self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title if isinstance(row, GroupRow) else row.contact.display_name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row)
        return super().data(index, role)

    def _spoken(self, row: PeopleRow) -> str:
        if isinstance(row, GroupRow):
            return self.tr("{0}, {1} of {2} here").format(row.title, row.here, row.total)
        word = self._words.of_contact(row.contact)
        parts = (row.contact.display_name, word, row.contact.status)
        return ", ".join(part for part in parts if part)

    def _on_contact(self, contact: Contact) -> None:
        self._remember(contact)
        self._start_batch()

    def _on_contact_changed(self, change: ContactChange) -> None:
        self._on_contact(change.after)

    def _on_contact_removed(self, contact: Contact) -> None:
        self._entries.pop(contact.jid, None)
        self._start_batch()

    def _on_contacts_replaced(self, contacts: tuple[Contact, ...]) -> None:
        self._entries.clear()
        for contact in contacts:
            self._remember(contact)
        self._arrange()

    def _remember(self, contact: Contact) -> None:
        searched = f"{contact.display_name} {contact.jid}".casefold()
        self._entries[contact.jid] = (not contact.is_online, searched, contact)

    def _start_batch(self) -> None:
        if not self._batch.isActive():
            self._batch.start()

    def _arrange(self) -> None:
        self._batch.stop()
        members: dict[str, list[_Entry]] = {}
        for entry in self._entries.values():
            if self._filter and not all(word in entry[1] for word in self._filter):
                continue
            for group in entry[2].groups or ("",):
                members.setdefault(group, []).append(entry)
        rows: list[PeopleRow] = []
        for group in sorted(members, key=lambda name: (not name, name.casefold())):
            rows += self._rows_of(group, members[group], is_only=len(members) == 1)
        self.put_rows(rows)
        self._count()

    def _rows_of(self, group: str, entries: list[_Entry], *, is_only: bool) -> list[PeopleRow]:
        is_open = bool(self._filter) or group not in self._closed_groups
        here = sum(not entry[0] for entry in entries)
        title = group or (self.tr("Colleagues") if is_only else self.tr("Others"))
        rows: list[PeopleRow] = [GroupRow(group, title, here, len(entries), is_open)]
        if is_open:
            shows_all = self._is_offline_shown or bool(self._filter)
            shown = [entry for entry in entries if shows_all or _is_always_shown(entry)]
            shown.sort(key=lambda entry: entry[:2])
            rows += [PersonRow(entry[2], group) for entry in shown]
        return rows

    def _count(self) -> None:
        here = sum(not entry[0] for entry in self._entries.values())
        counts = (here, len(self._entries))
        if counts != self.counts:
            self.counts = counts
            self.counts_changed.emit(*counts)


def _is_always_shown(entry: _Entry) -> bool:
    """True for those who are here, and those who have not answered yet."""
    return entry[2].availability is not Availability.OFFLINE or entry[2].is_asked
