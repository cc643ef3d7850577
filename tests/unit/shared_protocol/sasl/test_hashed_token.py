"""Hashed tokens (draft-schmaus-kitten-sasl-ht-09)."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import SaslCondition, SaslError
from shared_protocol.sasl.hashed_token import (
    TokenMessage,
    initiator_mac,
    message_bytes,
    read_message,
    responder_mac,
    token_offer,
)
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.sasl.server import CheckToken, LoginState, ServerLogin, Success

TOKEN = "WXZzciBwYmFmdmZnZiBqdmd1IGp2eXFhcmZm"


def login() -> ServerLogin:
    return ServerLogin(
        credentials=lambda _name, _hash: None,
        domain="montague.lit",
        fake_salt_secret=b"secret",
        channel_binding=b"bound",
        offered=SaslOffer(("HT-SHA-256-ENDP",)),
    )


def test_macs_are_hmacs_of_the_token() -> None:
    """Sections 3.1 and 3.2."""
    key = TOKEN.encode()
    assert initiator_mac(TOKEN, b"") == hmac.new(key, b"Initiator", hashlib.sha256).digest()
    assert responder_mac(TOKEN, b"cb") == hmac.new(key, b"Respondercb", hashlib.sha256).digest()


@given(st.text("abcü-.", max_size=20), st.binary(min_size=32, max_size=32))
def test_message_is_read_as_it_was_written(name: str, mac: bytes) -> None:
    """The bytes of the MAC may hold a NUL as well."""
    read = read_message(message_bytes(TokenMessage(name, mac)))

    assert (read.name, read.mac) == (name, mac)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"romeo",
        b"romeo\0",
        b"romeo\0" + bytes(31),
        b"romeo\0" + bytes(33),
        b"\xff\0" + bytes(32),
        b"r" * 2_000 + b"\0" + bytes(32),
    ],
)
def test_anything_else_is_malformed(message: bytes) -> None:
    with pytest.raises(SaslError) as refused:
        read_message(message)

    assert refused.value.condition is SaslCondition.MALFORMED_REQUEST


def test_message_shows_no_secret_in_a_log() -> None:
    assert "secret" not in repr(TokenMessage("romeo", b"secret"))
    assert "secret" not in repr(CheckToken("romeo", "HT-SHA-256-NONE", b"secret"))


@pytest.mark.parametrize(
    ("mechanisms", "offered"),
    [
        (("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"), ("HT-SHA-256-ENDP", "HT-SHA-256-NONE")),
        (("SCRAM-SHA-1-PLUS",), ("HT-SHA-256-ENDP",)),
        (("SCRAM-SHA-1", "PLAIN"), ("HT-SHA-256-NONE",)),
        ((), ()),
    ],
)
def test_token_must_be_bound_where_passwords_must(
    mechanisms: tuple[str, ...], offered: tuple[str, ...]
) -> None:
    assert token_offer(SaslOffer.of(mechanisms)).mechanisms == offered


@pytest.mark.parametrize("is_first", [True, False])
def test_login_by_token_has_one_message(*, is_first: bool) -> None:
    server, message = login(), message_bytes(TokenMessage("Romeo", bytes(32)))
    if is_first:
        step = server.begin("HT-SHA-256-ENDP", message)
    else:
        server.begin("HT-SHA-256-ENDP", None)
        step = server.respond(message)

    assert step == CheckToken("romeo", "HT-SHA-256-ENDP", bytes(32))
    assert server.state is LoginState.CHECKING_TOKEN
    assert server.token_found(b"answer") == Success("romeo", b"answer")
    assert server.state is LoginState.SUCCEEDED


def test_name_that_nobody_can_have_is_like_one_that_nobody_has() -> None:
    with pytest.raises(SaslError) as refused:
        login().begin("HT-SHA-256-ENDP", message_bytes(TokenMessage("a@b", bytes(32))))

    assert refused.value.condition is SaslCondition.NOT_AUTHORIZED
