"""Who is what to a room for good: owners, admins, members, outcasts (XEP-0045 1.35.5, 5.2)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from embedded_server.modules.room_state.nicknames import nickname_key
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.rooms.ranks import Affiliation


@dataclass(frozen=True, slots=True)
class AffiliationEntry:
    """What one account is to a room.

    Attributes:
        nickname: That nobody else gets; empty if none is reserved.
        reason: Why, as who did it wrote; empty if not told.
    """

    affiliation: Affiliation = Affiliation.NONE
    nickname: str = ""
    reason: str = ""


_NOTHING = AffiliationEntry()


class AffiliationList:
    """The entries of one room, in the order of their making.

    A domain as an address stands for all its accounts, and can only be an outcast (section 9.2).
    """

    def __init__(self, entries: Mapping[BareJid, AffiliationEntry] | None = None) -> None:
        self._entries: dict[BareJid, AffiliationEntry] = {}
        self._by_nickname: dict[str, BareJid] = {}
        self._counts: Counter[Affiliation] = Counter()
        self._has_domains = False
        for jid, entry in (entries or {}).items():
            self.put(jid, entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[tuple[BareJid, AffiliationEntry]]:
        return iter(self._entries.items())

    def of(self, jid: BareJid) -> Affiliation:
        """Return what an account is: by its own entry, else by that of its domain."""
        entry = self._entries.get(jid)
        if entry is None and self._has_domains:
            entry = self._entries.get(BareJid("", jid.domainpart))
        return Affiliation.NONE if entry is None else entry.affiliation

    def entry(self, jid: BareJid) -> AffiliationEntry:
        """Return the own entry of an address; that without affiliation if it has none."""
        return self._entries.get(jid, _NOTHING)

    def listed(self, affiliation: Affiliation) -> tuple[BareJid, ...]:
        """Return who has an affiliation, oldest entry first."""
        return tuple(
            jid for jid, entry in self._entries.items() if entry.affiliation is affiliation
        )

    def count(self, affiliation: Affiliation) -> int:
        """Return how many have an affiliation."""
        return self._counts[affiliation]

    def holder_of(self, nickname: str) -> BareJid | None:
        """Return for whom a nickname is reserved, or None."""
        return self._by_nickname.get(nickname_key(nickname))

    def put(self, jid: BareJid, entry: AffiliationEntry) -> None:
        """Replace the entry of an address; one without affiliation is taken out."""
        before = self._entries.pop(jid, None)
        if before is not None:
            self._counts[before.affiliation] -= 1
            if before.nickname:
                self._by_nickname.pop(nickname_key(before.nickname), None)
        if entry.affiliation is not Affiliation.NONE:
            self._entries[jid] = entry
            self._counts[entry.affiliation] += 1
            if entry.nickname:
                self._by_nickname[nickname_key(entry.nickname)] = jid
        self._has_domains = self._has_domains or not jid.localpart

    def put_all(self, entries: Iterable[tuple[BareJid, AffiliationEntry]]) -> None:
        """Replace several entries; reserved nicknames may change hands among them."""
        changes = tuple(entries)
        for jid, _entry in changes:
            self.put(jid, _NOTHING)
        for jid, entry in changes:
            self.put(jid, entry)
