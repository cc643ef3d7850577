"""Ad-hoc commands of rooms: hats (XEP-0317 0.3.1, section 4; XEP-0050 1.3.0).

Owners and admins make and give them; everybody who may enter may see which there are. No stage of a
command is remembered: the form that comes back says all.
"""

import secrets
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.room_book import OnStored, RoomBook, Stored
from embedded_server.plugin_api import IqRequest, Payload, Sequel
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import COMMANDS, DATA_FORMS
from shared_protocol.stanzas.data_forms import DataForm
from shared_protocol.stanzas.disco import DiscoInfo, DiscoItem, DiscoItems, Identity
from shared_protocol.stanzas.entity.commands import (
    CommandAction,
    CommandPayload,
    CommandStatus,
    from_element,
    to_element,
)
from shared_protocol.stanzas.rooms.hat_commands import (
    HatCommand,
    HatOrder,
    hats_to_form,
    order_of,
    question_form,
    refused,
    wearers_to_form,
)
from shared_protocol.stanzas.rooms.hats import Hat
from shared_protocol.stanzas.rooms.ranks import Affiliation
from shared_protocol.stanzas.rooms.status_codes import StatusCode

Answer = Payload | Coroutine[Any, Any, Payload]
_ID_BYTES = 12
_URI_FACTOR = 5
_LISTS_CHANGE = frozenset({HatCommand.CREATE, HatCommand.DESTROY})


class HatRequests:
    """Runs the commands of rooms."""

    def __init__(self, *, book: RoomBook) -> None:
        self._book = book

    def answer(self, room: Room, request: IqRequest) -> Answer:
        """Run a command, or ask what it needs.

        Raises:
            MalformedStanzaError: It is no command.
            StanzaError: There is none of that name, who asks may not, or what he wants cannot be.
        """
        wanted = from_element(request.payload)
        command = command_of(wanted.node)
        if command is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "there is no such command")
        if not _may_run(room, command, request.sender):
            raise StanzaError(StanzaCondition.FORBIDDEN)
        if wanted.action is CommandAction.CANCEL:
            return _answer(wanted, CommandStatus.CANCELED)
        if command is HatCommand.LIST:
            return _answer(wanted, CommandStatus.COMPLETED, hats_to_form(room.hats))
        if command is HatCommand.LIST_ASSIGNED:
            return _answer(wanted, CommandStatus.COMPLETED, wearers_to_form(room.hats.worn()))
        if wanted.form is None:
            return _answer(wanted, CommandStatus.EXECUTING, question_form(command, room.hats))
        order = order_of(command, wanted.form, room.hats)
        self._require_allowed(room, command, order)
        stored = self._book.written(room, self._writing(room, command, order))
        return self._carry_out(room, command, order, stored, wanted)

    def _require_allowed(self, room: Room, command: HatCommand, order: HatOrder) -> None:
        most, longest = self._book.limits.hats, self._book.limits.name_characters
        if command is HatCommand.CREATE:
            if longest and (len(order.title) > longest or len(order.uri) > longest * _URI_FACTOR):
                raise refused("a text is too long")
            if not order.uri.partition(":")[1]:
                raise refused("a hat is named by a URI")
            if order.uri not in room.hats and 0 < most <= len(room.hats):
                raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "there are too many hats")
        elif command is HatCommand.ASSIGN:
            wearers = room.hats.wearers(order.uri)
            if order.wearer not in wearers and 0 < most <= len(wearers):
                raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "too many have that hat")

    def _writing(
        self, room: Room, command: HatCommand, order: HatOrder
    ) -> Callable[[OnStored], None]:
        store = self._book.hats
        if command is HatCommand.CREATE:
            return partial(store.put, room.id, Hat(order.uri, order.title, order.hue))
        if command is HatCommand.DESTROY:
            return partial(store.remove, room.id, order.uri)
        write = store.put_on if command is HatCommand.ASSIGN else store.take_off
        return partial(write, room.id, order.uri, _wearer(order))

    async def _carry_out(
        self,
        room: Room,
        command: HatCommand,
        order: HatOrder,
        stored: Stored,
        wanted: CommandPayload,
    ) -> Payload:
        release = await stored
        concerned = _carried_out(room, command, order)

        def tell() -> None:
            for account in concerned:
                for occupant in room.occupants.of(account):
                    occupant.wear(room.hats.worn_by(account))
                    fan_out.show(room, occupant)
            if command in _LISTS_CHANGE:
                fan_out.tell_codes(room, {StatusCode.CONFIGURATION_CHANGED})
            release(_nothing)

        return Sequel(_answer(wanted, CommandStatus.COMPLETED), tell)


def command_of(node: str) -> HatCommand | None:
    """Return the command of a node; None if it is none."""
    return next((one for one in HatCommand if one.value == node), None)


def command_items(room: Room, asker: Jid) -> DiscoItems:
    """List the commands that are for who asks (XEP-0050, section 2.2)."""
    items = tuple(
        DiscoItem(room.jid, command.title, command.value)
        for command in HatCommand
        if _may_run(room, command, asker)
    )
    return DiscoItems(items, COMMANDS)


def command_info(node: str) -> DiscoInfo | None:
    """Describe the list of commands, or a command (section 2.3); None for other nodes."""
    if node == COMMANDS:
        return DiscoInfo((Identity("automation", "command-list"),), (), node)
    command = command_of(node)
    if command is None:
        return None
    identity = Identity("automation", "command-node", command.title)
    return DiscoInfo((identity,), (COMMANDS, DATA_FORMS), node)


def _may_run(room: Room, command: HatCommand, asker: Jid) -> bool:
    if command is HatCommand.LIST:
        return room.is_open_to(asker.bare)
    return room.affiliations.of(asker.bare).level >= Affiliation.ADMIN.level


def _carried_out(room: Room, command: HatCommand, order: HatOrder) -> tuple[BareJid, ...]:
    """Change the hats; return whose presence is another now."""
    hats = room.hats
    if command is HatCommand.CREATE:
        hats.put(Hat(order.uri, order.title, order.hue))
        return hats.wearers(order.uri)
    if command is HatCommand.DESTROY:
        wearers = hats.wearers(order.uri)
        hats.remove(order.uri)
        return wearers
    wearer = _wearer(order)
    if command is HatCommand.ASSIGN:
        hats.put_on(order.uri, wearer)
    else:
        hats.take_off(order.uri, wearer)
    return (wearer,)


def _wearer(order: HatOrder) -> BareJid:
    if order.wearer is None:
        raise refused("expected the address of a person")
    return order.wearer


def _answer(wanted: CommandPayload, status: CommandStatus, form: DataForm | None = None) -> Element:
    session_id = wanted.session_id or secrets.token_hex(_ID_BYTES)
    is_asking = status is CommandStatus.EXECUTING
    actions = (CommandAction.COMPLETE,) if is_asking else ()
    return to_element(
        CommandPayload(wanted.node, session_id, status=status, actions=actions, form=form)
    )


def _nothing() -> None:
    pass
