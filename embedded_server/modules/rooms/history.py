"""What somebody who enters is told of before: messages and subject (XEP-0045 1.35.5, 7.2.13 to 16).

While it is read from the archive, what happens in the room waits for this one device.
"""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from embedded_server.modules.room_state.occupants import OccupantSession
from embedded_server.modules.room_state.room import Room
from embedded_server.modules.rooms.fan_out import MESSAGE
from embedded_server.plugin_api import Inbound, ModuleHost, RoomArchive, RoomMessage, StorageError
from shared_protocol.limits import RoomLimits
from shared_protocol.namespaces import DELAY
from shared_protocol.stanzas.delay import moment_to_text
from shared_protocol.stanzas.rooms.join_request import HistoryRequest
from shared_protocol.xml.writer import attribute

_logger = logging.getLogger(__name__)
_END = b"</message>"


class RoomHistory:
    """Reads what was said, and sends as little of it as was asked for."""

    def __init__(self, *, archive: RoomArchive, limits: RoomLimits) -> None:
        self._archive = archive
        self._limits = limits
        self._host: ModuleHost

    def open(self, host: ModuleHost) -> None:
        """Begin to send."""
        self._host = host

    def send(
        self, room: Room, session: OccupantSession, wanted: HistoryRequest, inbound: Inbound
    ) -> None:
        """Send the history and the subject to a device that was told who is there.

        Args:
            room: Where.
            session: The device.
            wanted: How much it asked for.
            inbound: By which it came; later stanzas of its sender wait.
        """
        most = self._most(room, wanted)
        if not most or not room.last_sent or not room.configuration.is_logged:
            _send_subject(room, session)
            return
        waiting: list[bytes] = []
        session.backlog = waiting
        work = self._send_later(room, session, wanted, waiting, most)
        self._host.attempt_later(work, inbound, "send the history of a room")

    def _most(self, room: Room, wanted: HistoryRequest) -> int:
        if wanted.most_characters == 0:
            return 0
        bounds = [room.configuration.history_messages]
        if self._limits.history_messages:
            bounds.append(self._limits.history_messages)
        if wanted.most_messages is not None:
            bounds.append(wanted.most_messages)
        return min(bounds)

    async def _send_later(
        self,
        room: Room,
        session: OccupantSession,
        wanted: HistoryRequest,
        waiting: list[bytes],
        most: int,
    ) -> None:
        try:
            messages: Sequence[RoomMessage] = await self._archive.history(
                room.id, up_to=room.last_sent, most=most, since=_since(wanted)
            )
        except StorageError as error:
            _logger.warning("the history of %s is not sent: %s", room.jid, error)
            messages = ()
        if session.backlog is not waiting:
            return  # it has left, or has entered again
        for stanza in _chosen(room, session, messages, wanted.most_characters):
            session.send(stanza)
        session.backlog = None
        _send_subject(room, session)
        for stanza in waiting:
            session.send(stanza)


def _since(wanted: HistoryRequest) -> float:
    moments = [0.0]
    if wanted.since is not None:
        moments.append(wanted.since.timestamp())
    if wanted.seconds is not None:
        moments.append(time.time() - wanted.seconds)
    return max(moments)


def _chosen(
    room: Room,
    session: OccupantSession,
    messages: Sequence[RoomMessage],
    most_characters: int | None,
) -> list[bytes]:
    """Return the newest messages that fit, oldest first, whole (section 7.2.14)."""
    chosen: list[bytes] = []
    characters = 0
    for message in reversed(messages):
        stanza = MESSAGE + session.to + delayed(message.stanza, room, message.stored_at)
        characters += len(stanza.decode(errors="replace"))
        if most_characters is not None and characters > most_characters:
            break
        chosen.append(stanza)
    return chosen[::-1]


def delayed(tail: bytes, room: Room, moment: float) -> bytes:
    """Put the time of its sending at the end of a message (XEP-0203), said by the room.

    Args:
        tail: The message behind its name.
        room: Which room sent it.
        moment: Seconds since 1970, UTC.
    """
    stamp = moment_to_text(datetime.fromtimestamp(moment, UTC))
    written = attribute("from", str(room.jid)) + attribute("stamp", stamp)
    end = tail.rindex(b"</")
    return b"%b<delay xmlns='%b'%b/>%b" % (
        tail[:end],
        DELAY.encode(),
        written.encode(),
        tail[end:],
    )


def _send_subject(room: Room, session: OccupantSession) -> None:
    """Send the subject, also where there is none (section 7.2.15)."""
    subject = room.subject
    if subject is None:
        sender = room.sender_attribute.decode()
        tail = f" type='groupchat'{sender}><subject/>".encode() + _END
    else:
        tail = delayed(subject.tail, room, subject.moment)
    session.send(MESSAGE + session.to + tail)
