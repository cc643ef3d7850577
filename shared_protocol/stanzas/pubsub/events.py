"""Notifications of publish-subscribe (XEP-0060 1.30.0, sections 7.1.2, 7.2.2, 8 and 12.13).

They are written as bytes: the same go to many.

Example::

    <event xmlns='http://jabber.org/protocol/pubsub#event'>
      <items node='princely_musings'>
        <item id='ae890ac52d0df67ed7cfdf51b644e901'>
          <entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>
        </item>
      </items>
    </event>
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import PUBSUB_EVENT
from shared_protocol.stanzas.data_forms import DataForm, form_of
from shared_protocol.stanzas.data_forms import to_element as form_to_element
from shared_protocol.stanzas.pubsub.node_terms import NodeSubscriptionState
from shared_protocol.stanzas.pubsub.requests import payload_bytes
from shared_protocol.xml.writer import attribute, serialise

EVENT = f"{{{PUBSUB_EVENT}}}event"
_ITEM = f"{{{PUBSUB_EVENT}}}item"
_RETRACT = f"{{{PUBSUB_EVENT}}}retract"
_REDIRECT = f"{{{PUBSUB_EVENT}}}redirect"


@dataclass(frozen=True, slots=True)
class PublishedItem:
    """An item as it is shown.

    Attributes:
        id: Empty at a node whose items have none.
        payload: Written with its namespace; empty if there is none.
        publisher: Address of who published it; empty if that is not told.
    """

    id: str
    payload: bytes = b""
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class ItemsPublished:
    """Section 7.1.2; without items at a node that only tells that something happened."""

    node: str
    items: tuple[PublishedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemsRetracted:
    """Section 7.2.2.1."""

    node: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodePurged:
    """Section 8.5.2."""

    node: str


@dataclass(frozen=True, slots=True)
class NodeDeleted:
    """Section 8.4.2; with the address of a node in its place, if there is one."""

    node: str
    redirect: str = ""


@dataclass(frozen=True, slots=True)
class NodeConfigured:
    """Section 8.2.5.3; with the configuration at nodes that deliver payloads."""

    node: str
    form: DataForm | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """Section 12.13."""

    node: str
    jid: str
    state: NodeSubscriptionState
    subid: str = ""


Event = (
    ItemsPublished
    | ItemsRetracted
    | NodePurged
    | NodeDeleted
    | NodeConfigured
    | SubscriptionChanged
)


def event_bytes(event: Event) -> bytes:
    """Write a notification."""
    return b"<event xmlns='%b'>%b</event>" % (PUBSUB_EVENT.encode(), _content(event))


def items_bytes(node: str, items: Iterable[PublishedItem]) -> bytes:
    """Write a list of items, as it stands in notifications and in answers."""
    head = f"<items{attribute('node', node)}".encode()
    written = b"".join(map(item_bytes, items))
    return b"%b>%b</items>" % (head, written) if written else head + b"/>"


def item_bytes(item: PublishedItem) -> bytes:
    """Write one item."""
    identity = attribute("id", item.id) if item.id else ""
    publisher = attribute("publisher", item.publisher) if item.publisher else ""
    head = f"<item{identity}{publisher}".encode()
    return b"%b>%b</item>" % (head, item.payload) if item.payload else head + b"/>"


def from_element(event: Element) -> Event:
    """Read a notification.

    Raises:
        MalformedStanzaError: It is none that is known, or lacks what it must have.
    """
    if event.tag != EVENT or not len(event):
        message = f"expected an event, got {event.tag}"
        raise MalformedStanzaError(message)
    first = event[0]
    reader = _READERS.get(first.tag.removeprefix(f"{{{PUBSUB_EVENT}}}"))
    node = first.get("node", "")
    if reader is None or not node:
        message = f"expected an event of a node, got {first.tag}"
        raise MalformedStanzaError(message)
    return reader(first, node)


def _content(event: Event) -> bytes:
    match event:
        case ItemsPublished():
            return items_bytes(event.node, event.items)
        case ItemsRetracted():
            gone = "".join(f"<retract{attribute('id', one)}/>" for one in event.ids)
            return f"<items{attribute('node', event.node)}>{gone}</items>".encode()
        case NodePurged():
            return f"<purge{attribute('node', event.node)}/>".encode()
        case NodeDeleted():
            return _deleted(event)
        case NodeConfigured():
            return _configured(event)
        case SubscriptionChanged():
            return _subscription(event)


def _deleted(event: NodeDeleted) -> bytes:
    head = f"<delete{attribute('node', event.node)}"
    if not event.redirect:
        return f"{head}/>".encode()
    return f"{head}><redirect{attribute('uri', event.redirect)}/></delete>".encode()


def _configured(event: NodeConfigured) -> bytes:
    head = f"<configuration{attribute('node', event.node)}".encode()
    if event.form is None:
        return head + b"/>"
    form = serialise(form_to_element(event.form), PUBSUB_EVENT)
    return b"%b>%b</configuration>" % (head, form)


def _subscription(event: SubscriptionChanged) -> bytes:
    written = attribute("node", event.node) + attribute("jid", event.jid)
    if event.subid:
        written += attribute("subid", event.subid)
    return f"<subscription{written} subscription='{event.state.value}'/>".encode()


def _items_event(items: Element, node: str) -> Event:
    gone = tuple(one.get("id", "") for one in items.iterfind(_RETRACT))
    if gone:
        return ItemsRetracted(node, gone)
    return ItemsPublished(node, tuple(map(_item, items.iterfind(_ITEM))))


def _item(item: Element) -> PublishedItem:
    payload = payload_bytes(item[0]) if len(item) else b""
    return PublishedItem(item.get("id", ""), payload, item.get("publisher", ""))


def _delete_event(element: Element, node: str) -> Event:
    redirect = element.find(_REDIRECT)
    return NodeDeleted(node, "" if redirect is None else redirect.get("uri", ""))


def _subscription_event(element: Element, node: str) -> Event:
    state = {one.value: one for one in NodeSubscriptionState}.get(element.get("subscription", ""))
    if state is None:
        message = f"unknown subscription {element.get('subscription')!r}"
        raise MalformedStanzaError(message)
    return SubscriptionChanged(node, element.get("jid", ""), state, element.get("subid", ""))


_READERS: dict[str, Callable[[Element, str], Event]] = {
    "items": _items_event,
    "purge": lambda _element, node: NodePurged(node),
    "delete": _delete_event,
    "configuration": lambda element, node: NodeConfigured(node, form_of(element)),
    "subscription": _subscription_event,
}
