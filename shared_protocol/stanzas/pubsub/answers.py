"""What a publish-subscribe service answers (XEP-0060 1.30.0, sections 5 to 8), written as bytes.

Example::

    <pubsub xmlns='http://jabber.org/protocol/pubsub'>
      <subscription node='princely_musings' jid='francisco@denmark.lit'
          subid='ba49252aaa4f5d320c24d3766f0bdcade78c78d3' subscription='subscribed'/>
    </pubsub>
"""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import PUBSUB, PUBSUB_OWNER
from shared_protocol.stanzas.data_forms import DataForm
from shared_protocol.stanzas.data_forms import to_element as form_to_element
from shared_protocol.stanzas.pubsub.events import PublishedItem, items_bytes
from shared_protocol.stanzas.pubsub.node_terms import Affiliation, NodeSubscriptionState
from shared_protocol.stanzas.pubsub.requests import PUBSUB_ELEMENT
from shared_protocol.stanzas.result_sets import ResultSet
from shared_protocol.stanzas.result_sets import result_to_element as set_to_element
from shared_protocol.xml.writer import attribute, serialise

_SUBSCRIPTION = f"{{{PUBSUB}}}subscription"
_OPTIONS_SUPPORTED = "<subscribe-options/>"


@dataclass(frozen=True, slots=True)
class ShownSubscription:
    """One subscription; the node is empty where the list names it."""

    node: str
    jid: str
    subid: str
    state: NodeSubscriptionState


@dataclass(frozen=True, slots=True)
class ShownAffiliation:
    """One affiliation: of an entity to a node that the list names, or the other way round."""

    node: str
    jid: str
    affiliation: Affiliation


def published(node: str, item_id: str) -> bytes:
    """Answer a publication (section 7.1.2); the id is empty where the item has none."""
    item = f"<item{attribute('id', item_id)}/>" if item_id else ""
    return _pubsub(f"<publish{attribute('node', node)}>{item}</publish>".encode())


def created(node: str) -> bytes:
    """Answer the creation of a node (section 8.1.1)."""
    return _pubsub(f"<create{attribute('node', node)}/>".encode())


def items(node: str, shown: Iterable[PublishedItem], result_set: ResultSet | None = None) -> bytes:
    """Answer with items (section 6.5), oldest first."""
    page = b"" if result_set is None else serialise(set_to_element(result_set), PUBSUB)
    return _pubsub(items_bytes(node, shown) + page)


def subscription(shown: ShownSubscription, *, has_options: bool = False) -> bytes:
    """Answer with one subscription (sections 6.1.2 and 6.2.2)."""
    content = _OPTIONS_SUPPORTED if has_options else ""
    return _pubsub(_subscription(shown, content).encode())


def subscriptions(shown: Iterable[ShownSubscription], node: str = "") -> bytes:
    """Answer with somebody's own subscriptions (section 5.6)."""
    return _pubsub(_list("subscriptions", node, map(_subscription, shown)))


def affiliations(shown: Iterable[ShownAffiliation], node: str = "") -> bytes:
    """Answer with somebody's own affiliations (section 5.7)."""
    return _pubsub(_list("affiliations", node, map(_affiliation, shown)))


def subscribe_options(node: str, jid: str, subid: str, form: DataForm) -> bytes:
    """Answer with the options of a subscription (section 6.3.3)."""
    head = f"<options{attribute('node', node)}{attribute('jid', jid)}{attribute('subid', subid)}>"
    return _pubsub(b"%b%b</options>" % (head.encode(), _form(form, PUBSUB)))


def default_subscribe_options(node: str, form: DataForm) -> bytes:
    """Answer with the default options of subscriptions (section 6.4.2)."""
    head = f"<default{attribute('node', node) if node else ''}>"
    return _pubsub(b"%b%b</default>" % (head.encode(), _form(form, PUBSUB)))


def configuration(node: str, form: DataForm) -> bytes:
    """Answer an owner with the configuration of a node (section 8.2.2)."""
    head = f"<configure{attribute('node', node)}>".encode()
    return _owner(b"%b%b</configure>" % (head, _form(form, PUBSUB_OWNER)))


def node_defaults(form: DataForm) -> bytes:
    """Answer with the configuration of nodes that are made without one (section 8.3.2)."""
    return _owner(b"<default>%b</default>" % _form(form, PUBSUB_OWNER))


def owner_subscriptions(node: str, shown: Iterable[ShownSubscription]) -> bytes:
    """Answer an owner with the subscriptions of a node (section 8.8.1)."""
    return _owner(_list("subscriptions", node, map(_subscription, shown)))


def owner_affiliations(node: str, shown: Iterable[ShownAffiliation]) -> bytes:
    """Answer an owner with the affiliations of a node (section 8.9.1)."""
    return _owner(_list("affiliations", node, map(_affiliation, shown)))


def subscription_from_element(pubsub: Element) -> ShownSubscription:
    """Read an answer with one subscription.

    Raises:
        MalformedStanzaError: It is none.
    """
    found = pubsub.find(_SUBSCRIPTION)
    state = {one.value: one for one in NodeSubscriptionState}
    if pubsub.tag != PUBSUB_ELEMENT or found is None or found.get("subscription", "") not in state:
        message = f"expected a subscription, got {pubsub.tag}"
        raise MalformedStanzaError(message)
    return ShownSubscription(
        found.get("node", ""),
        found.get("jid", ""),
        found.get("subid", ""),
        state[found.get("subscription", "")],
    )


def _pubsub(content: bytes) -> bytes:
    return b"<pubsub xmlns='%b'>%b</pubsub>" % (PUBSUB.encode(), content)


def _owner(content: bytes) -> bytes:
    return b"<pubsub xmlns='%b'>%b</pubsub>" % (PUBSUB_OWNER.encode(), content)


def _form(form: DataForm, namespace: str) -> bytes:
    return serialise(form_to_element(form), namespace)


def _list(name: str, node: str, entries: Iterable[str]) -> bytes:
    head = f"<{name}{attribute('node', node) if node else ''}"
    content = "".join(entries)
    return (f"{head}>{content}</{name}>" if content else f"{head}/>").encode()


def _subscription(shown: ShownSubscription, content: str = "") -> str:
    node = attribute("node", shown.node) if shown.node else ""
    subid = attribute("subid", shown.subid) if shown.subid else ""
    jid = attribute("jid", shown.jid)
    head = f"<subscription{node}{jid}{subid} subscription='{shown.state.value}'"
    return f"{head}>{content}</subscription>" if content else f"{head}/>"


def _affiliation(shown: ShownAffiliation) -> str:
    node = attribute("node", shown.node) if shown.node else ""
    jid = attribute("jid", shown.jid) if shown.jid else ""
    return f"<affiliation{node}{jid} affiliation='{shown.affiliation.value}'/>"
