"""Puts publish-subscribe together: one desk for the domain's service and for all accounts."""

from embedded_server.modules.discovery import DiscoveryModule
from embedded_server.modules.pubsub.deliveries import Deliveries
from embedded_server.modules.pubsub.desk import PubSubDesk
from embedded_server.modules.pubsub.interests import InterestModule
from embedded_server.modules.pubsub.node_book import NodeBook
from embedded_server.modules.pubsub.pep import PepModule
from embedded_server.modules.pubsub.relations import Relations
from embedded_server.modules.pubsub.service import PubSubServiceModule
from embedded_server.modules.roster_book import RosterBook
from embedded_server.plugin_api import ModuleHost, PubSubRepository, ServerModule
from shared_protocol.limits import PubSubLimits


class PubSubModule:
    """The service at ``pubsub.DOMAIN`` and personal eventing, attached and detached together."""

    def __init__(
        self,
        *,
        store: PubSubRepository,
        rosters: RosterBook,
        discovery: DiscoveryModule,
        limits: PubSubLimits,
    ) -> None:
        self._store = store
        self._rosters = rosters
        self._discovery = discovery
        self._limits = limits
        self._parts: tuple[ServerModule, ...] = ()
        self._desk: PubSubDesk | None = None

    @property
    def desk(self) -> PubSubDesk:
        """Where other modules publish and read for accounts.

        Raises:
            RuntimeError: The module is not attached.
        """
        if self._desk is None:
            message = "publish-subscribe is not attached"
            raise RuntimeError(message)
        return self._desk

    def attach(self, host: ModuleHost) -> None:
        """Build the parts for a host, and attach them."""
        rosters = self._rosters
        book = NodeBook(store=self._store, limits=self._limits)
        relations = Relations(host=host, rosters=rosters)
        interests = InterestModule()
        desk = PubSubDesk(
            book=book,
            relations=relations,
            deliveries=Deliveries(
                host=host, book=book, rosters=rosters, interests=interests, relations=relations
            ),
            limits=self._limits,
            may_create=host.account_exists,
        )
        self._desk = desk
        pep = PepModule(desk=desk, rosters=rosters, interests=interests, discovery=self._discovery)
        self._parts = (interests, pep, PubSubServiceModule(desk=desk))
        for part in self._parts:
            part.attach(host)

    def detach(self) -> None:
        """Take everything back."""
        for part in reversed(self._parts):
            part.detach()
        self._parts = ()
