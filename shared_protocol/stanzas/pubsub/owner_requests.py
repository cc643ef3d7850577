"""What owners ask of a publish-subscribe service (XEP-0060 1.30.0, section 8).

Example::

    <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
      <affiliations node='princely_musings'>
        <affiliation jid='bard@shakespeare.lit' affiliation='publisher'/>
      </affiliations>
    </pubsub>
"""

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import PUBSUB_OWNER
from shared_protocol.stanzas.data_forms import DataForm, form_of

OWNER_ELEMENT = f"{{{PUBSUB_OWNER}}}pubsub"
_AFFILIATION = f"{{{PUBSUB_OWNER}}}affiliation"
_SUBSCRIPTION = f"{{{PUBSUB_OWNER}}}subscription"
_REDIRECT = f"{{{PUBSUB_OWNER}}}redirect"


@dataclass(frozen=True, slots=True)
class Configure:
    """Section 8.2: the form is asked, or submitted."""

    node: str
    form: DataForm | None = None


@dataclass(frozen=True, slots=True)
class AskNodeDefaults:
    """Section 8.3, for leaf nodes, or for a type that was named."""

    node_type: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """Section 8.4.

    Attributes:
        redirect: Address of a node in its place; empty if there is none.
    """

    node: str
    redirect: str = ""


@dataclass(frozen=True, slots=True)
class Purge:
    """Section 8.5."""

    node: str


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """One entry of a list; the values are as they were written."""

    jid: str
    state: str = ""
    subid: str = ""


@dataclass(frozen=True, slots=True)
class ManageSubscriptions:
    """Section 8.8: the list is asked, or changed."""

    node: str
    changes: tuple[SubscriptionChange, ...] = ()


@dataclass(frozen=True, slots=True)
class AffiliationChange:
    """One entry of a list; the values are as they were written."""

    jid: str
    affiliation: str = ""


@dataclass(frozen=True, slots=True)
class ManageAffiliations:
    """Section 8.9: the list is asked, or changed."""

    node: str
    changes: tuple[AffiliationChange, ...] = ()


OwnerRequest = (
    Configure | AskNodeDefaults | Delete | Purge | ManageSubscriptions | ManageAffiliations
)


def from_element(pubsub: Element) -> OwnerRequest:
    """Read a request.

    Raises:
        MalformedStanzaError: It is none that is known, or a form in it is none.
    """
    if pubsub.tag != OWNER_ELEMENT or len(pubsub) != 1:
        message = f"expected one request of an owner, got {pubsub.tag}"
        raise MalformedStanzaError(message)
    first = pubsub[0]
    reader = _READERS.get(first.tag.removeprefix(f"{{{PUBSUB_OWNER}}}"))
    if reader is None:
        message = f"expected a request of an owner, got {first.tag}"
        raise MalformedStanzaError(message)
    return reader(first)


def _delete(element: Element) -> Delete:
    redirect = element.find(_REDIRECT)
    return Delete(_node(element), "" if redirect is None else redirect.get("uri", ""))


def _subscriptions(element: Element) -> ManageSubscriptions:
    changes = tuple(
        SubscriptionChange(one.get("jid", ""), one.get("subscription", ""), one.get("subid", ""))
        for one in element.iterfind(_SUBSCRIPTION)
    )
    return ManageSubscriptions(_node(element), changes)


def _affiliations(element: Element) -> ManageAffiliations:
    changes = tuple(
        AffiliationChange(one.get("jid", ""), one.get("affiliation", ""))
        for one in element.iterfind(_AFFILIATION)
    )
    return ManageAffiliations(_node(element), changes)


_READERS: dict[str, Callable[[Element], OwnerRequest]] = {
    "configure": lambda element: Configure(_node(element), form_of(element)),
    "default": lambda element: AskNodeDefaults(element.get("type", "")),
    "delete": _delete,
    "purge": lambda element: Purge(_node(element)),
    "subscriptions": _subscriptions,
    "affiliations": _affiliations,
}


def _node(element: Element) -> str:
    return element.get("node", "")
