"""Both halves of SCRAM; the exchanges are those of RFC 5802, section 5, and RFC 7677, section 3."""

import base64
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import SaslCondition, SaslError
from shared_protocol.limits import ScramLimits
from shared_protocol.sasl.mechanisms import ScramHash
from shared_protocol.sasl.scram import (
    ClientScram,
    ScramKeys,
    ServerScram,
    make_nonce,
    prepared_password,
    read_first,
)


class Exchange(NamedTuple):
    scram_hash: ScramHash
    client_nonce: str
    server_nonce: str
    salt: str
    proof: str
    signature: str

    @property
    def challenge(self) -> bytes:
        return f"r={self.client_nonce}{self.server_nonce},s={self.salt},i=4096".encode()

    @property
    def final(self) -> bytes:
        return f"c=biws,r={self.client_nonce}{self.server_nonce},p={self.proof}".encode()

    @property
    def verdict(self) -> bytes:
        return f"v={self.signature}".encode()


RFC_5802 = Exchange(
    ScramHash.SHA_1,
    "fyko+d2lbbFgONRv9qkxdawL",
    "3rfcNHYJY1ZVvWVs7j",
    "QSXCR+Q6sek8bf92",
    "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
)
RFC_7677 = Exchange(
    ScramHash.SHA_256,
    "rOprNGfwEbeRWgbNEkqO",
    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    "W22ZaJ0SNY7soEsUEjb6gQ==",
    "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
)
PUBLISHED = pytest.mark.parametrize("exchange", [RFC_5802, RFC_7677], ids=["5802", "7677"])
LIMITS = ScramLimits()
BINDING = b"hash of the certificate"


def client_of(exchange: Exchange) -> ClientScram:
    return ClientScram(
        localpart="user", scram_hash=exchange.scram_hash, nonce=exchange.client_nonce
    )


def keys_of(exchange: Exchange) -> ScramKeys:
    salt = base64.b64decode(exchange.salt)
    return ScramKeys.derive("pencil", exchange.scram_hash, 4_096, salt)


def server_of(exchange: Exchange) -> ServerScram:
    first = f"n,,n=user,r={exchange.client_nonce}".encode()
    return ServerScram(
        first=read_first(first, LIMITS),
        keys=keys_of(exchange),
        scram_hash=exchange.scram_hash,
        channel_binding=b"",
        nonce=exchange.server_nonce,
    )


@PUBLISHED
def test_client_reproduces_the_published_exchange(exchange: Exchange) -> None:
    client = client_of(exchange)

    assert client.first() == f"n,,n=user,r={exchange.client_nonce}".encode()
    assert client.challenge(exchange.challenge).iterations == 4_096
    assert client.final(client.derive("pencil")) == exchange.final
    client.check(exchange.verdict)


@PUBLISHED
def test_server_reproduces_the_published_exchange(exchange: Exchange) -> None:
    server = server_of(exchange)

    assert server.challenge() == exchange.challenge
    assert server.final(exchange.final) == exchange.verdict


NONCE = "x" * 8
GOOD = f"r={NONCE}more,s=c2FsdHNhbHQ=,i="


@pytest.mark.parametrize(
    "challenge",
    [
        GOOD + "1",
        GOOD + "4095",
        GOOD + "1000001",
        GOOD + "1000000000",
        GOOD + "-5",
        GOOD + "\u0664\u0660\u0669\u0666",
        GOOD + "4096x",
        GOOD,
        "r=evil,s=cw==,i=4096",
        f"r={NONCE},s=cw==,i=4096",
        f"m=x,{GOOD}4096",
        f"r={NONCE}m,i=4096",
        f"r={NONCE}m,s=,i=4096",
        f"r={NONCE}m,s=?,i=4096",
        f"r={NONCE}m,s={base64.b64encode(bytes(1_025)).decode()},i=4096",
        f"r={NONCE}m,r={NONCE}m,s=cw==,i=4096",
        f"r={NONCE}m,s=cw==,i=4096,{'z' * 9_000}",
        "hello",
        "",
        "rr=x",
    ],
)
def test_challenge_out_of_bounds_is_refused(challenge: str) -> None:
    """RFC 5802, section 5.1 and 9: no other kind of error, and no proof."""
    client = ClientScram(localpart="romeo", scram_hash=ScramHash.SHA_256, nonce=NONCE)

    with pytest.raises(SaslError) as refused:
        client.challenge(challenge.encode())

    assert refused.value.condition is SaslCondition.MALFORMED_REQUEST
    with pytest.raises(SaslError):
        client.derive("pencil")


@pytest.mark.parametrize("iterations", [4_096, 1_000_000])
def test_bounds_of_the_iterations_are_inclusive(iterations: int) -> None:
    client = ClientScram(localpart="romeo", scram_hash=ScramHash.SHA_256, nonce=NONCE)

    assert client.challenge(f"{GOOD}{iterations}".encode()).iterations == iterations


def test_second_challenge_is_refused() -> None:
    client = client_of(RFC_7677)
    client.challenge(RFC_7677.challenge)

    with pytest.raises(SaslError, match="second"):
        client.challenge(RFC_7677.challenge)


@pytest.mark.parametrize(
    "verdict",
    [b"", b"v=", b"v=AAAA", b"v=?", b"e=invalid-proof", b"\xff", RFC_5802.verdict],
)
def test_server_that_proves_nothing_is_refused(verdict: bytes) -> None:
    """An empty ``<success/>`` must not pass."""
    client = client_of(RFC_7677)
    client.challenge(RFC_7677.challenge)
    client.final(client.derive("pencil"))

    with pytest.raises(SaslError):
        client.check(verdict)


def test_verdict_before_the_proof_is_refused() -> None:
    client = client_of(RFC_7677)
    client.challenge(RFC_7677.challenge)

    for verdict in (b"", b"v=", RFC_7677.verdict):
        with pytest.raises(SaslError):
            client.check(verdict)


def test_comma_and_equals_sign_in_the_name_are_escaped() -> None:
    """RFC 5802, section 5.1."""
    client = ClientScram(localpart="a,b=c", scram_hash=ScramHash.SHA_1, nonce=NONCE)

    assert client.first() == b"n,,n=a=2Cb=3Dc,r=xxxxxxxx"
    assert read_first(client.first(), LIMITS).localpart == "a,b=c"


@pytest.mark.parametrize(
    ("binding", "could_bind", "header"),
    [
        (None, False, b"n,,"),
        (None, True, b"y,,"),
        (BINDING, False, b"p=tls-server-end-point,,"),
        (BINDING, True, b"p=tls-server-end-point,,"),
    ],
)
def test_client_tells_whether_it_binds(
    binding: bytes | None, *, could_bind: bool, header: bytes
) -> None:
    """RFC 5802, section 6."""
    client = ClientScram(
        localpart="romeo",
        scram_hash=ScramHash.SHA_256,
        channel_binding=binding,
        could_bind=could_bind,
    )

    assert client.first().startswith(header + b"n=romeo,r=")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"n,",
        b"x,,n=user,r=abc",
        b"N,,n=user,r=abc",
        b"n,z=x,n=user,r=abc",
        b"n,,m=x,n=user,r=abc",
        b"n,,n=user",
        b"n,,n=user,r=",
        b"n,,n=us=er,r=abc",
        b"n,,n=us=2cer,r=abc",
        b"n,a=us=er,n=user,r=abc",
        b"n,a=\xff,n=user,r=abc",
        b"n,,n=\xff,r=abc",
        b"\xff,,n=user,r=abc",
        b"n,,n=user,n=other,r=abc",
        b"n,,n=user,r=abc," + b"x" * 9_000,
    ],
)
def test_malformed_first_message_is_refused(message: bytes) -> None:
    """RFC 5802, section 7."""
    with pytest.raises(SaslError) as refused:
        read_first(message, LIMITS)

    assert refused.value.condition is SaslCondition.MALFORMED_REQUEST


@given(st.binary(max_size=60) | st.text(",=nrcpimea\u00e9", max_size=30).map(str.encode))
def test_any_message_is_read_or_a_sasl_error(message: bytes) -> None:
    steps = (
        lambda: read_first(message, LIMITS),
        lambda: client_of(RFC_7677).challenge(message),
        lambda: client_of(RFC_7677).check(message),
        lambda: server_of_any(message),
    )
    for step in steps:
        try:
            step()
        except SaslError as error:
            assert error.condition in {  # noqa: PT017 - that it raises is no demand
                SaslCondition.MALFORMED_REQUEST,
                SaslCondition.NOT_AUTHORIZED,
            }


FAST_KEYS = ScramKeys(b"salt", 4_096, bytes(32), bytes(32))


def server_of_any(message: bytes) -> bytes:
    first = read_first(b"n,,n=user,r=abc", LIMITS)
    return ServerScram(
        first=first, keys=FAST_KEYS, scram_hash=ScramHash.SHA_256, channel_binding=b""
    ).final(message)


@pytest.mark.parametrize(
    ("good", "bad", "condition"),
    [
        (b"c=biws", b"c=eSws", SaslCondition.NOT_AUTHORIZED),  # another flag than at first
        (b"c=biws,", b"", SaslCondition.NOT_AUTHORIZED),
        (b",r=rOpr", b",r=xOpr", SaslCondition.MALFORMED_REQUEST),
        (b"p=dHz", b"p=dHx", SaslCondition.NOT_AUTHORIZED),
        (b"p=dHzbZapWIk4jUhN+", b"p=", SaslCondition.NOT_AUTHORIZED),
        (b"p=dHz", b"p=?Hz", SaslCondition.MALFORMED_REQUEST),
        (b",p=", b",q=", SaslCondition.MALFORMED_REQUEST),
        (b"c=biws", b"m=x,c=biws", SaslCondition.MALFORMED_REQUEST),
        (b"AndVQ=", b"AndVQ=,x=unsigned", SaslCondition.MALFORMED_REQUEST),
    ],
)
def test_altered_final_message_is_refused(
    good: bytes, bad: bytes, condition: SaslCondition
) -> None:
    altered = RFC_7677.final.replace(good, bad)
    assert altered != RFC_7677.final

    with pytest.raises(SaslError) as refused:
        server_of(RFC_7677).final(altered)

    assert refused.value.condition is condition


def test_keys_match_their_password_only() -> None:
    keys = ScramKeys.derive("pencil", ScramHash.SHA_256, 4_096)

    assert keys.matches("pencil", ScramHash.SHA_256)
    assert not keys.matches("Pencil", ScramHash.SHA_256)
    assert not keys.matches("pencil", ScramHash.SHA_1)


def test_new_keys_have_a_salt_of_their_own_and_are_never_shown() -> None:
    keys = [ScramKeys.derive("pencil", ScramHash.SHA_1, 4_096) for _ in range(2)]

    assert keys[0].salt != keys[1].salt
    assert repr(keys[0].stored_key) not in repr(keys[0])


def test_password_is_prepared_as_an_opaque_string() -> None:
    """RFC 8265, section 4.2; the error does not quote the password."""
    assert prepared_password("p\u00a0w") == "p w"
    for bad in ("", "secret\x07"):
        with pytest.raises(ValueError, match="password") as refused:
            prepared_password(bad)
        assert "secret" not in str(refused.value)


def test_nonces_differ_and_need_no_escape() -> None:
    nonces = {make_nonce() for _ in range(100)}

    assert len(nonces) == 100
    assert all("," not in nonce and len(nonce) >= 32 for nonce in nonces)
