"""What a server offers for login, and whether somebody has changed the list (XEP-0474 0.5.0).

The server names the hash of what it offered in its first message of SCRAM, which both ends sign
with the password: a list that was shortened, to talk the client into less, does not fit it.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from shared_protocol.sasl.channel_binding import TLS_SERVER_END_POINT
from shared_protocol.sasl.mechanisms import ScramHash, is_plus

_BETWEEN_NAMES, _BETWEEN_LISTS = b"\x1e", b"\x1f"


@dataclass(frozen=True, slots=True)
class SaslOffer:
    """What a server offers with one profile of SASL.

    Attributes:
        mechanisms: Their names, strongest first.
        bindings: The channel bindings that it announces (XEP-0440).
    """

    mechanisms: tuple[str, ...]
    bindings: tuple[str, ...] = ()

    @classmethod
    def of(cls, mechanisms: Iterable[str]) -> Self:
        """Announce what our server can bind to, where one of the mechanisms binds."""
        names = tuple(mechanisms)
        return cls(names, (TLS_SERVER_END_POINT,) if any(map(is_plus, names)) else ())

    @property
    def can_bind(self) -> bool:
        """Whether a mechanism binds the login to the TLS channel."""
        return any(map(is_plus, self.mechanisms))


def offer_hash(mechanisms: Iterable[str], bindings: Iterable[str], scram_hash: ScramHash) -> str:
    """Return the hash of an offer, in base64 (section 5.1).

    Args:
        mechanisms: All that are offered by the profile of SASL that is used.
        bindings: The channel bindings that are announced (XEP-0440); none if nothing is.
        scram_hash: That of the mechanism in use.
    """
    text = _joined(mechanisms)
    names = _joined(bindings)
    if names:
        text += _BETWEEN_LISTS + names
    return base64.b64encode(hashlib.new(scram_hash.value, text).digest()).decode()


def _joined(names: Iterable[str]) -> bytes:
    return _BETWEEN_NAMES.join(sorted(name.encode() for name in names))
