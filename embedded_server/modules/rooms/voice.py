"""Visitors who ask for voice, and moderators who give it (XEP-0045 1.35.5, 7.13 and 8.6)."""

import secrets
from xml.etree.ElementTree import Element

from embedded_server.modules.room_state.list_changes import apply_change, plan_items
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.plugin_api import Inbound
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import CLIENT
from shared_protocol.stanzas import data_forms
from shared_protocol.stanzas.data_forms import DataForm
from shared_protocol.stanzas.rooms.admin_query import AdminItem
from shared_protocol.stanzas.rooms.ranks import Role
from shared_protocol.stanzas.rooms.voice_request import VoiceAnswer, answer_from_form, approval_form
from shared_protocol.xml.writer import serialise

_MESSAGE = f"{{{CLIENT}}}message"
_ID_BYTES = 8


class VoiceRequests:
    """Takes requests to the moderators, and their answers."""

    def __init__(self, *, book: RoomBook) -> None:
        self._book = book

    def take(self, room: Room, inbound: Inbound, form: DataForm) -> None:
        """Take a submitted form of type ``muc#request``.

        Raises:
            StanzaError: ``not-acceptable`` from outside, ``forbidden`` for an answer by somebody
                who may not give voice.
        """
        answer = answer_from_form(form)
        if answer.is_approval:
            self._grant(room, inbound, answer)
        else:
            _ask(room, inbound)

    def _grant(self, room: Room, inbound: Inbound, answer: VoiceAnswer) -> None:
        wanted = AdminItem(role=Role.PARTICIPANT, nickname=answer.nickname)
        if not answer.is_allowed:
            return
        occupant = room.occupants.named(answer.nickname)
        if occupant is not None and occupant.role is not Role.VISITOR:
            return  # another moderator was faster
        change = plan_items(room, inbound.sender, (wanted,), self._book.limits)
        fan_out.tell_others(room, apply_change(room, change))


def _ask(room: Room, inbound: Inbound) -> None:
    session = room.occupants.session(inbound.sender)
    if session is None:
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "you are not in the room")
    if session.occupant.role is not Role.VISITOR:
        return  # who has voice needs not ask
    form = approval_form(session.jid, session.occupant.nickname)
    message = Element(_MESSAGE, {"from": str(room.jid), "id": secrets.token_hex(_ID_BYTES)})
    message.append(data_forms.to_element(form))
    tail = serialise(message)[len(fan_out.MESSAGE) :]
    for occupant in room.occupants:
        if occupant.role is Role.MODERATOR:
            fan_out.send_to_all(occupant.sessions.values(), fan_out.MESSAGE, tail)
