"""The hats of one room, and who wears them (XEP-0317 0.3.1)."""

import hashlib
from collections.abc import Iterable, Iterator

from embedded_server.plugin_api import StoredHat
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.rooms.hats import Hat


class HatRack:
    """All hats, in the order of their making."""

    def __init__(self, stored: Iterable[StoredHat] = ()) -> None:
        self._hats: dict[str, Hat] = {}
        self._wearers: dict[str, dict[BareJid, None]] = {}
        for one in stored:
            self._hats[one.hat.uri] = one.hat
            self._wearers[one.hat.uri] = dict.fromkeys(one.wearers)

    def __len__(self) -> int:
        return len(self._hats)

    def __iter__(self) -> Iterator[Hat]:
        """All hats; a copy."""
        return iter(tuple(self._hats.values()))

    def __contains__(self, uri: str) -> bool:
        return uri in self._hats

    @property
    def hash(self) -> str:
        """Changes with the hats; empty if there are none (section 3)."""
        if not self._hats:
            return ""
        written = "\n".join(f"{hat.uri}<{hat.title}<{hat.hue}" for hat in self._hats.values())
        return hashlib.sha256(written.encode()).hexdigest()

    def worn_by(self, account: BareJid) -> tuple[Hat, ...]:
        """Return the hats of an account."""
        return tuple(
            hat for hat in self._hats.values() if account in self._wearers.get(hat.uri, {})
        )

    def wearers(self, uri: str) -> tuple[BareJid, ...]:
        """Return who has a hat."""
        return tuple(self._wearers.get(uri, {}))

    def worn(self) -> Iterator[tuple[BareJid, Hat]]:
        """Give out who has what."""
        for hat in self:
            for wearer in self.wearers(hat.uri):
                yield wearer, hat

    def put(self, hat: Hat) -> None:
        """Make a hat, or change one."""
        self._hats[hat.uri] = hat

    def remove(self, uri: str) -> None:
        """Destroy a hat; nobody has it any more."""
        self._hats.pop(uri, None)
        self._wearers.pop(uri, None)

    def put_on(self, uri: str, account: BareJid) -> None:
        """Give a hat to an account."""
        self._wearers.setdefault(uri, {})[account] = None

    def take_off(self, uri: str, account: BareJid) -> None:
        """Take a hat from an account."""
        self._wearers.get(uri, {}).pop(account, None)
