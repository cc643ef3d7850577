"""What this program says of itself, to contacts only: discovery, version, time, ping.

A stranger learns nothing, not even that somebody is there (RFC 6120, section 8.3.3.19:
``service-unavailable``).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from communicator.session.session_link import SessionLink
from communicator.session.stanza_handlers import Handle, StanzaKind
from shared_protocol.addresses import Jid
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import (
    CAPS,
    CHAT_STATES,
    DISCO_INFO,
    DISCO_ITEMS,
    ENTITY_TIME,
    PING,
    RECEIPTS,
    SOFTWARE_VERSION,
)
from shared_protocol.stanzas import disco
from shared_protocol.stanzas.caps import Capabilities, verification_string
from shared_protocol.stanzas.disco import DiscoInfo, DiscoItems, Identity
from shared_protocol.stanzas.entity import entity_time, software_version
from shared_protocol.stanzas.entity.entity_time import EntityTime
from shared_protocol.stanzas.entity.ping import PING_ELEMENT
from shared_protocol.stanzas.entity.software_version import SoftwareVersion
from shared_protocol.stanzas.senders import Accepts

PROGRAM = "Parlour"
NODE = "urn:parlour:communicator:0"

INFO = DiscoInfo(
    identities=(Identity("client", "pc", PROGRAM),),
    features=(
        CAPS,
        CHAT_STATES,
        DISCO_INFO,
        DISCO_ITEMS,
        ENTITY_TIME,
        PING,
        RECEIPTS,
        SOFTWARE_VERSION,
    ),
)
CAPABILITIES = Capabilities(NODE, verification_string(INFO))


class IdentityFeature:
    """Answers questions about this program."""

    def __init__(
        self, link: SessionLink, version: str, may_know: Callable[[Jid | None], bool]
    ) -> None:
        self._version = version
        self._may_know = may_know
        answers = {
            disco.INFO_QUERY: _info,
            disco.ITEMS_QUERY: _items,
            software_version.QUERY: self._software_version,
            entity_time.TIME: _time,
            PING_ELEMENT: _pong,
        }
        for payload, answer in answers.items():
            link.handlers.register(
                StanzaKind.IQ_GET, Accepts.ANYONE, self._for_contacts(answer), payload=payload
            )

    def _for_contacts(self, answer: Callable[[Element], Element | None]) -> Handle:
        def handle(sender: Jid | None, iq: Element) -> Element | None:
            if not self._may_know(sender):
                raise StanzaError(StanzaCondition.SERVICE_UNAVAILABLE)
            return answer(iq[0])

        return handle

    def _software_version(self, _query: Element) -> Element:
        version = SoftwareVersion(PROGRAM, self._version)
        return software_version.to_element(version)


def _info(query: Element) -> Element:
    node = disco.info_from_element(query).node
    if node not in {"", f"{NODE}#{CAPABILITIES.version}"}:
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
    return disco.info_to_element(replace(INFO, node=node))


def _items(query: Element) -> Element:
    return disco.items_to_element(DiscoItems(node=query.get("node", "")))


def _time(_query: Element) -> Element:
    now = datetime.now(UTC)
    offset = now.astimezone().utcoffset() or timedelta()
    return entity_time.to_element(EntityTime(now, offset))


def _pong(_query: Element) -> None:
    return None
