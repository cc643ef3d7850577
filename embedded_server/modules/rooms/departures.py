"""What rooms do when an account is deleted, and when the office closes (XEP-0045, section 11.2)."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from embedded_server.modules.room_state.affiliations import AffiliationEntry
from embedded_server.modules.room_state.list_changes import RoomChange, apply_change
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.plugin_api import (
    AccountDeleted,
    Attachments,
    HostStopping,
    ModuleHost,
    StorageError,
)
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.rooms.ranks import Affiliation
from shared_protocol.stanzas.rooms.room_payload import Destruction

_logger = logging.getLogger(__name__)


class Departures:
    """Listens for both.

    Args of the constructor:
        administrators: Who gets the rooms that nobody owns any more.
    """

    def __init__(self, *, book: RoomBook, administrators: Callable[[], Sequence[BareJid]]) -> None:
        self._book = book
        self._administrators = administrators
        self._attached = Attachments()

    def open(self, host: ModuleHost) -> None:
        """Begin to listen."""
        self._attached.add(
            host.hooks.listen(AccountDeleted, self._on_account_deleted),
            host.hooks.listen(HostStopping, self._on_stopping),
        )

    def close(self) -> None:
        """Listen no more."""
        self._attached.undo()

    def _on_account_deleted(self, fact: AccountDeleted) -> None:
        """Whoever gets the name next shall own nothing, and be banned from nowhere."""
        for room in self._book:
            if room.affiliations.entry(fact.account).affiliation is not Affiliation.NONE:
                room.turns.run(partial(self._strike_out, room, fact.account))

    def _strike_out(self, room: Room, account: BareJid) -> None:
        change = RoomChange({account: AffiliationEntry()})
        owners = [one for one in room.affiliations.listed(Affiliation.OWNER) if one != account]
        if not owners:
            heirs = room.affiliations.listed(Affiliation.ADMIN) or self._administrators()
            for heir in heirs:
                entry = room.affiliations.entry(heir)
                change.affiliations[heir] = AffiliationEntry(Affiliation.OWNER, entry.nickname)
            if not heirs:
                fan_out.tell_destroyed(room, Destruction(reason="Its last owner is gone."))
                self._book.end(room)
                return
        release = room.turns.hold_for_change()

        def on_stored(outcome: StorageError | None) -> None:
            if outcome is not None:
                _logger.error("%s stays in the lists of %s: %s", account, room.jid, outcome)
            release(follow)

        def follow() -> None:
            events = apply_change(room, change)
            fan_out.tell_removed(room, events)
            fan_out.tell_others(room, events)

        self._book.put_affiliations(room, tuple(change.affiliations.items()), on_stored)

    def _on_stopping(self, _fact: HostStopping) -> None:
        """Section 11.2: everybody is told, once, and is out."""
        for room in self._book:
            fan_out.tell_stopping(room)
            for occupant in room.occupants:
                room.occupants.remove(occupant)
