"""Whom the accounts of a host block, in memory (XEP-0191 1.3).

Asked for every stanza: where nobody blocks anybody it costs the look at an empty dictionary.
"""

from shared_protocol.addresses import Jid
from shared_protocol.stanzas.privacy.blocking import is_listed


class BlockLists:
    """The block lists of those accounts that block somebody.

    Args of the constructor:
        domain: Of the accounts. Neither the domain itself nor another resource of the same account
            is ever blocked, whatever a list says (section 4).
    """

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._by_localpart: dict[str, frozenset[Jid]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_localpart)

    def __contains__(self, localpart: str) -> bool:
        return localpart in self._by_localpart

    def of(self, localpart: str) -> frozenset[Jid]:
        """Return whom an account blocks."""
        return self._by_localpart.get(localpart, frozenset())

    def put(self, localpart: str, addresses: frozenset[Jid]) -> None:
        """Replace an account's list; an empty one takes no memory."""
        if addresses:
            self._by_localpart[localpart] = addresses
        else:
            self._by_localpart.pop(localpart, None)

    def blocks(self, account: Jid, other: Jid) -> bool:
        """Whether an account of this host blocks an address; others block nobody here."""
        addresses = self._by_localpart.get(account.localpart)
        if addresses is None or account.domainpart != self._domain:
            return False
        if not other.localpart and other.domainpart == self._domain:
            return False
        return other.bare != account.bare and is_listed(addresses, other)

    def part(self, one: Jid, other: Jid) -> bool:
        """Whether one of two blocks the other, so that neither sees the other's presence."""
        return bool(self._by_localpart) and (self.blocks(one, other) or self.blocks(other, one))
