"""From a connection to a session: TLS, login, resource, in this order and in no other.

One negotiation for one connection (RFC 6120, sections 5 to 7). What comes meanwhile waits in a
queue; the gate of the client has let in only what exists in the phase.
"""

import asyncio
import secrets
import ssl
from dataclasses import dataclass
from typing import Protocol
from xml.etree.ElementTree import Element, SubElement

from communicator.session.stream.password_login import LoginOffer, PasswordLogin
from communicator.session.stream.safe_client import SafeClient
from shared_protocol.addresses import AddressError, BareJid, FullJid
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.namespaces import BIND, STREAM_MANAGEMENT, STREAMS, TLS
from shared_protocol.stanzas.iq import IQ, IqType, error_from_element, request
from shared_protocol.stanzas.stream_management import (
    RESUMED,
    Failed,
    Resume,
    Resumed,
    from_element,
    to_element,
)
from shared_protocol.stream.gate import Phase
from shared_protocol.xml.writer import serialise

_FEATURES = f"{{{STREAMS}}}features"
_STARTTLS = f"{{{TLS}}}starttls"
_PROCEED = f"{{{TLS}}}proceed"
_STREAM_MANAGEMENT = f"{{{STREAM_MANAGEMENT}}}sm"
_BIND = f"{{{BIND}}}bind"
_JID = f"{{{BIND}}}jid"
_RESOURCE = f"{{{BIND}}}resource"


class NoEncryptionError(Exception):
    """The server does not offer TLS, or refuses it; nothing was sent to it."""


@dataclass(frozen=True, slots=True, repr=False)
class NegotiationTask:
    """What is to be negotiated.

    Attributes:
        context: For TLS; with direct TLS it was used already.
        requires_scram: The account had SCRAM before.
        resource: What is asked for; the server may choose another.
        former: A session that may go on instead (XEP-0198).
    """

    account: BareJid
    password: str
    context: ssl.SSLContext
    requires_scram: bool
    resource: str
    former: "FormerSession | None" = None


class FormerSession(Protocol):
    """A session whose connection was lost."""

    @property
    def jid(self) -> FullJid:
        """Its address."""

    def resumption(self) -> Resume:
        """Return what asks for it, when it is asked for."""


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What came out.

    Attributes:
        features: The last stream features.
        had_scram: True if the login was by SCRAM.
        former: What the server said of the former session; None if it was not asked.
    """

    jid: FullJid
    features: Element
    had_scram: bool
    former: Resumed | Failed | None = None


class Negotiation:
    """The negotiation of one connection; its receiver until somebody else is."""

    def __init__(self, client: SafeClient, task: NegotiationTask) -> None:
        self._client = client
        self._task = task
        self._received: asyncio.Queue[Element | Exception] = asyncio.Queue()
        self._bind_id = secrets.token_hex(8)
        self._jid: FullJid | None = None
        self._asked: Resume | None = None
        client.receiver = self

    def element_received(self, element: Element) -> bool:
        """Take a first-level element."""
        if self._client.phase is Phase.LOGGED_IN and element.tag == IQ:
            self._open_gate(element)
        elif self._client.phase is Phase.LOGGED_IN and element.tag == RESUMED:
            self._open_gate_again(element)
        self._received.put_nowait(element)
        return True

    def stream_ended(self, reason: Exception | None) -> None:
        """Fail: the connection is gone."""
        lost = ConnectionResetError("the connection was closed during the login")
        self._received.put_nowait(reason or lost)

    async def encrypt(self) -> None:
        """Begin the stream and bring it to TLS, unless it is there.

        Raises:
            NoEncryptionError: The server does not want to.
            OSError: The handshake failed, for example by the certificate.
        """
        client = self._client
        if client.phase is not Phase.IN_CLEAR:
            return
        client.open_stream(Phase.IN_CLEAR)
        features = await self._next(_FEATURES)
        if features.find(_STARTTLS) is None:
            raise NoEncryptionError("the server does not offer encryption")
        client.write(f"<starttls xmlns='{TLS}'/>".encode())
        answer = await self._read()
        if answer.tag != _PROCEED:
            raise NoEncryptionError("the server refuses encryption")
        await client.start_tls(self._task.context, server_name_of(self._task.account))

    async def log_in(self) -> Negotiated:
        """Log in and bind a resource.

        Raises:
            SaslError: The login failed.
            StreamError: The server broke a rule.
        """
        client = self._client
        client.open_stream(Phase.BEFORE_LOGIN)
        offer = LoginOffer.of(await self._next(_FEATURES))
        tls = client.tls
        login = PasswordLogin(
            localpart=self._task.account.localpart,
            password=self._task.password,
            certificate=(tls and tls.getpeercert(binary_form=True)) or b"",
            requires_scram=self._task.requires_scram,
        )
        await login.run(offer, client.write, self._read)
        client.open_stream(Phase.LOGGED_IN)
        features = await self._next(_FEATURES)
        said = await self._resume(features)
        jid = self._jid or await self._bind()
        return Negotiated(jid, features, offer.has_scram, said)

    def rest(self) -> list[Element]:
        """Return what came after the session had begun and was not looked at."""
        found: list[Element] = []
        while not self._received.empty():
            element = self._received.get_nowait()
            if isinstance(element, Element):
                found.append(element)
        return found

    async def _resume(self, features: Element) -> Resumed | Failed | None:
        """Ask for the former session, instead of a resource (XEP-0198, section 5)."""
        former = self._task.former
        if former is None or features.find(_STREAM_MANAGEMENT) is None:
            return None
        self._asked = former.resumption()
        self._client.write(serialise(to_element(self._asked)))
        answer = await self._read()
        said = from_element(answer)
        if not isinstance(said, Resumed | Failed):
            raise StreamError(StreamCondition.POLICY_VIOLATION, "not what comes next")
        return said

    async def _bind(self) -> FullJid:
        payload = Element(_BIND)
        SubElement(payload, _RESOURCE).text = self._task.resource
        asked = request(IqType.SET, self._bind_id, payload)
        self._client.write(serialise(asked))
        answer = await self._next(IQ)
        if self._jid is None:
            condition = error_from_element(answer).condition
            text = f"the server gives no resource: {condition.value}"
            raise StreamError(StreamCondition.UNDEFINED_CONDITION, text)
        return self._jid

    def _open_gate(self, answer: Element) -> None:
        """Let stanzas in with the next byte, if this is the answer that we wait for."""
        if answer.get("id") != self._bind_id:
            error = StreamError(StreamCondition.NOT_AUTHORIZED, "a stanza before the session")
            self._client.cut(error)
            return
        try:
            jid = FullJid.parse(answer.findtext(f"{_BIND}/{_JID}", ""))
        except AddressError:
            return
        if answer.get("type") == IqType.RESULT.value and jid.bare == self._task.account:
            self._jid = jid
            self._client.set_bound(jid)

    def _open_gate_again(self, resumed: Element) -> None:
        """Let stanzas in, if this is the session that was asked for."""
        former = self._task.former
        asked = self._asked
        if former is None or asked is None or resumed.get("previd") != asked.id:
            error = StreamError(StreamCondition.NOT_AUTHORIZED, "a session that nobody asked for")
            self._client.cut(error)
            return
        self._jid = former.jid
        self._client.set_bound(former.jid)

    async def _next(self, tag: str) -> Element:
        element = await self._read()
        if element.tag != tag:
            raise StreamError(StreamCondition.POLICY_VIOLATION, "not what comes next")
        return element

    async def _read(self) -> Element:
        received = await self._received.get()
        if isinstance(received, Exception):
            raise received
        return received


def server_name_of(account: BareJid) -> str:
    """Return the name that the server's certificate must hold: that of the account's domain."""
    domain = account.domainpart
    if domain.startswith("["):
        return domain.strip("[]")
    return domain if domain.isascii() else domain.encode("idna").decode()
