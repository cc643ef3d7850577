"""Downgrade protection of SCRAM (XEP-0474)."""

import pytest

from shared_protocol.errors import SaslCondition, SaslError
from shared_protocol.limits import ScramLimits
from shared_protocol.sasl.mechanisms import STRONGEST_FIRST, ScramHash
from shared_protocol.sasl.offer import SaslOffer, offer_hash
from shared_protocol.sasl.scram import ClientScram, ScramKeys, ServerScram, read_first
from shared_protocol.sasl.server import Challenge, ServerLogin

BINDINGS = ("tls-server-end-point",)


def test_hash_is_that_of_the_published_example() -> None:
    """Section 5.3."""
    found = offer_hash(
        ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"],
        ["tls-server-end-point", "tls-exporter"],
        ScramHash.SHA_1,
    )

    assert found == "G6k/rBLDqgOhRRaCuuatSDFkJ08="


def test_without_channel_bindings_only_the_mechanisms_count() -> None:
    assert offer_hash(["PLAIN"], [], ScramHash.SHA_256) == offer_hash(
        iter(["PLAIN"]), (), ScramHash.SHA_256
    )
    assert offer_hash(["PLAIN"], BINDINGS, ScramHash.SHA_256) != offer_hash(
        ["PLAIN"], [], ScramHash.SHA_256
    )


def exchange(told: str, arrived: str) -> None:
    client = ClientScram(localpart="user", scram_hash=ScramHash.SHA_256, offer_hash=arrived)
    keys = ScramKeys.derive("pencil", ScramHash.SHA_256, 4_096, b"salt")
    server = ServerScram(
        first=read_first(client.first(), ScramLimits()),
        keys=keys,
        scram_hash=ScramHash.SHA_256,
        channel_binding=b"",
        offer_hash=told,
    )
    client.challenge(server.challenge())
    client.check(server.final(client.final(client.derive("pencil"))))


@pytest.mark.parametrize(("told", "arrived"), [("aGFzaA==", "aGFzaA=="), ("", "x"), ("x", "")])
def test_login_goes_on_where_both_lists_are_the_same_or_one_end_does_not_know(
    told: str, arrived: str
) -> None:
    exchange(told, arrived)


def test_r23_list_that_was_changed_on_its_way_ends_the_login() -> None:
    """Section 5.2: if the hashes do not match, the client MUST fail the authentication."""
    with pytest.raises(SaslError, match="changed the list of logins"):
        exchange("aGFzaA==", "b3RoZXI=")


def test_r23_hash_that_was_taken_out_breaks_the_signature() -> None:
    """Section 8: it is part of what both ends sign."""
    client = ClientScram(localpart="user", scram_hash=ScramHash.SHA_256, offer_hash="b3RoZXI=")
    server = ServerScram(
        first=read_first(client.first(), ScramLimits()),
        keys=ScramKeys.derive("pencil", ScramHash.SHA_256, 4_096, b"salt"),
        scram_hash=ScramHash.SHA_256,
        channel_binding=b"",
        offer_hash="aGFzaA==",
    )
    client.challenge(server.challenge().partition(b",h=")[0])

    with pytest.raises(SaslError) as refused:
        server.final(client.final(client.derive("pencil")))

    assert refused.value.condition is SaslCondition.NOT_AUTHORIZED


def test_server_tells_what_it_has_offered() -> None:
    login = ServerLogin(
        credentials=lambda _name, _hash: None,
        domain="montague.lit",
        fake_salt_secret=b"secret",
        channel_binding=b"binding",
        offered=SaslOffer.of(STRONGEST_FIRST),
    )

    step = login.begin("SCRAM-SHA-1", b"n,,n=romeo,r=nonce")

    assert isinstance(step, Challenge)
    told = offer_hash(STRONGEST_FIRST, BINDINGS, ScramHash.SHA_1)
    assert step.data.endswith(f",h={told}".encode())
