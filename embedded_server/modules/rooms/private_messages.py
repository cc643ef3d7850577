"""Messages from one occupant to another; no archive of a room has them (XEP-0045 1.35.5, 7.5)."""

from functools import partial

from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.fan_out import MESSAGE, send
from embedded_server.modules.rooms.relayed_origin import RelayedOrigin
from embedded_server.modules.rooms.speaking import passed_on
from embedded_server.plugin_api import Inbound, ModuleHost
from shared_protocol.addresses import FullJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import MUC_USER
from shared_protocol.xml.framer import frame_of

_MARK = f"<x xmlns='{MUC_USER}'/>".encode()


class PrivateMessages:
    """Passes them on to all devices of an occupant."""

    def open(self, host: ModuleHost, domain: str) -> None:
        """Begin to pass on.

        Args:
            host: Where the rooms are attached.
            domain: Theirs.
        """
        self._host = host
        self._domains = frozenset({host.domain, domain})

    def pass_on(self, room: Room, inbound: Inbound, to: FullJid) -> None:
        """Take a message to an occupant JID.

        Raises:
            StanzaError: ``bad-request`` for type groupchat, ``not-acceptable`` from outside,
                ``forbidden`` if the room does not allow it, ``item-not-found`` to nobody.
        """
        if inbound.type == "groupchat":
            raise StanzaError(StanzaCondition.BAD_REQUEST, "that goes to the room itself")
        session = room.occupants.session(inbound.sender)
        if session is None:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "you are not in the room")
        occupant = session.occupant
        lowest = room.configuration.private_messages.lowest_role
        if lowest is None or occupant.role.level < lowest.level:
            raise StanzaError(StanzaCondition.FORBIDDEN, "this room allows no private messages")
        target = room.occupants.named(to.resourcepart)
        if target is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "nobody has that nickname")
        address = room.address_of(occupant.nickname)
        tail = passed_on(inbound, "", _MARK + occupant.marks, self._domains)
        origin = RelayedOrigin(address, inbound.origin, to)
        shown = target.shown
        self._host.route(origin, frame_of(MESSAGE + shown.to + tail))
        tail = origin.sender_attribute + tail
        for device in target.sessions.values():
            if device is not shown:  # a copy, which no archive keeps once more
                inbound.origin.run_in_order(partial(send, device, MESSAGE + device.to + tail))
