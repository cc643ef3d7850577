"""The client's side of the extensible login (XEP-0388), for tests that speak raw XML."""

import base64
import hashlib
from xml.etree.ElementTree import Element

from shared_protocol.namespaces import SASL2
from shared_protocol.sasl.hashed_token import (
    BOUND_TOKEN,
    TokenMessage,
    initiator_mac,
    message_bytes,
    responder_mac,
)
from shared_protocol.sasl.mechanisms import scram_hash_of
from shared_protocol.sasl.scram import ClientScram
from shared_protocol.stanzas.login import tokens
from shared_protocol.stanzas.login.tokens import Token
from tests.helpers.wire_client import FEATURES, LoginRefusedError, WireClient

FAILURE = f"{{{SASL2}}}failure"
SUCCESS = f"{{{SASL2}}}success"
CONTINUE = f"{{{SASL2}}}continue"
DEVICE = "d4565fa7-4d72-4749-b3d3-740edbf87770"
AGENT = f"<user-agent id='{DEVICE}'><software>Orchard</software></user-agent>"


def encoded(data: bytes) -> str:
    """Base64 as text."""
    return base64.b64encode(data).decode()


def authenticate(mechanism: str, initial: bytes | None, inline: str = "") -> str:
    """Write the beginning of a login."""
    response = "" if initial is None else f"<initial-response>{encoded(initial)}</initial-response>"
    return (
        f"<authenticate xmlns='{SASL2}' mechanism='{mechanism}'>{response}{inline}</authenticate>"
    )


async def log_in_by_scram(
    client: WireClient,
    localpart: str,
    password: str,
    inline: str = "",
    mechanism: str = "SCRAM-SHA-256",
) -> Element:
    """Log in on a stream that is open; returns ``<success/>`` or ``<continue/>``.

    Raises:
        LoginRefusedError: The server does not want it.
    """
    scram_hash = scram_hash_of(mechanism)
    assert scram_hash is not None
    scram = ClientScram(localpart=localpart, scram_hash=scram_hash)
    client.send(authenticate(mechanism, scram.first(), inline))
    challenge = scram.challenge(base64.b64decode((await answer_of(client)).text or ""))
    salted = hashlib.pbkdf2_hmac(
        scram_hash.value, password.encode(), challenge.salt, challenge.iterations
    )
    client.send(f"<response xmlns='{SASL2}'>{encoded(scram.final(salted))}</response>")
    success = await answer_of(client)
    scram.check(base64.b64decode(success.findtext(f"{{{SASL2}}}additional-data", "")))
    return success


async def log_in_by_plain(
    client: WireClient, localpart: str, password: str, inline: str = "", authzid: str = ""
) -> Element:
    """The same with PLAIN."""
    message = f"{authzid}\0{localpart}\0{password}".encode()
    client.send(authenticate("PLAIN", message, inline))
    return await answer_of(client)


async def answer_of(client: WireClient) -> Element:
    """Return what the server says next in the login.

    Raises:
        LoginRefusedError: That it failed.
    """
    element = await client.receive(lambda one: one.tag.startswith(f"{{{SASL2}}}"))
    if element.tag == FAILURE:
        raise LoginRefusedError(element[0].tag.rpartition("}")[2])
    return element


async def features_of(client: WireClient) -> Element:
    """Return the features that follow a login."""
    client.features = await client.receive(lambda one: one.tag == FEATURES)
    return client.features


def identifier(success: Element) -> str:
    """Return whom the client has become."""
    return success.findtext(f"{{{SASL2}}}authorization-identifier", "")


async def log_in_by_token(
    client: WireClient,
    localpart: str,
    token: str,
    inline: str = "",
    mechanism: str = "HT-SHA-256-NONE",
    fast: str = "<fast xmlns='urn:xmpp:fast:0'/>",
) -> Element:
    """Log in with a token (XEP-0484) on a stream that is open.

    Raises:
        LoginRefusedError: The server does not want it.
    """
    binding = b""
    if mechanism == BOUND_TOKEN:
        binding = client.channel_binding()
    message = message_bytes(TokenMessage(localpart, initiator_mac(token, binding)))
    client.send(authenticate(mechanism, message, fast + inline))
    success = await answer_of(client)
    answer = base64.b64decode(success.findtext(f"{{{SASL2}}}additional-data", ""))
    assert answer == responder_mac(token, binding)
    return success


def token_in(success: Element) -> Token | None:
    """Return the token that came with a login."""
    found = success.find(tokens.TOKEN)
    return tokens.from_element(found) if found is not None else None
