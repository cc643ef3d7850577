"""With which configuration a node is made that brings none (XEP-0163 6; XEP-0222, 0223, 0402)."""

from dataclasses import replace

from embedded_server.modules.pubsub.nodes import NodeSet
from shared_protocol.namespaces import (
    BOOKMARKS,
    CONTACT_VCARDS,
    DISPLAYED_SYNC,
    PRIVATE_BOOKMARKS,
)
from shared_protocol.stanzas.pubsub.node_options import NodeOptions
from shared_protocol.stanzas.pubsub.node_terms import AccessModel, SendLast

OF_SERVICE = NodeOptions()
OF_ACCOUNT = NodeOptions(
    access_model=AccessModel.PRESENCE,
    max_items=1,
    send_last=SendLast.ON_SUBSCRIPTION_AND_PRESENCE,
)
_PRIVATE = replace(
    OF_ACCOUNT, access_model=AccessModel.WHITELIST, max_items=None, send_last=SendLast.NEVER
)
# Nobody shall read these because a client forgot to say so (XEP-0223, section 4).
_BY_NAME = {
    BOOKMARKS: _PRIVATE,
    DISPLAYED_SYNC: _PRIVATE,
    CONTACT_VCARDS: _PRIVATE,
    PRIVATE_BOOKMARKS: replace(
        _PRIVATE, max_items=1, send_last=SendLast.ON_SUBSCRIPTION_AND_PRESENCE
    ),
}


def default_options(nodes: NodeSet, name: str = "") -> NodeOptions:
    """Return the configuration of a new node of that name at an address."""
    return _BY_NAME.get(name, OF_ACCOUNT) if nodes.is_account else OF_SERVICE
