"""What owners of nodes are to those who ask: read from the owners' rosters (XEP-0060, 4.5)."""

from collections.abc import Iterable

from embedded_server.modules.pubsub.nodes import Node, NodeSet
from embedded_server.modules.pubsub.permissions import Requester, needs_roster
from embedded_server.modules.roster_book import RosterBook
from embedded_server.plugin_api import ModuleHost
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.stanzas.roster import RosterItem, Subscription

_SEES = frozenset({Subscription.FROM, Subscription.BOTH})
_MANY_OWNERS = 20


class Relations:
    """Finds out what an entity is to the owners of a node."""

    def __init__(self, *, host: ModuleHost, rosters: RosterBook) -> None:
        self._host = host
        self._rosters = rosters

    async def requester(self, nodes: NodeSet, node: Node | None, jid: Jid) -> Requester:
        """Return who asks, with what has to be known about him for this node.

        Raises:
            StorageError: A roster could not be read.
        """
        if node is None or jid.bare == nodes.address or not needs_roster(node, jid.bare):
            return Requester(jid)
        return await self.known(jid, [nodes.address] if nodes.is_account else node.owners)

    async def known(self, jid: Jid, owners: Iterable[BareJid]) -> Requester:
        """Return who asks, as the rosters of accounts of this host know him.

        Raises:
            StorageError: A roster could not be read.
        """
        sees_presence, groups = False, frozenset[str]()
        for owner in list(owners)[:_MANY_OWNERS]:
            if owner == jid.bare or not self._host.account_exists(owner):
                continue
            async with self._rosters.opened(owner) as roster:
                one = as_known(roster.items.get(jid.bare), jid)
            sees_presence |= one.sees_presence
            groups |= one.groups
        return Requester(jid, sees_presence, groups)


def as_known(item: RosterItem | None, jid: Jid) -> Requester:
    """Return somebody as an item of an owner's roster says; groups need a subscription besides."""
    if item is None or item.subscription not in _SEES:
        return Requester(jid)
    return Requester(jid, sees_presence=True, groups=frozenset(item.groups))
