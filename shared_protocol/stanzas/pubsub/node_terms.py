"""The words of publish-subscribe (XEP-0060 1.30.0, sections 4 and 16.4).

Example::

    <affiliations xmlns='http://jabber.org/protocol/pubsub#owner' node='princely_musings'>
      <affiliation jid='hamlet@denmark.lit' affiliation='owner'/>
      <affiliation jid='polonius@denmark.lit' affiliation='outcast'/>
    </affiliations>
"""

from enum import Enum


class Affiliation(Enum):
    """What an entity is to a node (section 4.1)."""

    OWNER = "owner"
    PUBLISHER = "publisher"
    PUBLISH_ONLY = "publish-only"
    MEMBER = "member"
    NONE = "none"
    OUTCAST = "outcast"


class NodeSubscriptionState(Enum):
    """How far a subscription has come (section 4.2)."""

    NONE = "none"
    PENDING = "pending"
    UNCONFIGURED = "unconfigured"
    SUBSCRIBED = "subscribed"


class AccessModel(Enum):
    """Who may subscribe and retrieve items (section 4.5)."""

    OPEN = "open"
    PRESENCE = "presence"
    ROSTER = "roster"
    AUTHORIZE = "authorize"
    WHITELIST = "whitelist"


class PublishModel(Enum):
    """Who may publish."""

    PUBLISHERS = "publishers"
    SUBSCRIBERS = "subscribers"
    OPEN = "open"


class SendLast(Enum):
    """When the last published item is sent unasked."""

    NEVER = "never"
    ON_SUBSCRIPTION = "on_sub"
    ON_SUBSCRIPTION_AND_PRESENCE = "on_sub_and_presence"


class NotificationType(Enum):
    """The type of the messages that notify."""

    NORMAL = "normal"
    HEADLINE = "headline"


class ItemReply(Enum):
    """Who gets replies to an item; nobody is named without one of these."""

    OWNER = "owner"
    PUBLISHER = "publisher"


class FullNode(Enum):
    """What happens when something is published at a node that is full (section 7.1.2.5)."""

    RETRACT_OLDEST = "retract-oldest"
    DISCARD_OLDEST = "discard-oldest"
    REJECT = "reject"
