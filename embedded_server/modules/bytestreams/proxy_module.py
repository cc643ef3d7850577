"""The proxy for byte streams: ``proxy.`` below the domain (XEP-0065 1.8.2, sections 4 and 6).

Off by default: SOCKS5 knows no TLS, so it is one more port in clear text, and files have a way
over HTTPS. It relays for accounts of this host alone: only they may activate a stream.
"""

from xml.etree.ElementTree import Element

from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    Inbound,
    IqHandler,
    IqRequest,
    IqTable,
    ModuleHost,
    NobodyWaitsError,
    OneWaitsError,
    Relay,
    RelayBusyError,
)
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import BYTESTREAMS, DISCO_INFO, DISCO_ITEMS
from shared_protocol.stanzas.disco import (
    DiscoInfo,
    DiscoItem,
    DiscoItems,
    Identity,
    info_to_element,
    items_to_element,
)
from shared_protocol.stanzas.files.bytestreams import (
    StreamHost,
    activation_from_element,
    stream_host_to_element,
)

_GET = frozenset({"get"})
_NAME = "File transfer relay"
_IDENTITY = Identity("proxy", "bytestreams", _NAME)


class ProxyModule:
    """Tells where the relay is, and joins the ends of streams.

    Args of the constructor:
        relay: Listens by itself.
        host: Name or address that clients connect to; empty for the domain.
    """

    def __init__(self, relay: Relay, *, host: str = "") -> None:
        self._relay = relay
        self._public_host = host
        self._attached = Attachments()
        self._table = IqTable()
        self._host: ModuleHost
        self._address: BareJid

    def attach(self, host: ModuleHost) -> None:
        """Serve the sub-domain."""
        self._host = host
        self._address = BareJid("", f"proxy.{host.domain}")
        handlers = (
            IqHandler(f"{BYTESTREAMS} query", Entity.SERVER, Accepts.ANYONE, self._on_query),
            IqHandler(f"{DISCO_INFO} query", Entity.SERVER, Accepts.ANYONE, _on_info, _GET),
            IqHandler(f"{DISCO_ITEMS} query", Entity.SERVER, Accepts.ANYONE, _on_items, _GET),
        )
        self._attached.add(*(self._table.add(one) for one in handlers))
        self._attached.add(
            host.serve(self._address.domainpart, self._on_stanza),
            host.features.add_item(DiscoItem(self._address, _NAME)),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_stanza(self, inbound: Inbound) -> None:
        if inbound.frame.local_name == "iq":
            self._host.answer_iq(self._table, inbound, Entity.SERVER)
        elif inbound.frame.local_name == "message":
            raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)

    def _on_query(self, request: IqRequest) -> Element | None:
        if not self._host.account_exists(request.sender.bare):
            raise StanzaError(StanzaCondition.FORBIDDEN)  # section 4
        if request.is_set:
            self._activate(request)
            return None
        host = self._public_host or self._host.web.name
        return stream_host_to_element(StreamHost(self._address, host, self._relay.port))

    def _activate(self, request: IqRequest) -> None:
        """Join both ends (section 6.3.5); who is not the requester finds no such name."""
        activation = activation_from_element(request.payload)
        try:
            self._relay.activate(activation.name_for(request.sender), str(request.sender.bare))
        except NobodyWaitsError as error:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND) from error
        except OneWaitsError as error:
            raise StanzaError(StanzaCondition.NOT_ALLOWED) from error
        except RelayBusyError as error:
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT) from error


def _on_info(request: IqRequest) -> Element:
    if request.payload.get("node"):
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
    return info_to_element(DiscoInfo((_IDENTITY,), (BYTESTREAMS, DISCO_INFO, DISCO_ITEMS)))


def _on_items(request: IqRequest) -> Element:
    return items_to_element(DiscoItems(node=request.payload.get("node", "")))
