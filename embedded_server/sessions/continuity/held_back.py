"""Stanzas that a client does not get now: it is away for a moment, or nobody looks at it.

In order; of a contact's presence only the newest is kept. What a room says about its occupants is
kept apart for those who are there and those who have left, since it means more than a state.
"""

import re
from collections import OrderedDict
from time import time

from embedded_server.sessions.continuity.acknowledgement import Undelivered
from shared_protocol.namespaces import MUC_USER
from shared_protocol.xml.raw_tags import attributes_of

_PRESENCE = re.compile(rb"<presence[\s/>]")
_STATES = (b"", b"unavailable")
_ROOM = MUC_USER.encode()


class HeldBack:
    """What waits for one session.

    Attributes:
        size_bytes: What it weighs.
        stored_count: How many rows of the spool are among it.
    """

    __slots__ = ("_entries", "_number", "size_bytes", "stored_count")

    def __init__(self) -> None:
        self._entries: OrderedDict[int | bytes, Undelivered] = OrderedDict()
        self._number = 0
        self.size_bytes = 0
        self.stored_count = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def undelivered(self) -> tuple[Undelivered, ...]:
        """All of it, in order."""
        return tuple(self._entries.values())

    def add(
        self, stanza: bytes, spool_id: int | None, sent_at: float = 0.0, *, room_bytes: int
    ) -> None:
        """Keep a stanza.

        Args:
            stanza: As it would be sent.
            spool_id: Row of the spool that keeps it; None if none does.
            sent_at: Seconds since 1970, UTC; 0 for now.
            room_bytes: What may be kept in all; a stored message beyond is kept by its row alone.
        """
        key = _key_of_presence(stanza)
        if key is not None:
            replaced = self._entries.pop(key, None)
            self.size_bytes -= len(replaced.stanza) if replaced is not None else 0
        if spool_id is not None:
            self.stored_count += 1
            if self.size_bytes + len(stanza) > room_bytes:
                stanza = b""
        self._number += 1
        self.size_bytes += len(stanza)
        entry = Undelivered(stanza, spool_id, sent_at or time())
        self._entries[self._number if key is None else key] = entry

    def pop(self) -> Undelivered:
        """Take the oldest out.

        Raises:
            KeyError: There is nothing.
        """
        _key, first = self._entries.popitem(last=False)
        self.size_bytes -= len(first.stanza)
        self.stored_count -= first.spool_id is not None
        return first


def _key_of_presence(stanza: bytes) -> bytes | None:
    """Return what names the sender of a presence, if a later one of it makes this one needless."""
    if not _PRESENCE.match(stanza):
        return None
    attributes = {match[1]: match[0] for match in attributes_of(stanza)}
    written_type = attributes.get(b"type", b"")
    presence_type = written_type.partition(b"=")[2].strip()[1:-1]
    if presence_type not in _STATES:
        return None
    state = presence_type if _ROOM in stanza else b""
    return b"%b %b %b" % (attributes.get(b"from", b""), attributes.get(b"to", b""), state)
