"""Answers of the server, written as bytes without a tree (RFC 6120, section 8.2.3 and 8.3).

Addresses are swapped, the id is mirrored, and nothing of the request is repeated.
"""

from collections.abc import Mapping

from shared_protocol.errors import StanzaError
from shared_protocol.namespaces import STANZA_ERRORS
from shared_protocol.xml.writer import attribute, escaped


def to_attribute(address: object) -> bytes:
    """Write a ``to`` attribute, to be put behind the name of an element."""
    return attribute("to", str(address)).encode()


def iq_result(request: Mapping[str, str], receiver: object, payload: bytes = b"") -> bytes:
    """Answer a get or set.

    Args:
        request: Attributes of the IQ.
        receiver: Full JID of who asked.
        payload: The child, written for a stream whose content namespace is ``jabber:client``.
    """
    head = _swapped("iq", "result", request, receiver)
    if not payload:
        return f"{head}/>".encode()
    return b"%b>%b</iq>" % (head.encode(), payload)


def error_reply(
    name: str, request: Mapping[str, str], receiver: object, error: StanzaError
) -> bytes:
    """Answer a stanza with an error.

    Args:
        name: ``message``, ``presence`` or ``iq``.
        request: Attributes of the stanza.
        receiver: Address of its sender.
        error: What went wrong.
    """
    by = attribute("by", error.by) if error.by else ""
    text = f"<text xmlns='{STANZA_ERRORS}'>{escaped(error.text)}</text>" if error.text else ""
    head = f"{_swapped(name, 'error', request, receiver)}>"
    written = (
        f"<error type='{error.type.value}'{by}><{error.condition.value} xmlns='{STANZA_ERRORS}'/>"
    )
    end = f"</error></{name}>"
    return b"".join(
        (head.encode(), error.payload, (written + text).encode(), error.detail, end.encode())
    )


def _swapped(name: str, stanza_type: str, request: Mapping[str, str], receiver: object) -> str:
    head = f"<{name} type='{stanza_type}'"
    if receiver:
        head += attribute("to", str(receiver))
    if "to" in request:
        head += attribute("from", request["to"])
    if "id" in request:
        head += attribute("id", request["id"])
    return head
