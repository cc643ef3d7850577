"""One login with a password: which mechanism, and its steps (RFC 6120, section 6; RFC 5802).

Takes the place of slixmpp's mechanisms, whose SCRAM has no bounds, runs on the loop, and binds
to no channel on TLS 1.3.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from shared_protocol.errors import SaslCondition, SaslError
from shared_protocol.namespaces import SASL, SASL_CHANNEL_BINDING
from shared_protocol.sasl.channel_binding import TLS_SERVER_END_POINT, tls_server_end_point
from shared_protocol.sasl.mechanisms import PLAIN, is_plus, scram_hash_of, strongest
from shared_protocol.sasl.offer import offer_hash
from shared_protocol.sasl.scram import ClientScram, prepared_password
from shared_protocol.xml.writer import escaped

_CHALLENGE = f"{{{SASL}}}challenge"
_SUCCESS = f"{{{SASL}}}success"
_FAILURE = f"{{{SASL}}}failure"
_MECHANISM = f"{{{SASL}}}mechanisms/{{{SASL}}}mechanism"
_BINDING = (
    f"{{{SASL_CHANNEL_BINDING}}}sasl-channel-binding/{{{SASL_CHANNEL_BINDING}}}channel-binding"
)
_TEXT = f"{{{SASL}}}text"
_LONGEST_TEXT = 200

Write = Callable[[bytes], None]
ReadElement = Callable[[], Awaitable[Element]]


class WeakMechanismsError(SaslError):
    """The server offers nothing that is good enough; no password was sent."""

    def __init__(self, text: str) -> None:
        super().__init__(SaslCondition.MECHANISM_TOO_WEAK, text)


@dataclass(frozen=True, slots=True)
class LoginOffer:
    """What the stream features say about logins.

    Attributes:
        bindings: Names of channel bindings (XEP-0440); empty if the server does not tell.
    """

    mechanisms: frozenset[str]
    bindings: frozenset[str]

    @classmethod
    def of(cls, features: Element) -> "LoginOffer":
        """Read stream features."""
        return cls(
            frozenset(one.text or "" for one in features.iterfind(_MECHANISM)),
            frozenset(one.get("type", "") for one in features.iterfind(_BINDING)),
        )

    @property
    def has_scram(self) -> bool:
        """True if a SCRAM mechanism that we speak is offered."""
        return any(scram_hash_of(name) is not None for name in self.mechanisms)


class PasswordLogin:
    """One login.

    Args of the constructor:
        localpart: Prepared.
        certificate: The server's, in DER, for the channel binding.
        requires_scram: True if the account had SCRAM before: PLAIN is refused then.
    """

    def __init__(
        self, *, localpart: str, password: str, certificate: bytes, requires_scram: bool
    ) -> None:
        self._localpart = localpart
        self._password = password
        self._certificate = certificate
        self._requires_scram = requires_scram

    async def run(self, offer: LoginOffer, write: Write, read: ReadElement) -> None:
        """Log in.

        Raises:
            SaslError: The login failed, or was not tried.
        """
        try:
            password = prepared_password(self._password)
        except ValueError as error:
            raise SaslError(SaslCondition.NOT_AUTHORIZED, str(error)) from None
        mechanism = self._choose(offer)
        if mechanism == PLAIN:
            write(_auth(PLAIN, f"\0{self._localpart}\0{password}".encode()))
            _require(await read(), _SUCCESS)
        else:
            await self._scram(mechanism, offer, password, write, read)

    def _choose(self, offer: LoginOffer) -> str:
        mechanism = strongest(
            offer.mechanisms,
            can_bind=TLS_SERVER_END_POINT in offer.bindings,
            allows_plain=not self._requires_scram,
        )
        if mechanism is None and PLAIN in offer.mechanisms:
            raise WeakMechanismsError("the server offers a weaker login than before")
        if mechanism is None:
            raise WeakMechanismsError("the server offers no login that this program speaks")
        return mechanism

    async def _scram(
        self,
        mechanism: str,
        offer: LoginOffer,
        password: str,
        write: Write,
        read: ReadElement,
    ) -> None:
        scram_hash = scram_hash_of(mechanism)
        if scram_hash is None:
            raise WeakMechanismsError("the server offers no login that this program speaks")
        binding = tls_server_end_point(self._certificate) if is_plus(mechanism) else None
        scram = ClientScram(
            localpart=self._localpart,
            scram_hash=scram_hash,
            channel_binding=binding,
            could_bind=not any(map(is_plus, offer.mechanisms)),
            offer_hash=offer_hash(offer.mechanisms, offer.bindings, scram_hash),
        )
        write(_auth(mechanism, scram.first()))
        scram.challenge(_data(_require(await read(), _CHALLENGE)))
        salted = await asyncio.to_thread(scram.derive, password)
        write(_response(scram.final(salted)))
        answer = await read()
        if answer.tag == _CHALLENGE:  # the proof may come before the success (section 6.3.10)
            scram.check(_data(answer))
            write(_response(b""))
            _require(await read(), _SUCCESS)
        else:
            scram.check(_data(_require(answer, _SUCCESS)))


def _auth(mechanism: str, data: bytes) -> bytes:
    written = base64.b64encode(data).decode()
    return f"<auth xmlns='{SASL}' mechanism='{escaped(mechanism)}'>{written}</auth>".encode()


def _response(data: bytes) -> bytes:
    return f"<response xmlns='{SASL}'>{base64.b64encode(data).decode()}</response>".encode()


def _require(element: Element, tag: str) -> Element:
    """Return the element if it is the one that must come now.

    Raises:
        SaslError: It is the server's refusal, or something else.
    """
    if element.tag == tag:
        return element
    if element.tag != _FAILURE:
        raise SaslError(SaslCondition.MALFORMED_REQUEST, "the server breaks the order of a login")
    known = {one.value: one for one in SaslCondition}
    names = [child.tag.removeprefix(f"{{{SASL}}}") for child in element]
    found = next((known[name] for name in names if name in known), SaslCondition.NOT_AUTHORIZED)
    raise SaslError(found, element.findtext(_TEXT, "")[:_LONGEST_TEXT])


def _data(element: Element) -> bytes:
    text = (element.text or "").strip()
    try:
        return b"" if text == "=" else base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SaslError(SaslCondition.INCORRECT_ENCODING, "not base64") from None
