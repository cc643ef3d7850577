"""The beginning of a stream: both headers and the features (RFC 6120, sections 4.3 and 4.7)."""

import re
import secrets

from embedded_server.sessions.extensible_login.key_upgrade import TASKS
from embedded_server.sessions.stream_context import StreamContext
from shared_protocol.addresses import AddressError, parse_jid
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.namespaces import CLIENT, CLIENT_STATE, STREAM_MANAGEMENT, STREAMS
from shared_protocol.sasl.hashed_token import token_offer
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.stanzas.login import tokens, upgrades
from shared_protocol.stream import features
from shared_protocol.stream.receiving import State
from shared_protocol.xml.frames import LANGUAGE, StreamHeader
from shared_protocol.xml.writer import stream_header

_STREAM = f"{STREAMS} stream"
_LANGUAGE_TAG = re.compile("[A-Za-z0-9-]{1,35}")  # RFC 5646, section 4.4.1
_AT_BINDING = (STREAM_MANAGEMENT, CLIENT_STATE)
_ID_BYTES = 15


def check_header(header: StreamHeader, domain: str) -> None:
    """Refuse a header that opens no client's stream to this domain.

    Raises:
        StreamError: What is wrong with it (RFC 6120, sections 4.9.3.6, .10 and .25).
    """
    if header.name != _STREAM or header.namespaces.get("") != CLIENT:
        raise StreamError(StreamCondition.INVALID_NAMESPACE, "expected a client's stream")
    if header.attributes.get("version", "").partition(".")[0] != "1":
        raise StreamError(StreamCondition.UNSUPPORTED_VERSION, "expected version 1.0")
    if _address(header.attributes.get("to", "")) != domain:
        raise StreamError(StreamCondition.HOST_UNKNOWN, "this domain is not served here")


def language_of(header: StreamHeader) -> str:
    """Return the ``xml:lang`` of a stream; empty if there is none that deserves the name."""
    language = header.attributes.get(LANGUAGE, "")
    return language if _LANGUAGE_TAG.fullmatch(language) else ""


def answering_header(domain: str, header: StreamHeader | None) -> bytes:
    """Write our header.

    Args:
        domain: The domain that is served here.
        header: The client's; None if it could not be read (section 4.9.1.2).
    """
    return stream_header(
        sender=domain,
        recipient=recipient_of(header),
        stream_id=new_stream_id(),
        language="en",
    )


def recipient_of(header: StreamHeader | None) -> str:
    """Return to whom our header goes: who the client says it is; empty if it does not say."""
    return _address(header.attributes.get("from", "")) if header is not None else ""


def new_stream_id() -> str:
    """Make an id of a stream that cannot be guessed (RFC 6120, section 4.7.3)."""
    return secrets.token_urlsafe(_ID_BYTES)


def features_for(context: StreamContext, state: State, offer: SaslOffer | None) -> bytes:
    """Write the features of one of the beginnings of a stream, or of one that is bound already.

    Args:
        context: Of the stream.
        state: Where the negotiation stands.
        offer: What may be logged in with; None where that is not the question.
    """
    settings, host = context.settings, context.host
    if state is State.IN_CLEAR:
        return features.stream_features(features.STARTTLS)
    if state is State.BOUND:
        return features.stream_features(
            features.limits(settings.client), host.features_after_login()
        )
    if state is State.AUTHENTICATED:
        return features.stream_features(
            features.BINDING, features.limits(settings.client), host.features_after_login()
        )
    offer = offer or SaslOffer(())
    return features.stream_features(
        features.authentication(
            offer,
            at_binding=(*_AT_BINDING, *host.features_at_binding),
            inline=tokens.feature_bytes(token_offer(offer).mechanisms),
            tasks=upgrades.feature_bytes(TASKS),
        ),
        features.mechanisms(offer),
        features.channel_bindings(offer),
        features.limits(settings.before_login),
        host.features_before_login(),
    )


def _address(text: str) -> str:
    """Return an address in its normal form; empty if it is none."""
    try:
        return str(parse_jid(text))
    except AddressError:
        return ""
