import hashlib
import hmac

import pytest

from shared_protocol.control.control_errors import MalformedControlError, ProofRejectedError
from shared_protocol.control.handshake import (
    ClientHandshake,
    Role,
    ServerHandshake,
    new_nonce,
    new_token,
    proof,
)
from shared_protocol.control.json_lines import line_from_object, object_from_line
from shared_protocol.errors import LocalProtocolError

TOKEN = "0f" * 32
OTHER_TOKEN = "f0" * 32


def server(token: str = TOKEN) -> ServerHandshake:
    return ServerHandshake(token, nonce_source=lambda: "5" * 32)


def client(token: str = TOKEN) -> ClientHandshake:
    return ClientHandshake(token, nonce_source=lambda: "c" * 32)


def test_both_ends_prove_that_they_know_the_token() -> None:
    the_server, the_client = server(), client()

    answer = the_client.receive(the_server.first_line())
    assert not the_client.is_proved
    rest = the_client.receive(the_server.receive(answer))

    assert rest == b""
    assert the_server.is_proved
    assert the_client.is_proved


def test_token_never_travels() -> None:
    the_server, the_client = server(), client()
    first = the_server.first_line()
    second = the_client.receive(first)
    third = the_server.receive(second)

    assert TOKEN.encode() not in first + second + third


def test_client_without_the_token_is_refused() -> None:
    the_server = server()

    with pytest.raises(ProofRejectedError):
        the_server.receive(client(OTHER_TOKEN).receive(the_server.first_line()))
    assert not the_server.is_proved


def test_squatter_on_the_address_is_refused() -> None:
    squatter, the_client = server(OTHER_TOKEN), client()
    answer = object_from_line(the_client.receive(squatter.first_line()))
    guess = line_from_object({"proof": proof(OTHER_TOKEN, Role.SERVER, answer["nonce"], "5" * 32)})

    with pytest.raises(ProofRejectedError):
        the_client.receive(guess)
    assert not the_client.is_proved


def test_proof_of_one_end_is_none_of_the_other() -> None:
    the_client = client()
    answer = object_from_line(the_client.receive(server().first_line()))

    with pytest.raises(ProofRejectedError):  # the client's own proof, thrown back
        the_client.receive(line_from_object({"proof": answer["proof"]}))


def test_proof_for_an_old_nonce_is_refused() -> None:
    old = client().receive(server().first_line())
    the_server = ServerHandshake(TOKEN)

    with pytest.raises(ProofRejectedError):
        the_server.receive(old)


def test_proof_beyond_ascii_is_refused() -> None:
    line = line_from_object({"nonce": "c" * 32, "proof": "\u00e9\ud800"})

    with pytest.raises(ProofRejectedError):
        server().receive(line)


@pytest.mark.parametrize("nonce", ["", "0", "g" * 32, "0" * 33, "0" * 31 + "\0", 7, None])
def test_nonce_of_another_form_is_refused(nonce: object) -> None:
    line = line_from_object({"nonce": nonce, "proof": "0" * 64})

    with pytest.raises(MalformedControlError):
        server().receive(line)
    with pytest.raises(MalformedControlError):
        client().receive(line)


def test_line_without_a_proof_is_refused() -> None:
    the_client = client()
    the_client.receive(server().first_line())

    with pytest.raises(MalformedControlError):
        the_client.receive(b"{}")
    with pytest.raises(MalformedControlError):
        server().receive(line_from_object({"nonce": "c" * 32}))


def test_finished_handshake_takes_no_more_lines() -> None:
    the_server, the_client = server(), client()
    answer = the_client.receive(the_server.first_line())
    the_client.receive(the_server.receive(answer))

    with pytest.raises(LocalProtocolError):
        the_server.receive(answer)
    with pytest.raises(LocalProtocolError):
        the_client.receive(the_server.first_line())


def test_proof_is_hmac_over_role_and_nonces() -> None:  # RFC 2104
    expected = hmac.new(TOKEN.encode(), b"client\x00a\x00b", hashlib.sha256).hexdigest()

    assert proof(TOKEN, Role.CLIENT, "a", "b") == expected


def test_secrets_are_fresh_and_long() -> None:
    assert (len(new_token()), len(new_nonce())) == (64, 32)
    assert new_token() != new_token()
    assert new_nonce() != new_nonce()
