"""IQs from one occupant to another, through the room (XEP-0045 1.35.5, 17.4; XEP-0410 1.1.0).

Neither sees the other's real JID: the room asks under an id of its own, and knows who waits for the
answer. What one asks oneself is answered at once (XEP-0410, section 3.3).
"""

import secrets
from collections import OrderedDict
from typing import NamedTuple
from xml.etree.ElementTree import Element

from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.room_book import RoomBook
from embedded_server.plugin_api import Inbound, ModuleHost, Origin, ServiceOrigin
from shared_protocol.addresses import FullJid, Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import DISCO_INFO, DISCO_ITEMS, PING, VCARD
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.framer import frame_of
from shared_protocol.xml.writer import serialise

_DISCOVERY = frozenset({f"{DISCO_INFO} query", f"{DISCO_ITEMS} query"})
_PING = f"{PING} ping"
_VCARD = f"{VCARD} vCard"
_ID_BYTES = 12


class _Open(NamedTuple):
    """A request that was passed on."""

    origin: Origin
    stanza_id: str
    addressed: FullJid
    asked: Jid


class OccupantIqs:
    """Passes requests on, and their answers back."""

    def __init__(self, *, book: RoomBook) -> None:
        self._book = book
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._host: ModuleHost

    def open(self, host: ModuleHost) -> None:
        """Begin to pass on."""
        self._host = host

    def request(self, room: Room | None, inbound: Inbound, to: FullJid) -> None:
        """Take a get or set to an occupant JID.

        Raises:
            StanzaError: ``bad-request`` for discovery from outside, ``not-acceptable`` for all
                else from there; ``item-not-found`` for a nickname that nobody has.
        """
        payload = inbound.frame.children[0]
        session = None if room is None else room.occupants.session(inbound.sender)
        if room is None or session is None:
            if payload in _DISCOVERY:  # section 6.6
                raise StanzaError(StanzaCondition.BAD_REQUEST)
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "you are not in the room")
        target = room.occupants.named(to.resourcepart)
        if target is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, "nobody has that nickname")
        if payload == _PING and target is session.occupant:
            inbound.origin.send(serialise(_answer(inbound, Element("{jabber:client}iq"))))
            return
        asked = target.account if payload == _VCARD else target.shown.jid
        self._pass_on(room.address_of(session.occupant.nickname), inbound, to, asked)

    def answer(self, inbound: Inbound) -> bool:
        """Take an answer; False if it answers nothing that was passed on."""
        stanza_id = inbound.frame.attributes.get("id", "")
        waiting = self._open.get(stanza_id)
        if waiting is None or inbound.sender != waiting.asked:
            return False
        del self._open[stanza_id]
        _send_back(waiting, element_of(inbound.frame.raw))
        return True

    def _pass_on(self, asker: FullJid, inbound: Inbound, to: FullJid, asked: Jid) -> None:
        stanza_id = secrets.token_hex(_ID_BYTES)
        self._open[stanza_id] = _Open(
            inbound.origin, inbound.frame.attributes.get("id", ""), to, asked
        )
        if 0 < self._book.limits.open_requests < len(self._open):
            self._open.popitem(last=False)
        element = element_of(inbound.frame.raw)
        element.attrib |= {"id": stanza_id, "to": str(asked)}
        element.attrib.pop("from", None)
        origin = ServiceOrigin(asker, self._take_back)
        self._host.route(origin, frame_of(serialise(element)))

    def _take_back(self, stanza: bytes) -> None:
        """Take an answer of an account, or an error that comes back at once."""
        element = element_of(stanza)
        waiting = self._open.pop(element.get("id", ""), None)
        if waiting is not None:
            _send_back(waiting, element)


def _send_back(waiting: _Open, answer: Element) -> None:
    answer.attrib |= {
        "id": waiting.stanza_id,
        "from": str(waiting.addressed),
        "to": str(waiting.origin.address),
    }
    waiting.origin.send(serialise(answer))


def _answer(inbound: Inbound, iq: Element) -> Element:
    iq.attrib |= {
        "type": "result",
        "id": inbound.frame.attributes.get("id", ""),
        "from": str(inbound.to),
        "to": str(inbound.sender),
    }
    return iq
