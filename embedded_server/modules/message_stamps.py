"""What the server writes into a message that it hands over, without making a tree of it."""

from functools import lru_cache

from shared_protocol.namespaces import CLIENT, FORWARDING, STANZA_IDS
from shared_protocol.xml.writer import attribute

_DECLARATION = attribute("xmlns", CLIENT).encode()
_NAME = b"<message"
_KNOWN_ARCHIVES = 20_000


def with_child(message: bytes, child: bytes) -> bytes:
    """Put a child at the end of a message that has children already."""
    end = message.rindex(b"</")
    return b"%b%b%b" % (message[:end], child, message[end:])


def stanza_id_bytes(archive: str, archive_id: str) -> bytes:
    """Write by which id an archive knows a message (XEP-0359, section 3).

    Args:
        archive: Whose archive, a bare JID.
        archive_id: Of digits and letters.
    """
    return b"%b%b'/>" % (_head_of_id(archive), archive_id.encode())


@lru_cache(maxsize=_KNOWN_ARCHIVES)
def _head_of_id(archive: str) -> bytes:
    return f"<stanza-id xmlns='{STANZA_IDS}'{attribute('by', archive)} id='".encode()


def self_contained(message: bytes) -> bytes:
    """Return a message that says itself that it is one (XEP-0297, section 3).

    Args:
        message: As the server delivers it, in the namespace of its stream.
    """
    start = len(_NAME)
    return b"%b%b%b" % (message[:start], _DECLARATION, message[start:])


def forwarded(message: bytes) -> bytes:
    """Wrap a message for one that forwards it (XEP-0297)."""
    return b"<forwarded xmlns='%b'>%b</forwarded>" % (FORWARDING.encode(), self_contained(message))
