"""What an occupant says to all, and the subject (XEP-0045 1.35.5, sections 7.4 and 8.1).

A message is judged when it comes, stored, and sent to all when it is on disk: whoever sees it in
the room, its sender too, may rely on its being kept. Its number and ids are known before.
"""

import re
import time
from functools import partial
from typing import NamedTuple

from embedded_server.modules.message_stamps import stanza_id_bytes
from embedded_server.modules.room_state.occupants import Occupant
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms import fan_out
from embedded_server.modules.rooms.room_book import RoomBook, subject_of
from embedded_server.plugin_api import (
    ALREADY_SAID,
    ArchiveIds,
    Hold,
    Inbound,
    ModuleHost,
    RoomArchive,
    RoomMessage,
    RoomMessageKind,
    StorageError,
)
from shared_protocol.addresses import AddressError, FullJid, parse_jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import (
    CLIENT,
    DELAY,
    HATS,
    HINTS,
    MUC,
    MUC_USER,
    OCCUPANT_IDS,
    STANZA_IDS,
)
from shared_protocol.stanzas.delivery import is_kept
from shared_protocol.stanzas.message_parts.stanza_ids import origin_id_of
from shared_protocol.stanzas.messages import MessageType
from shared_protocol.stanzas.rooms.permissions import RolePrivilege, role_allows
from shared_protocol.stanzas.rooms.ranks import Role
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import attribute, serialise

_BODY = f"{CLIENT} body"
_SUBJECT = f"{CLIENT} subject"
_THREAD = f"{CLIENT} thread"
_NO_PERMANENT_STORE = f"{HINTS} no-permanent-store"
_ORIGIN_ID = f"{STANZA_IDS} origin-id"
_STANZA_ID = f"{STANZA_IDS} stanza-id"
_DELAY = f"{DELAY} delay"
# What only the room may say, and what claims to be said by it.
_OWNED = frozenset({f"{MUC} x", f"{MUC_USER} x", f"{OCCUPANT_IDS} occupant-id", f"{HATS} hats"})
_CLAIMS = {_STANZA_ID: "by", _DELAY: "from"}
_WRITTEN_ANEW = _OWNED | _CLAIMS.keys()
_ORIGIN_ID_TAG = re.compile(rb"<origin-id\b[^>]*\sid\s*=\s*['\"]([\w.:-]{1,200})['\"]")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class _Said(NamedTuple):
    """A message on its way.

    Attributes:
        tail: The message behind its name, as the room sends it, without ``to``.
        is_subject: Whether it sets the subject.
    """

    room: Room
    inbound: Inbound
    message: RoomMessage
    is_subject: bool

    @property
    def tail(self) -> bytes:
        return self.message.stanza


class RoomSpeech:
    """Passes on what occupants say to all."""

    def __init__(self, *, book: RoomBook, archive: RoomArchive, ids: ArchiveIds) -> None:
        self._book = book
        self._archive = archive
        self._ids = ids
        self._host: ModuleHost

    def open(self, host: ModuleHost) -> None:
        """Begin to pass on."""
        self._host = host

    def say(self, room: Room, inbound: Inbound) -> None:
        """Take a message of type ``groupchat`` to the room itself.

        Raises:
            StanzaError: ``not-acceptable`` from outside, ``forbidden`` without voice or without
                the right to set the subject.
        """
        occupant = self._speaker(room, inbound)
        children = inbound.frame.children
        is_subject = _is_subject(children)
        if is_subject:
            _require_right_to_subject(room, occupant)
        elif not role_allows(occupant.role, RolePrivilege.SPEAK):
            raise StanzaError(StanzaCondition.FORBIDDEN, "you have no voice in this room")
        is_kept = is_subject or _is_archived(children)
        if is_kept:
            self._book.count_event(room, occupant.account)
        if is_kept and room.configuration.is_logged:
            self._store(room, inbound, occupant, is_subject=is_subject)
            return
        tail = self._passed_on(room, inbound, occupant)
        if is_subject:
            self._set_subject(room, inbound, tail)
        else:
            room.turns.tell(partial(_send, room, tail))

    def _speaker(self, room: Room, inbound: Inbound) -> Occupant:
        session = room.occupants.session(inbound.sender)
        if session is None:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "you are not in the room")
        return session.occupant

    def _store(self, room: Room, inbound: Inbound, occupant: Occupant, *, is_subject: bool) -> None:
        """Store at once; send when it is on disk, in the order of the room."""
        number, sender = self._archive.new_number(), inbound.sender
        tail = self._passed_on(room, inbound, occupant, self._ids.id_of(number))
        message = RoomMessage(
            number,
            str(occupant.account),
            tail,
            room.next_moment(),
            RoomMessageKind.SUBJECT if is_subject else RoomMessageKind.MESSAGE,
            _origin_id(inbound),
            sender.resourcepart if isinstance(sender, FullJid) else "",
            room.configuration.is_non_anonymous,
        )
        said = _Said(room, inbound, message, is_subject)
        release_sender, hold = inbound.origin.hold(), room.turns.hold_for_message()
        on_added = partial(self._on_added, said, release_sender, hold)
        self._archive.add(room.id, message, on_added)

    def _on_added(
        self, said: _Said, release_sender: Hold, hold: Hold, outcome: int | StorageError
    ) -> None:
        if isinstance(outcome, StorageError):  # a full disk, as a rule
            self._book.refuse_storage(said.inbound)
            release_sender()
            hold()
        elif outcome == ALREADY_SAID:
            release_sender()
            hold()
            self._host.spawn(self._send_again(said), "send a message of a room again")
        else:
            release_sender()
            hold(partial(self._on_stored, said, outcome))

    def _on_stored(self, said: _Said, number: int) -> None:
        room = said.room
        room.last_sent = max(room.last_sent, number)
        if said.is_subject:
            self._set_subject(room, said.inbound, said.tail)
        else:
            _send(room, said.tail)

    async def _send_again(self, said: _Said) -> None:
        """Send a message that its sender repeats to the sender alone: it was said before."""
        room, message = said.room, said.message
        session = room.occupants.session(said.inbound.sender)
        found = await self._archive.find_by_origin(room.id, message.sender, message.origin_id)
        if session is not None and found is not None:
            fan_out.send(session, fan_out.MESSAGE + session.to + found.stanza)

    def _set_subject(self, room: Room, inbound: Inbound, tail: bytes) -> None:
        """Write the new subject, and tell it when it is on disk."""
        subject = subject_of(tail, time.time())
        release = room.turns.hold_for_change()

        def on_stored(outcome: StorageError | None) -> None:
            if outcome is not None:
                self._book.refuse_storage(inbound)
            release(partial(follow, is_stored=outcome is None))

        def follow(*, is_stored: bool) -> None:
            if is_stored:
                room.subject = subject
                _send(room, tail)

        self._book.set_subject(room, subject, on_stored)

    def _passed_on(
        self, room: Room, inbound: Inbound, occupant: Occupant, stanza_id: str = ""
    ) -> bytes:
        """Return the message as the room sends it, behind its name and without ``to``."""
        sender = attribute("from", str(room.address_of(occupant.nickname)))
        marks = occupant.marks
        if stanza_id:
            marks += stanza_id_bytes(str(room.jid), stanza_id)
        return passed_on(inbound, sender, marks, self._own_domains)

    @property
    def _own_domains(self) -> frozenset[str]:
        return frozenset({self._host.domain, self._book.domain})


def passed_on(inbound: Inbound, sender: str, marks: bytes, own_domains: frozenset[str]) -> bytes:
    """Return a message behind its name, from another sender, without ``to``.

    What only the room may say is left out, as is what claims to be said by this server.

    Args:
        inbound: The message.
        sender: `` from='...'``.
        marks: What the room adds at the end, written.
        own_domains: Those of this server.
    """
    frame, origin = inbound.frame, inbound.origin
    head = len(fan_out.MESSAGE)
    language = origin.language_attribute if not frame.language else b""
    if frame.is_portable and frame.children and _WRITTEN_ANEW.isdisjoint(frame.children):
        written = frame.passed_on(sender.encode() + language)
        end = written.rindex(b"</")
        return b"".join((written[head:end], marks, written[end:]))
    element = element_of(frame.raw)
    for name in ("from", "to"):
        element.attrib.pop(name, None)
    if origin.language and not frame.language:
        element.set(_LANGUAGE, origin.language)
    for child in tuple(element):
        name = child.tag[1:].replace("}", " ")
        if name in _OWNED or _is_our_claim(name, child.attrib, own_domains, inbound):
            element.remove(child)
    written = serialise(element)[head:]
    if written.endswith(b"/>") and not len(element):
        return b"".join((sender.encode(), written[:-2], b">", marks, b"</message>"))
    end = written.rindex(b"</")
    return b"".join((sender.encode(), written[:end], marks, written[end:]))


def _is_our_claim(
    name: str, attributes: dict[str, str], own_domains: frozenset[str], inbound: Inbound
) -> bool:
    """Whether a client says something in the name of this server, which it may not.

    It may say when it, or whom it talked to, wrote what it sends late (section 7.9).
    """
    author = _CLAIMS.get(name)
    if author is None:
        return False
    try:
        jid = parse_jid(attributes.get(author, ""))
    except AddressError:
        return True
    is_account = bool(jid.localpart) and jid.domainpart == inbound.sender.domainpart
    return jid.domainpart in own_domains and not (name == _DELAY and is_account)


def _send(room: Room, tail: bytes) -> None:
    fan_out.send_to_all(room.occupants.sessions.values(), fan_out.MESSAGE, tail)


def _is_subject(children: list[str]) -> bool:
    """Section 8.1: a subject, and neither a body nor a thread beside it."""
    return _SUBJECT in children and _BODY not in children and _THREAD not in children


def _is_archived(children: list[str]) -> bool:
    return is_kept(MessageType.NORMAL, children) and _NO_PERMANENT_STORE not in children


def _require_right_to_subject(room: Room, occupant: Occupant) -> None:
    lowest = Role.PARTICIPANT if room.configuration.has_open_subject else Role.MODERATOR
    if occupant.role.level < lowest.level:
        raise StanzaError(StanzaCondition.FORBIDDEN, "you may not set the subject")


def _origin_id(inbound: Inbound) -> str:
    """Return the sender's name for the message (XEP-0359), if it gave one."""
    frame = inbound.frame
    if _ORIGIN_ID not in frame.children:
        return ""
    if frame.raw.count(b"origin-id") == 1:
        match = _ORIGIN_ID_TAG.search(frame.raw)
        if match is not None:
            return match[1].decode("ascii", "replace")
    return origin_id_of(element_of(frame.raw))
