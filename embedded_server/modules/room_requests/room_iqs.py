"""Which IQs rooms and their service answer (XEP-0045 1.35.5, section 17.4)."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.plugin_api import (
    Accepts,
    Entity,
    Inbound,
    IqHandler,
    IqRequest,
    IqTable,
    ModuleHost,
    Payload,
)
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.stanzas.rooms.ranks import Affiliation

Answer = Payload | Coroutine[Any, Any, Payload]
RoomAnswer = Callable[[Room, IqRequest], Answer]

_BOTH = frozenset({"get", "set"})


class RoomIqs:
    """The tables of the service (``Entity.SERVER``) and of each room (``Entity.ACCOUNT``).

    Attributes:
        table: Who answers what.
    """

    def __init__(self, *, book: RoomBook) -> None:
        self.table = IqTable()
        self._book = book
        self._host: ModuleHost

    def open(self, host: ModuleHost) -> None:
        """Begin to answer."""
        self._host = host

    def add_to_service(
        self,
        payload: str,
        answer: Callable[[IqRequest], Answer],
        types: frozenset[str] = frozenset({"get"}),
    ) -> None:
        """Answer what is asked of the domain of the rooms."""
        self.table.add(IqHandler(payload, Entity.SERVER, Accepts.ANYONE, answer, types))

    def add_to_rooms(self, payload: str, answer: RoomAnswer, types: frozenset[str] = _BOTH) -> None:
        """Answer what is asked of a room; who may ask what is judged by the room itself."""
        handle = partial(self._of_room, answer)
        self.table.add(IqHandler(payload, Entity.ACCOUNT, Accepts.ANYONE, handle, types))

    def to_service(self, inbound: Inbound) -> None:
        """Answer a request to the domain of the rooms."""
        self._host.answer_iq(self.table, inbound, Entity.SERVER)

    def to_room(self, room: Room | None, inbound: Inbound) -> None:
        """Answer a request to a room: what changes something, in its turn.

        Raises:
            StanzaError: ``item-not-found``, there is no such room, or not yet.
        """
        if room is None or not _is_there_for(room, inbound):
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "there is no such room")
        if inbound.type == "get":
            self._answer(inbound)
        else:
            self._book.in_turn(room, inbound, self._answer)

    def _answer(self, inbound: Inbound) -> None:
        self._host.answer_iq(self.table, inbound, Entity.ACCOUNT)

    def _of_room(self, answer: RoomAnswer, request: IqRequest) -> Answer:
        room = self._book.get(request.account.localpart)
        if room is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return answer(room, request)


def _is_there_for(room: Room, inbound: Inbound) -> bool:
    """Whether a room is there for who asks: while it is locked, for its owner alone (7.2.10)."""
    return not room.is_locked or (room.affiliations.of(inbound.sender.bare) is Affiliation.OWNER)
