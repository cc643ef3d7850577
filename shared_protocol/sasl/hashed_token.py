"""Hashed tokens (draft-schmaus-kitten-sasl-ht-09): a login in one message, with a secret of ours.

The secret is random and long, so that its HMAC may be shown: it needs neither salt nor iterations.
"""

import hmac
from dataclasses import dataclass

from shared_protocol.errors import SaslCondition, SaslError
from shared_protocol.sasl.mechanisms import is_plus
from shared_protocol.sasl.offer import SaslOffer

BOUND_TOKEN = "HT-SHA-256-ENDP"  # noqa: S105 - a name
UNBOUND_TOKEN = "HT-SHA-256-NONE"  # noqa: S105 - a name
TOKEN_MECHANISMS = (BOUND_TOKEN, UNBOUND_TOKEN)  # strongest first
_DIGEST = "sha256"
_MAC_BYTES = 32
_LONGEST_NAME_BYTES = 1_023


@dataclass(frozen=True, slots=True, repr=False)
class TokenMessage:
    """What a client that has a token says.

    Attributes:
        name: Whose token it is, as the client writes it.
        mac: Shows that it has the token; good for the same channel binding again.
    """

    name: str
    mac: bytes


def token_offer(offer: SaslOffer) -> SaslOffer:
    """Return what is offered to who has a token, beside what is offered to who has a password.

    Where only logins that are bound to the channel are allowed, that counts for tokens too.
    """
    names = [BOUND_TOKEN] if offer.can_bind else []
    if not all(map(is_plus, offer.mechanisms)):
        names.append(UNBOUND_TOKEN)
    return SaslOffer(tuple(names), offer.bindings)


def initiator_mac(token: str, binding: bytes) -> bytes:
    """Return how a client shows that it has a token.

    Args:
        token: As the server wrote it.
        binding: Data of the channel binding; empty for ``HT-SHA-256-NONE``.
    """
    return hmac.digest(token.encode(), b"Initiator" + binding, _DIGEST)


def responder_mac(token: str, binding: bytes) -> bytes:
    """Return how a server shows that it knows the token as well."""
    return hmac.digest(token.encode(), b"Responder" + binding, _DIGEST)


def message_bytes(message: TokenMessage) -> bytes:
    """Write the only message of the client."""
    return message.name.encode() + b"\0" + message.mac


def read_message(data: bytes) -> TokenMessage:
    """Read the only message of the client.

    Raises:
        SaslError: It is none.
    """
    name, separator, mac = data.partition(b"\0")
    if not separator or len(mac) != _MAC_BYTES or len(name) > _LONGEST_NAME_BYTES:
        raise SaslError(SaslCondition.MALFORMED_REQUEST, "not a message of a hashed token")
    try:
        return TokenMessage(name.decode(), mac)
    except UnicodeDecodeError:
        raise SaslError(SaslCondition.MALFORMED_REQUEST, "not UTF-8") from None
