"""Gives a client its full JID (RFC 6120, section 7)."""

import base64
import hmac
import secrets
from xml.etree.ElementTree import Element

from embedded_server.sessions.session import SessionState
from embedded_server.sessions.stream_context import StreamContext
from shared_protocol.addresses import AddressError, BareJid, FullJid
from shared_protocol.errors import (
    StanzaCondition,
    StanzaError,
    StreamCondition,
    StreamError,
)
from shared_protocol.namespaces import BIND
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.frames import StanzaFrame

_RANDOM_BYTES = 9
_LONGEST_KEPT = 64  # characters of a wish that is in use already


def check_account(context: StreamContext, localpart: str) -> None:
    """Refuse who has logged in, and may do so no more.

    Raises:
        StreamError: The account is gone or disabled.
    """
    if not context.accounts.exists(localpart):
        raise StreamError(StreamCondition.NOT_AUTHORIZED, "the account is gone")
    if context.accounts.is_disabled(localpart):
        raise StreamError(StreamCondition.NOT_AUTHORIZED, "the account is disabled")


def address_for(context: StreamContext, localpart: str, frame: StanzaFrame) -> FullJid:
    """Return the address that a bind request gets.

    A resource that is in use, empty or malformed is mended and not refused, and nobody is thrown
    out (section 7.7.2) but a session that has lost its stream.

    Raises:
        StanzaError: The request is malformed, or the account has too many resources.
    """
    if frame.attributes.get("type") != "set" or "id" not in frame.attributes:
        raise StanzaError(StanzaCondition.BAD_REQUEST)
    if len(context.directory.sessions_of(localpart)) >= context.settings.most_resources:
        raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT)
    account = BareJid(localpart, context.host.domain)
    wish = _wish(element_of(frame.raw))
    if not wish:
        return account.with_resource(_random())
    try:
        jid = account.with_resource(wish)
    except AddressError:
        return account.with_resource(_random())
    former = context.directory.get(jid)
    if former is not None and former.state is SessionState.HIBERNATING:
        context.keeper.close(former)  # its client has come back, and does not resume it
        former = None
    if former is None:
        return jid
    if len(wish) > _LONGEST_KEPT:
        return account.with_resource(_random())
    return account.with_resource(f"{jid.resourcepart}-{_random()}")


def address_for_device(context: StreamContext, localpart: str, tag: str, device_id: str) -> FullJid:
    """Return the address that a client gets within its login (XEP-0386, section 3.2.1).

    A device keeps its resource, and its former sessions end. Its id cannot be read from that.

    Raises:
        StanzaError: The account has too many resources.
    """
    for former in context.directory.sessions_of(localpart) if device_id else ():
        if former.device_id == device_id:
            former.close(StreamError(StreamCondition.CONFLICT, "its client has logged in again"))
            context.keeper.close(former)
    if len(context.directory.sessions_of(localpart)) >= context.settings.most_resources:
        raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT)
    account = BareJid(localpart, context.host.domain)
    own = _own_part(context, localpart, device_id) if device_id else _random()
    try:
        jid = account.with_resource(f"{tag}/{own}" if tag else own)
    except AddressError:
        jid = account.with_resource(own)
    if context.directory.get(jid) is not None:
        return account.with_resource(f"{own}-{_random()}")
    return jid


def _own_part(context: StreamContext, localpart: str, device_id: str) -> str:
    seed = f"resource {localpart} {device_id}".encode()
    made = hmac.digest(context.settings.fake_salt_secret, seed, "sha256")[:_RANDOM_BYTES]
    return base64.urlsafe_b64encode(made).decode()


def _wish(iq: Element) -> str:
    return iq.findtext(f"{{{BIND}}}bind/{{{BIND}}}resource", "").strip()


def _random() -> str:
    return secrets.token_urlsafe(_RANDOM_BYTES)
