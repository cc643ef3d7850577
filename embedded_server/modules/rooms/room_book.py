"""All rooms of a domain, in memory; the truth is in the store, and written through.

What changes a room happens in its turn: a change that is to last is stored first, then made, told
and answered. Until then all that comes later in the room waits.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial

from embedded_server.modules.room_state.affiliations import AffiliationEntry, AffiliationList
from embedded_server.modules.room_state.hats import HatRack
from embedded_server.modules.room_state.room import Room, RoomSubject
from embedded_server.modules.room_state.traffic import StrangerTraffic
from embedded_server.plugin_api import (
    Inbound,
    ModuleHost,
    RoomRepository,
    StorageError,
    StoredAffiliation,
    StoredRoom,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import RoomLimits
from shared_protocol.stanzas.messages import from_element as message_from_element
from shared_protocol.stanzas.rooms.configuration import RoomConfiguration
from shared_protocol.stanzas.rooms.ranks import Affiliation
from shared_protocol.xml.elements import element_of

Action = Callable[[], None]
OnStored = Callable[[StorageError | None], None]
Stored = Awaitable[Callable[[Action], None]]

_KEY_BYTES = 32
_MESSAGE = b"<message"


class RoomBook:
    """The rooms of one domain, by the localpart of their addresses.

    Attributes:
        domain: Where they are.
        limits: What they may cost.
        hats: Where hats are written.
        vcards: Where vCards are read and written.
    """

    def __init__(self, *, repository: RoomRepository, limits: RoomLimits) -> None:
        self.limits = limits
        self.hats, self.vcards = repository.hats, repository.vcards
        self.domain = ""
        self._repository = repository
        self._rooms: dict[str, Room] = {}
        self._traffic = StrangerTraffic(limits, time.monotonic)
        self._host: ModuleHost

    def open(self, host: ModuleHost, domain: str, dispatch: Callable[[Inbound], None]) -> None:
        """Take what the store has read.

        Args:
            host: Where the rooms are attached.
            domain: Theirs.
            dispatch: Deals with a stanza from the beginning.
        """
        self._host, self.domain, self._dispatch = host, domain, dispatch
        for stored in self._repository.loaded:
            self._rooms[stored.localpart] = self._restored(stored)

    def close(self) -> None:
        """Forget all rooms."""
        self._rooms.clear()

    def __len__(self) -> int:
        return len(self._rooms)

    def __iter__(self) -> Iterator[Room]:
        """All rooms; a copy, so that they may go on the way."""
        return iter(tuple(self._rooms.values()))

    def count_event(self, room: Room, account: BareJid) -> None:
        """Count what somebody does who is not affiliated with a room.

        Raises:
            StanzaError: ``policy-violation``: he did too much.
        """
        if room.affiliations.of(account) is Affiliation.NONE:
            self._traffic.count(account)

    def get(self, localpart: str) -> Room | None:
        """Return a room, also one that is locked."""
        return self._rooms.get(localpart)

    def in_turn(self, room: Room, inbound: Inbound, handler: Callable[[Inbound], None]) -> None:
        """Deal with a stanza when it is its turn in the room; at once if nothing waits there.

        Later stanzas of its sender wait for it.
        """
        if room.turns.is_idle:
            handler(inbound)
            return
        release = inbound.origin.hold()
        waiting = partial(self._unless_gone, room, handler)
        room.turns.run(lambda: release(partial(self._host.attempt, waiting, inbound)))

    def _unless_gone(
        self, room: Room, handler: Callable[[Inbound], None], inbound: Inbound
    ) -> None:
        if room.is_gone:  # destroyed while the stanza waited: begin anew
            self._dispatch(inbound)
        else:
            handler(inbound)

    def create(
        self,
        localpart: str,
        owner: BareJid,
        configuration: RoomConfiguration,
        on_stored: OnStored,
    ) -> Room:
        """Make a room, locked; it is there at once, and on disk when ``on_stored`` is told.

        Raises:
            StanzaError: There are too many rooms, or the owner has too many.
        """
        self._require_room_for(owner)
        owned = StoredAffiliation(owner, Affiliation.OWNER)
        stored = StoredRoom(
            self._repository.new_id(),
            localpart,
            time.time(),
            secrets.token_bytes(_KEY_BYTES),
            configuration,
            (owned,),
        )
        room = self._restored(stored)
        room.is_locked = True
        self._rooms[localpart] = room
        self._repository.create(stored, on_stored)
        return room

    def end_if_deserted(self, room: Room) -> None:
        """End a room that nobody is in any more, unless it is to last (section 7.14)."""
        if not len(room.occupants) and not room.configuration.is_persistent and not room.is_gone:
            self.end(room)

    def end(self, room: Room) -> None:
        """Strike a room out, in memory and on disk; whoever was in it must be told before."""
        self.forget(room)
        self.remove(room, _ignore)

    def forget(self, room: Room) -> None:
        """Strike a room out; its address is free for another one."""
        room.is_gone = True
        if self._rooms.get(room.jid.localpart) is room:
            del self._rooms[room.jid.localpart]

    def remove(self, room: Room, on_stored: OnStored) -> None:
        """Remove a room from the store; ``forget`` strikes it out in memory."""
        self._repository.destroy(room.id, on_stored)

    def put_affiliations(
        self, room: Room, entries: Iterable[tuple[BareJid, AffiliationEntry]], on_stored: OnStored
    ) -> None:
        """Write entries of the lists; in memory they are as before."""
        stored = [_stored(jid, entry) for jid, entry in entries]
        self._repository.put_affiliations(room.id, stored, on_stored)

    def configure(
        self,
        room: Room,
        configuration: RoomConfiguration,
        entries: Iterable[tuple[BareJid, AffiliationEntry]],
        on_stored: OnStored,
    ) -> None:
        """Write a configuration with its changes of the lists; in memory all is as before."""
        stored = [_stored(jid, entry) for jid, entry in entries]
        self._repository.configure(room.id, configuration, stored, on_stored)

    def set_subject(self, room: Room, subject: RoomSubject, on_stored: OnStored) -> None:
        """Write a subject; in memory it is as before."""
        self._repository.set_subject(room.id, subject.tail, subject.moment, on_stored)

    def written(self, room: Room, submit: Callable[[OnStored], None]) -> Stored:
        """Write a change at once, and keep its place in the room.

        The result is awaited. Then it is the change's turn: make it, and call what was returned,
        with what is left to tell.

        Raises:
            StorageError: From the awaited result; nothing was changed, and the place is free.
        """
        release = room.turns.hold_for_change()
        stored: asyncio.Future[Callable[[Action], None]] = (
            asyncio.get_running_loop().create_future()
        )

        def on_stored(outcome: StorageError | None) -> None:
            if stored.done():  # whoever waited was stopped
                release(_nothing)
            elif outcome is not None:
                stored.set_exception(outcome)
                release(_nothing)
            else:
                stored.set_result(release)

        submit(on_stored)
        return stored

    def refuse_storage(self, inbound: Inbound) -> None:
        """Answer a stanza whose change could not be stored."""
        self._host.refuse(inbound, StanzaError(StanzaCondition.RESOURCE_CONSTRAINT))

    def _require_room_for(self, owner: BareJid) -> None:
        if 0 < self.limits.rooms <= len(self._rooms):
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "there are too many rooms")
        most = self.limits.rooms_of_one_owner
        if most and most <= sum(
            room.affiliations.of(owner) is Affiliation.OWNER for room in self._rooms.values()
        ):
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "you have too many rooms")

    def _restored(self, stored: StoredRoom) -> Room:
        entries = {
            one.jid: AffiliationEntry(one.affiliation, one.nickname, one.reason)
            for one in stored.affiliations
        }
        room = Room(
            BareJid(stored.localpart, self.domain),
            stored.id,
            stored.occupant_key,
            stored.configuration,
            AffiliationList(entries),
        )
        room.hats = HatRack(stored.hats)
        room.last_sent, room.last_message_at = stored.last_message, stored.last_message_at
        if stored.subject is not None and stored.subject_at is not None:
            room.subject = subject_of(stored.subject, stored.subject_at)
        return room


def subject_of(tail: bytes, moment: float) -> RoomSubject:
    """Make a subject from the message that sets it.

    Args:
        tail: The message behind its name, without ``to``.
        moment: When, in seconds since 1970.
    """
    text = message_from_element(element_of(_MESSAGE + tail)).subject
    return RoomSubject(text, tail, moment)


def _stored(jid: BareJid, entry: AffiliationEntry) -> StoredAffiliation:
    return StoredAffiliation(jid, entry.affiliation, entry.nickname, entry.reason)


def _nothing() -> None:
    pass


def _ignore(_outcome: StorageError | None) -> None:
    """A room that stays in the store is removed at the next start: it does not outlive anybody."""
