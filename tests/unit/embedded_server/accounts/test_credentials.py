import re

import pytest

from embedded_server.accounts.credentials import (
    NameRefusedError,
    PasswordRefusedError,
    checked_name,
    checked_password,
    derived_keys,
    made_password,
)
from shared_protocol.sasl.mechanisms import ScramHash


def test_name_is_prepared() -> None:
    """RFC 7622, section 3.3: UsernameCaseMapped."""
    assert checked_name("Juliet") == "juliet"
    assert checked_name("JÖRG") == "jörg"


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a\x00b", "a\nb", "\ud800", "x" * 65])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(NameRefusedError):
        checked_name(name)


def test_whole_address_as_a_name_is_refused_with_what_to_do() -> None:
    with pytest.raises(NameRefusedError, match="give the name before the @ alone"):
        checked_name("juliet@capulet.lit")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "is empty"),
        ("short-1", "too short: take 8"),
        ("aaaaaaaaaa", "too easy"),
        ("Mercutio", "too easy"),
        ("tab\tand\x07bell", "character that is not allowed"),
        ("broken \ud800 surrogate", "character that is not allowed"),
        ("very long" * 200, "longer than 1023 bytes"),
    ],
)
def test_bad_password_is_refused_and_not_repeated(password: str, reason: str) -> None:
    with pytest.raises(PasswordRefusedError, match=reason) as refused:
        checked_password("mercutio", password)

    assert not password or password not in str(refused.value)


def test_password_is_prepared() -> None:
    """RFC 8265, section 4.2.2: other spaces become ASCII spaces, and NFC is applied."""
    assert checked_password("romeo", "wherefore\u00a0art thou") == "wherefore art thou"
    assert checked_password("romeo", "Cafe\u0301 au lait") == "Caf\u00e9 au lait"


def test_made_password_is_long_random_and_good() -> None:
    made = {made_password() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}", one) for one in made)
    assert all(checked_password("romeo", one) == one for one in made)


def test_keys_are_made_for_every_hash_with_salts_of_their_own() -> None:
    keys = derived_keys("wherefore art thou")

    assert set(keys) == set(ScramHash)
    assert len({one.salt for one in keys.values()}) == len(ScramHash)
    assert all(one.matches("wherefore art thou", kind) for kind, one in keys.items())
