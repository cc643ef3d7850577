"""Messages that notify, written once for all who get them (XEP-0060 1.30.0, 7.1.2; XEP-0163 4.3).

``Notification.to`` joins the bytes with one address.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from embedded_server.modules.pubsub.nodes import Node, NodeSet, Subscription
from embedded_server.plugin_api import Session
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.namespaces import (
    DELAY,
    EXTENDED_ADDRESSES,
    PUBSUB_SUBSCRIBE_AUTHORIZATION,
    STANZA_HEADERS,
)
from shared_protocol.stanzas.data_forms import DataForm, FieldType, FormField, FormKind
from shared_protocol.stanzas.data_forms import to_element as form_to_element
from shared_protocol.stanzas.delay import moment_to_text
from shared_protocol.stanzas.pubsub.events import Event, event_bytes
from shared_protocol.stanzas.pubsub.node_terms import ItemReply, NotificationType
from shared_protocol.xml.writer import attribute, escaped, serialise

_ID_BYTES = 8
_FROM = len(b" from=")


class Notification:
    """One event of a node, as a message that lacks nothing but its receiver.

    Attributes:
        is_headline: Whether nobody keeps it for who is away (section 12.6).
    """

    __slots__ = ("_head", "_tail", "is_headline")

    def __init__(
        self,
        sender: BareJid,
        node: Node,
        event: Event,
        *,
        publisher: Jid | None = None,
        sent_at: float | None = None,
    ) -> None:
        """Write it.

        Args:
            sender: Address of the service or the account.
            node: Whose event it is.
            event: What is told.
            publisher: Who caused it, for ``pubsub#itemreply``; None if nobody is to be named.
            sent_at: Seconds since 1970, UTC, if it is told late (XEP-0203); None for now.
        """
        self.is_headline = node.options.notification_type is NotificationType.HEADLINE
        kind = " type='headline'" if self.is_headline else ""
        identity = secrets.token_hex(_ID_BYTES)
        head = f"<message{attribute('from', str(sender))}{kind} id='{identity}'"
        self._head = head.encode()
        tail = event_bytes(event) + _reply_to(node, publisher)
        if sent_at is not None:
            stamp = moment_to_text(datetime.fromtimestamp(sent_at, UTC))
            tail += f"<delay xmlns='{DELAY}' stamp='{stamp}'/>".encode()
        self._tail = tail

    def to(self, receiver: Jid, subids: Sequence[str] = ()) -> bytes:
        """Return the message for an address.

        Args:
            receiver: The address.
            subids: Of the subscriptions of an address that has several (section 7.1.2.4).
        """
        return self._joined(attribute("to", str(receiver)).encode(), subids)

    def to_session(self, session: Session) -> bytes:
        """Return the message for a session."""
        return self._joined(b" to=" + session.sender_attribute[_FROM:])

    def _joined(self, to: bytes, subids: Sequence[str] = ()) -> bytes:
        if not subids:
            return b"".join((self._head, to, b">", self._tail, b"</message>"))
        headers = "".join(f"<header name='SubID'>{escaped(one)}</header>" for one in subids)
        shim = f"<headers xmlns='{STANZA_HEADERS}'>{headers}</headers>".encode()
        return b"".join((self._head, to, b">", self._tail, shim, b"</message>"))


def approval_request(nodes: NodeSet, node: Node, pending: Subscription, owner: BareJid) -> bytes:
    """Write the message that asks an owner to approve a subscription (section 8.6)."""
    form = DataForm(
        FormKind.FORM,
        PUBSUB_SUBSCRIBE_AUTHORIZATION,
        (
            FormField("pubsub#subid", (pending.subid,), FieldType.HIDDEN),
            FormField("pubsub#node", (node.name,), FieldType.TEXT_SINGLE, "Node ID"),
            FormField(
                "pubsub#subscriber_jid",
                (str(pending.jid),),
                FieldType.JID_SINGLE,
                "Subscriber Address",
            ),
            FormField(
                "pubsub#allow",
                ("0",),
                FieldType.BOOLEAN,
                "Allow this address to subscribe to this node?",
            ),
        ),
        "PubSub subscriber request",
        ("To approve this request, click OK. To deny it, click Cancel.",),
    )
    addresses = attribute("from", str(nodes.address)) + attribute("to", str(owner))
    identity = secrets.token_hex(_ID_BYTES)
    head = f"<message{addresses} id='{identity}'>".encode()
    return b"%b%b</message>" % (head, serialise(form_to_element(form)))


def _reply_to(node: Node, publisher: Jid | None) -> bytes:
    """Name who gets replies, where the node says so (section 16.4.4, ``pubsub#itemreply``)."""
    item_reply = node.options.item_reply
    if item_reply is None or publisher is None:
        return b""
    owner = next(iter(node.owners), publisher)
    named = owner if item_reply is ItemReply.OWNER else publisher
    address = f"<address type='replyto'{attribute('jid', str(named))}/>"
    return f"<addresses xmlns='{EXTENDED_ADDRESSES}'>{address}</addresses>".encode()
