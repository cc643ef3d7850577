"""Addresses in the text of a message: found by one pass, opened if the scheme is harmless."""

import re
from dataclasses import dataclass

from PySide6.QtCore import QUrl

_CANDIDATE = re.compile(
    r"(?:https?://|xmpp:|mailto:|geo:|www\.)[^\s<>\"\u2066-\u2069\u200b-\u200f\u202a-\u202e]{1,2000}",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'*_~"
_OPENING_OF = {")": "(", "]": "[", "}": "{"}
SCHEMES_TO_OPEN = frozenset({"http", "https", "mailto", "xmpp", "geo"})


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text.

    Attributes:
        start, length: Its place, in characters.
        target: What is opened.
    """

    start: int
    length: int
    target: str


def links_in(text: str) -> list[Link]:
    """Find the addresses in a text, in order.

    Marks at the end that belong to the sentence are left out, a closing bracket too unless the
    address opened it.
    """
    found = []
    for match in _CANDIDATE.finditer(text):
        address = _without_trailing(match[0])
        target = address if not address.lower().startswith("www.") else f"https://{address}"
        if is_safe_to_open(target):
            found.append(Link(match.start(), len(address), target))
    return found


def is_safe_to_open(target: str) -> bool:
    """Return True for http, https, mailto, xmpp and geo addresses that name something."""
    url = QUrl(target, QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme().lower() not in SCHEMES_TO_OPEN:
        return False
    if url.scheme().lower() in {"http", "https"}:
        return bool(url.host()) and not url.userInfo()
    return bool(url.path())


def shown_host(target: str) -> str:
    """Return the host in punycode, so that look-alike letters show themselves."""
    url = QUrl(target)
    return url.host(QUrl.ComponentFormattingOption.FullyEncoded) or url.path()


def _without_trailing(address: str) -> str:
    end = len(address)
    while end:
        last = address[end - 1]
        opening = _OPENING_OF.get(last)
        is_closing_alone = opening is not None and address.count(opening, 0, end) < address.count(
            last, 0, end
        )
        if last not in _TRAILING and not is_closing_alone:
            break
        end -= 1
    return address[:end]
