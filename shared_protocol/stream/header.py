"""What a server demands of the opening tag of a client's stream (RFC 6120, sections 4.7 to 4.9)."""

import re

from shared_protocol.addresses import AddressError, prepare_domainpart
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.namespaces import CLIENT, STREAMS
from shared_protocol.xml.frames import StreamHeader

_VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}", re.ASCII)
_STREAM = f"{STREAMS} stream"


def check_header(header: StreamHeader, *, domain: str) -> None:
    """Check a client's stream header, in the order in which the server answers.

    Args:
        header: As the framer gave it.
        domain: The domain that is served, prepared.

    Raises:
        StreamError: Answer with an own header first, then with this (section 4.9.1.2).
    """
    name, attributes, namespaces = header
    if name != _STREAM:
        is_stream = name.rpartition(" ")[2] == "stream"
        raise StreamError(
            StreamCondition.INVALID_NAMESPACE if is_stream else StreamCondition.BAD_FORMAT,
            "not the opening of a stream",
        )
    if CLIENT not in namespaces.values():  # section 4.8.2: as default or with a prefix
        raise StreamError(StreamCondition.INVALID_NAMESPACE, "not the stream of a client")
    version = attributes.get("version", "")
    if not _VERSION.fullmatch(version) or int(version.partition(".")[0]) < 1:  # section 4.7.5
        raise StreamError(StreamCondition.UNSUPPORTED_VERSION, "expected version 1.0")
    _check_recipient(attributes.get("to", ""), domain)


def _check_recipient(recipient: str, domain: str) -> None:
    if not recipient:  # section 4.9.3.7
        raise StreamError(StreamCondition.IMPROPER_ADDRESSING, "the stream has no 'to'")
    try:
        is_served = prepare_domainpart(recipient) == domain
    except AddressError:
        is_served = False
    if not is_served:
        raise StreamError(StreamCondition.HOST_UNKNOWN, "a domain that is not served here")
