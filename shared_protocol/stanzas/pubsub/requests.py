"""What anybody asks of a publish-subscribe service (XEP-0060 1.30.0, sections 5 to 7 and 8.1).

What is missing is read as empty: the service answers it with the detail that the XEP demands.

Example::

    <pubsub xmlns='http://jabber.org/protocol/pubsub'>
      <publish node='princely_musings'>
        <item id='bnd81g37d61f49fgn581'>
          <entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>
        </item>
      </publish>
    </pubsub>
"""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import PUBSUB
from shared_protocol.stanzas.data_forms import DataForm, form_of
from shared_protocol.stanzas.result_sets import PageRequest, request_of
from shared_protocol.xml.writer import serialise

PUBSUB_ELEMENT = f"{{{PUBSUB}}}pubsub"
_ITEM = f"{{{PUBSUB}}}item"
_CONFIGURE = f"{{{PUBSUB}}}configure"
_OPTIONS = f"{{{PUBSUB}}}options"
_PUBLISH_OPTIONS = f"{{{PUBSUB}}}publish-options"
_TRUE = frozenset({"1", "true"})
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class ItemToPublish:
    """What is to be published.

    Attributes:
        id: Empty if the service is to make one.
        payload: Written with its namespace, so that it can stand anywhere; empty if there is none.
        namespace: Of the payload.
        payload_count: How many elements the item holds; more than one is an error of its sender.
    """

    id: str = ""
    payload: bytes = b""
    namespace: str = ""
    payload_count: int = 0


@dataclass(frozen=True, slots=True)
class Publish:
    """Section 7.1; more than one item is an error of the sender."""

    node: str
    items: tuple[ItemToPublish, ...] = ()
    options: DataForm | None = None


@dataclass(frozen=True, slots=True)
class Retract:
    """Section 7.2. An id is empty where an item has none."""

    node: str
    ids: tuple[str, ...] = ()
    is_notified: bool = False


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Section 6.1; the address is as it was written."""

    node: str
    jid: str
    options: DataForm | None = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Section 6.2."""

    node: str
    jid: str
    subid: str = ""


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Section 6.3: the options of a subscription are asked, or set if there is a form."""

    node: str
    jid: str
    subid: str = ""
    form: DataForm | None = None


@dataclass(frozen=True, slots=True)
class AskDefaultOptions:
    """Section 6.4."""

    node: str


@dataclass(frozen=True, slots=True)
class AskItems:
    """Section 6.5.

    Attributes:
        maximum: How many of the newest are wanted; None for all.
        ids: Which are wanted; empty for all.
        page: Which page is wanted; None without result set management.
    """

    node: str
    subid: str = ""
    maximum: int | None = None
    ids: tuple[str, ...] = ()
    page: PageRequest | None = None


@dataclass(frozen=True, slots=True)
class AskSubscriptions:
    """Section 5.6: the sender's own, at all nodes if none is named."""

    node: str = ""


@dataclass(frozen=True, slots=True)
class AskAffiliations:
    """Section 5.7: the sender's own, at all nodes if none is named."""

    node: str = ""


@dataclass(frozen=True, slots=True)
class Create:
    """Section 8.1; without a name, the service makes one."""

    node: str = ""
    options: DataForm | None = None


Request = (
    Publish
    | Retract
    | Subscribe
    | Unsubscribe
    | AskOptions
    | AskDefaultOptions
    | AskItems
    | AskSubscriptions
    | AskAffiliations
    | Create
)


def from_element(pubsub: Element) -> Request:
    """Read a request.

    Raises:
        MalformedStanzaError: It is none that is known, or a form or a number in it is none.
    """
    if pubsub.tag != PUBSUB_ELEMENT or not len(pubsub):
        message = f"expected a request of publish-subscribe, got {pubsub.tag}"
        raise MalformedStanzaError(message)
    first = pubsub[0]
    reader = _READERS.get(first.tag.removeprefix(f"{{{PUBSUB}}}"))
    if reader is None:
        message = f"expected a request of publish-subscribe, got {first.tag}"
        raise MalformedStanzaError(message)
    return reader(pubsub, first)


def payload_bytes(payload: Element) -> bytes:
    """Write a payload so that it means the same wherever it is put.

    Raises:
        MalformedStanzaError: It is in no namespace.
    """
    if not payload.tag.startswith("{"):
        message = f"the payload {payload.tag[:80]!r} is in no namespace"
        raise MalformedStanzaError(message)
    return serialise(payload, "")


def _publish(pubsub: Element, publish: Element) -> Publish:
    items = tuple(map(_item, publish.iterfind(_ITEM)))
    options = pubsub.find(_PUBLISH_OPTIONS)
    return Publish(_node(publish), items, None if options is None else form_of(options))


def _item(item: Element) -> ItemToPublish:
    if not len(item):
        return ItemToPublish(item.get("id", ""))
    payload = item[0]
    return ItemToPublish(
        item.get("id", ""),
        payload_bytes(payload),
        payload.tag[1:].rpartition("}")[0],
        len(item),
    )


def _retract(_pubsub: Element, retract: Element) -> Retract:
    ids = tuple(item.get("id", "") for item in retract.iterfind(_ITEM))
    return Retract(_node(retract), ids, retract.get("notify", "") in _TRUE)


def _subscribe(pubsub: Element, subscribe: Element) -> Subscribe:
    options = pubsub.find(_OPTIONS)
    form = None if options is None else form_of(options)
    return Subscribe(_node(subscribe), subscribe.get("jid", ""), form)


def _unsubscribe(_pubsub: Element, one: Element) -> Unsubscribe:
    return Unsubscribe(_node(one), one.get("jid", ""), one.get("subid", ""))


def _options(pubsub: Element, one: Element) -> Request:
    following = pubsub.find(f"{{{PUBSUB}}}subscribe")
    if following is not None:
        return _subscribe(pubsub, following)
    return AskOptions(_node(one), one.get("jid", ""), one.get("subid", ""), form_of(one))


def _items(pubsub: Element, items: Element) -> AskItems:
    return AskItems(
        _node(items),
        items.get("subid", ""),
        _number(items.get("max_items")),
        tuple(item.get("id", "") for item in items.iterfind(_ITEM)),
        request_of(pubsub),
    )


def _create(pubsub: Element, create: Element) -> Create:
    configure = pubsub.find(_CONFIGURE)
    if configure is not None and "node" in configure.attrib:  # section 8.1.3
        message = "expected no node in the configuration of a new one"
        raise MalformedStanzaError(message)
    return Create(_node(create), None if configure is None else form_of(configure))


_READERS: dict[str, Callable[[Element, Element], Request]] = {
    "publish": _publish,
    "retract": _retract,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "options": _options,
    "default": lambda _pubsub, one: AskDefaultOptions(_node(one)),
    "items": _items,
    "subscriptions": lambda _pubsub, one: AskSubscriptions(_node(one)),
    "affiliations": lambda _pubsub, one: AskAffiliations(_node(one)),
    "create": _create,
}


def _node(element: Element) -> str:
    return element.get("node", "")


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        message = f"expected a whole number as max_items, got {text[:40]!r}"
        raise MalformedStanzaError(message)
    return int(text)
