"""By which names the server may be asked: what the ``Host`` field says is not to be believed.

A page of a foreign name that was made to resolve to this computer would else be of the same origin
as what is served here (DNS rebinding). An address cannot be made to mean something else, so it may
stand there.
"""

import ipaddress
import re
from collections.abc import Iterable

_LOCAL = "localhost"
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/]+))(?::[0-9]{1,5})?")


class ServedNames:
    """The names of one server, in lower case and without ports."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name.lower().rstrip(".") for name in names) | {_LOCAL}

    def host_of(self, field: str) -> str:
        """Return the name or address in a ``Host`` field; empty if it is not served here."""
        match = _HOST.fullmatch(field.strip().lower())
        host = (match[1] or match[2]).rstrip(".") if match else ""
        return host if host in self._names or _is_address(host) else ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
