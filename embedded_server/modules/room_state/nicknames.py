"""Which nicknames are allowed, and which are taken for the same (XEP-0045 1.35.5, 7.2.8, 17.1)."""

import unicodedata
from functools import lru_cache

from shared_protocol.errors import StanzaCondition, StanzaError

_KNOWN_NICKNAMES = 10_000
_INVISIBLE = ("Z", "C", "M")  # separators, controls, marks without a letter


def require_nickname(nickname: str, most_characters: int) -> None:
    """Refuse a nickname that nobody could see, or that is too long.

    Args:
        nickname: Prepared as a resourcepart.
        most_characters: 0 for any number.

    Raises:
        StanzaError: ``not-acceptable``.
    """
    if not any(unicodedata.category(one)[0] not in _INVISIBLE for one in nickname):
        text = "the nickname must be visible"
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, text)
    if 0 < most_characters < len(nickname):
        text = f"the nickname is longer than {most_characters} characters"
        raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, text)


@lru_cache(maxsize=_KNOWN_NICKNAMES)
def nickname_key(nickname: str) -> str:
    """Return what is the same for nicknames that look alike but for case, width and spaces.

    Nobody shall pass for somebody else by a space at the end or a capital letter (section 14.6).
    """
    visible = "".join(one for one in nickname if unicodedata.category(one)[0] != "C")
    return " ".join(unicodedata.normalize("NFKC", visible).casefold().split())
