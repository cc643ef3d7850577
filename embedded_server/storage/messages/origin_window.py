"""Which messages came already: the newest origin ids (XEP-0359), in memory.

A client that lost its connection sends again what was not acknowledged, under the same origin id;
the second arrival is acknowledged and not stored. An index on disk for this would cost as much as
all the rest of a message (docs/decisions/0010), so the newest ids are kept in memory, by hash, and
read again from the newest messages at a start. What comes again later than that is stored twice,
and the receiver drops it by the same id.
"""

import re
import secrets

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.limits import DoubleLimits
from shared_protocol.stanzas.message_parts.stanza_ids import origin_id_of
from shared_protocol.xml.elements import element_of

_ORIGIN_ID_TAG = re.compile(rb"<origin-id\b[^>]*\sid\s*=\s*['\"]([\w.:-]{1,200})['\"]")
_NAME = b"origin-id"
_KEY_BYTES = 16


class OriginWindow:
    """The newest names of messages, two generations of them: the older one goes when both are full.

    A name counts for one sender and one receiver. It is kept as a hash of 64 bits, keyed by this
    process, so that nobody can make those of others collide.
    """

    def __init__(self, limits: DoubleLimits | None = None) -> None:
        self._most = (limits or DoubleLimits()).remembered_messages
        self._key = secrets.token_hex(_KEY_BYTES)
        self._new: set[int] = set()
        self._old: set[int] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._new or name in self._old

    def name_of(self, sender_id: int, receiver_id: int, origin_id: str) -> int:
        """Return the hash of a message's name."""
        return hash(f"{self._key} {sender_id} {receiver_id} {origin_id}")

    def add(self, name: int) -> None:
        """Remember a name."""
        if len(self._new) >= self._most:
            self._old, self._new = self._new, set()
        self._new.add(name)

    def discard(self, name: int) -> None:
        """Forget a name whose message was not stored."""
        self._new.discard(name)
        self._old.discard(name)


def origin_id_in(stanza: bytes) -> str:
    """Return the sender's name for a message (XEP-0359); empty if it gave none.

    Args:
        stanza: A whole message in the namespace ``jabber:client``.
    """
    count = stanza.count(_NAME)
    if not count:
        return ""
    if count == 1:
        match = _ORIGIN_ID_TAG.search(stanza)
        if match is not None:
            return match[1].decode("ascii", "replace")
    try:
        return origin_id_of(element_of(stanza))
    except MalformedStanzaError:  # a damaged row
        return ""
