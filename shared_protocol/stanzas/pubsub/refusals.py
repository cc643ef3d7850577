"""Errors of publish-subscribe: a condition with the detail of its own namespace.

XEP-0060 1.30.0, sections 11 and 17.2.

Example::

    <closed-node xmlns='http://jabber.org/protocol/pubsub#errors'/>
"""

from enum import Enum
from xml.etree.ElementTree import Element

from shared_protocol.errors import ErrorType, MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import PUBSUB_ERRORS
from shared_protocol.xml.writer import attribute


class PubSubDetail(Enum):
    """What exactly was wrong."""

    CLOSED_NODE = "closed-node"
    CONFIGURATION_REQUIRED = "configuration-required"
    INVALID_JID = "invalid-jid"
    INVALID_OPTIONS = "invalid-options"
    INVALID_PAYLOAD = "invalid-payload"
    INVALID_SUBID = "invalid-subid"
    ITEM_FORBIDDEN = "item-forbidden"
    ITEM_REQUIRED = "item-required"
    JID_REQUIRED = "jid-required"
    MAX_ITEMS_EXCEEDED = "max-items-exceeded"
    MAX_NODES_EXCEEDED = "max-nodes-exceeded"
    NODE_FULL = "node-full"
    NODE_ID_REQUIRED = "nodeid-required"
    NOT_IN_ROSTER_GROUP = "not-in-roster-group"
    NOT_SUBSCRIBED = "not-subscribed"
    PAYLOAD_REQUIRED = "payload-required"
    PAYLOAD_TOO_BIG = "payload-too-big"
    PENDING_SUBSCRIPTION = "pending-subscription"
    PRECONDITION_NOT_MET = "precondition-not-met"
    PRESENCE_SUBSCRIPTION_REQUIRED = "presence-subscription-required"
    SUBID_REQUIRED = "subid-required"
    TOO_MANY_SUBSCRIPTIONS = "too-many-subscriptions"
    UNSUPPORTED = "unsupported"
    UNSUPPORTED_ACCESS_MODEL = "unsupported-access-model"


_BY_TAG = {f"{{{PUBSUB_ERRORS}}}{one.value}": one for one in PubSubDetail}

# Where the XEP prints another type than the RFC's (sections 6.1.3.9, 6.2.3.2).
_ERROR_TYPES = {
    PubSubDetail.TOO_MANY_SUBSCRIPTIONS: ErrorType.WAIT,
    PubSubDetail.NOT_SUBSCRIBED: ErrorType.CANCEL,
}


def refusal(condition: StanzaCondition, detail: PubSubDetail, text: str = "") -> StanzaError:
    """Make an error with a detail."""
    kind = _ERROR_TYPES.get(detail) if condition is not StanzaCondition.NOT_AUTHORIZED else None
    return StanzaError(condition, text, error_type=kind, detail=_written(detail))


def unsupported(feature: str) -> StanzaError:
    """Make the error for a feature that a node or the service does not have.

    Args:
        feature: Its name behind ``http://jabber.org/protocol/pubsub#``.
    """
    detail = _written(PubSubDetail.UNSUPPORTED, attribute("feature", feature))
    return StanzaError(StanzaCondition.FEATURE_NOT_IMPLEMENTED, detail=detail)


def detail_from_element(element: Element) -> PubSubDetail:
    """Read the detail of an error.

    Raises:
        MalformedStanzaError: It is none.
    """
    detail = _BY_TAG.get(element.tag)
    if detail is None:
        message = f"expected a detail of publish-subscribe, got {element.tag}"
        raise MalformedStanzaError(message)
    return detail


def _written(detail: PubSubDetail, attributes: str = "") -> bytes:
    return f"<{detail.value} xmlns='{PUBSUB_ERRORS}'{attributes}/>".encode()
