"""Push notifications (XEP-0357 0.4.1): what clients ask for, and what their services are told.

Example, a client that wants its service to be told::

    <enable xmlns='urn:xmpp:push:0' jid='push-5.client.example' node='yxs32uqsflafdk3iuqo'>
      <x xmlns='jabber:x:data' type='submit'>
        <field var='FORM_TYPE'>
          <value>http://jabber.org/protocol/pubsub#publish-options</value>
        </field>
        <field var='secret'><value>eruio234vzxc2kla-91</value></field>
      </x>
    </enable>
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.addresses import AddressError, Jid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import PUBSUB, PUBSUB_PUBLISH_OPTIONS, PUSH, PUSH_SUMMARY
from shared_protocol.stanzas import data_forms
from shared_protocol.stanzas.data_forms import DataForm, FormField, FormKind

ENABLE = f"{{{PUSH}}}enable"
DISABLE = f"{{{PUSH}}}disable"


@dataclass(frozen=True, slots=True)
class PushRequest:
    """What a client wants.

    Attributes:
        is_enabled: Whether the service shall be told from now on, or no more.
        service: Address of the push service.
        node: Where it wants to be told; empty for its only one, or to disable all of them.
        options: What the service wants to be told with every notification, as a secret; it is kept
            out of logs.
    """

    is_enabled: bool
    service: Jid
    node: str = ""
    options: DataForm | None = None

    def __repr__(self) -> str:
        return f"<PushRequest {self.service} {self.is_enabled}>"


@dataclass(frozen=True, slots=True)
class PushSummary:
    """What a service is told.

    Attributes:
        message_count: How many messages wait.
        sender: Of the last one; empty if it is not told.
        text: Of the last one; empty if it is not told.
    """

    message_count: int
    sender: str = ""
    text: str = ""


def from_element(element: Element) -> PushRequest:
    """Read a request.

    Raises:
        MalformedStanzaError: It is none, or names no service.
    """
    if element.tag not in {ENABLE, DISABLE}:
        message = f"expected {ENABLE} or {DISABLE}, got {element.tag}"
        raise MalformedStanzaError(message)
    try:
        service = parse_jid(element.get("jid", ""))
    except AddressError as error:
        message = f"expected the address of a push service: {error}"
        raise MalformedStanzaError(message) from error
    options = data_forms.form_of(element, PUBSUB_PUBLISH_OPTIONS)
    return PushRequest(element.tag == ENABLE, service, element.get("node", ""), options)


def to_element(request: PushRequest) -> Element:
    """Write a request."""
    element = Element(ENABLE if request.is_enabled else DISABLE, jid=str(request.service))
    if request.node:
        element.set("node", request.node)
    if request.options is not None:
        element.append(data_forms.to_element(request.options))
    return element


def publication(summary: PushSummary, node: str, options: DataForm | None) -> Element:
    """Write what is published at a service (section 7)."""
    facts = {
        "message-count": str(summary.message_count),
        "last-message-sender": summary.sender,
        "last-message-body": summary.text,
    }
    fields = tuple(FormField(name, (value,)) for name, value in facts.items() if value)
    pubsub = Element(f"{{{PUBSUB}}}pubsub")
    publish = SubElement(pubsub, f"{{{PUBSUB}}}publish")
    if node:
        publish.set("node", node)
    item = SubElement(publish, f"{{{PUBSUB}}}item")
    notification = SubElement(item, f"{{{PUSH}}}notification")
    notification.append(data_forms.to_element(DataForm(FormKind.SUBMIT, PUSH_SUMMARY, fields)))
    if options is not None:
        written = SubElement(pubsub, f"{{{PUBSUB}}}publish-options")
        written.append(data_forms.to_element(options))
    return pubsub
