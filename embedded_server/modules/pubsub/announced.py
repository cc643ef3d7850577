"""What is announced in discovery (XEP-0060 1.30.0, section 10; XEP-0163 1.2.2, section 5)."""

from shared_protocol.namespaces import PUBSUB

_BOTH = (
    "auto-create",
    "config-node",
    "config-node-max",
    "create-and-configure",
    "create-nodes",
    "delete-items",
    "delete-nodes",
    "instant-nodes",
    "item-ids",
    "manage-subscriptions",
    "member-affiliation",
    "meta-data",
    "modify-affiliations",
    "multi-items",
    "multi-subscribe",
    "outcast-affiliation",
    "persistent-items",
    "presence-notifications",
    "publish",
    "publish-node-full",
    "publish-only-affiliation",
    "publish-options",
    "publisher-affiliation",
    "purge-nodes",
    "retract-items",
    "retrieve-affiliations",
    "retrieve-default",
    "retrieve-default-sub",
    "retrieve-items",
    "retrieve-subscriptions",
    "rsm",
    "subscribe",
    "subscription-notifications",
    "subscription-options",
)
_OF_ACCOUNT = (
    "access-presence",
    "auto-subscribe",
    "filtered-notifications",
    "last-published",
    "presence-subscribe",
    "pubsub-on-a-jid",
)
_OF_SERVICE = ("access-open",)


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    return (PUBSUB, *(f"{PUBSUB}#{name}" for name in names))


ACCOUNT_FEATURES = _named(_BOTH + _OF_ACCOUNT)
SERVICE_FEATURES = _named(_BOTH + _OF_SERVICE)
