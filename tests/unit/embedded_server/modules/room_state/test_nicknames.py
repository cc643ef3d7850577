"""XEP-0045, sections 7.2.8, 14.6 and 17.1: nobody passes for somebody else, or for nobody."""

import pytest

from embedded_server.modules.room_state.nicknames import nickname_key, require_nickname
from shared_protocol.errors import StanzaCondition, StanzaError


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thirdwitch", "ThirdWitch"),
        ("thirdwitch", "thirdwitch "),
        ("third witch", "third  witch"),
        ("third witch", "third\u00a0witch"),
        ("thirdwitch", "third\u200bwitch"),
        ("thirdwitch", "third\u00adwitch"),
        ("thirdwitch", "\uff54hirdwitch"),
        ("STRASSE", "straße"),
        ("e\u0301", "é"),
        ("①", "1"),
    ],
)
def test_nicknames_that_look_alike_are_the_same(one: str, other: str) -> None:
    assert nickname_key(one) == nickname_key(other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("third witch", "thirdwitch"), ("é", "e")])
def test_nicknames_that_look_different_are_different(one: str, other: str) -> None:
    assert nickname_key(one) != nickname_key(other)


@pytest.mark.parametrize("nickname", ["", " ", "\u200b", "\u00a0\u200d", "\u0301", "\ufeff"])
def test_nickname_that_nobody_sees_is_refused(nickname: str) -> None:
    with pytest.raises(StanzaError) as raised:
        require_nickname(nickname, 64)

    assert raised.value.condition is StanzaCondition.NOT_ACCEPTABLE


def test_nickname_is_as_long_as_the_limit_at_most() -> None:
    require_nickname("x" * 64, 64)
    require_nickname("x" * 1_000, 0)
    with pytest.raises(StanzaError):
        require_nickname("x" * 65, 64)


@pytest.mark.parametrize("nickname", ["oldhag", "ワルプルギス", "🧙", "a b", "😀\ufe0f", "é"])
def test_nickname_in_any_script_is_taken(nickname: str) -> None:
    require_nickname(nickname, 64)
