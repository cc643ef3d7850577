import pytest

from shared_protocol.sasl.mechanisms import (
    STRONGEST_FIRST,
    ScramHash,
    is_plus,
    scram_hash_of,
    strongest,
)

PROSODY = ("PLAIN", "SCRAM-SHA-1")
FOREIGN = ("X-OAUTH2", "CRAM-MD5", "DIGEST-MD5")


@pytest.mark.parametrize(
    ("offered", "can_bind", "allows_plain", "chosen"),
    [
        (STRONGEST_FIRST, True, True, "SCRAM-SHA-256-PLUS"),
        (STRONGEST_FIRST, False, True, "SCRAM-SHA-256"),
        (PROSODY, True, True, "SCRAM-SHA-1"),
        (("PLAIN",), True, True, "PLAIN"),
        (("PLAIN",), True, False, None),
        ((*FOREIGN, "PLAIN"), False, False, None),
        (("SCRAM-SHA-1-PLUS",), False, True, None),
        ((), True, True, None),
    ],
)
def test_strongest_mechanism_is_chosen(
    offered: tuple[str, ...], *, can_bind: bool, allows_plain: bool, chosen: str | None
) -> None:
    """RFC 6120, section 13.8.3: PLAIN where no SCRAM is offered, and only if it is allowed."""
    assert strongest(offered, can_bind=can_bind, allows_plain=allows_plain) == chosen


@pytest.mark.parametrize("seen", STRONGEST_FIRST)
def test_mechanism_weaker_than_the_one_seen_before_is_not_taken(seen: str) -> None:
    """Somebody may have shortened the list (RFC 6120, section 13.8.3)."""
    weaker = STRONGEST_FIRST[STRONGEST_FIRST.index(seen) + 1 :]
    options = {"can_bind": True, "allows_plain": True, "at_least": seen}

    assert strongest(weaker, **options) is None  # type: ignore[arg-type]
    assert strongest([seen], **options) == seen  # type: ignore[arg-type]


def test_mechanism_seen_that_is_no_longer_known_forbids_nothing() -> None:
    chosen = strongest(PROSODY, can_bind=False, allows_plain=True, at_least="SCRAM-SHA-9")

    assert chosen == "SCRAM-SHA-1"


def test_names_are_those_of_the_registry() -> None:
    assert ScramHash.SHA_1.mechanism == "SCRAM-SHA-1"
    assert ScramHash.SHA_256.plus_mechanism == "SCRAM-SHA-256-PLUS"
    assert scram_hash_of("SCRAM-SHA-256-PLUS") is ScramHash.SHA_256
    assert scram_hash_of("PLAIN") is None
    assert is_plus("SCRAM-SHA-1-PLUS")
    assert not is_plus("SCRAM-SHA-1")
