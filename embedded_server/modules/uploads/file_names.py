"""Names of uploaded files: made harmless once, and shown in a header field, never on disk."""

import re
import unicodedata
from urllib.parse import quote

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]'
)
_UNUSABLE_IN_QUOTES = re.compile(r'[^\x20-\x7e]|["\\%]')
# RFC 8187, section 3.2.1: what stands for itself
_ATTR_CHAR = "!#$&+-.^_`|~"
_LONGEST_ENDING = 16


def harmless_name(name: str, most_bytes: int) -> str:
    """Return a name that no system takes for something else; its ending stays.

    What might lead elsewhere is cut off, what a system forbids is replaced, marks of direction are
    taken out, and a name that is too long is cut before its ending.
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", last)).strip(" .")
    if not shown:
        return "file"
    if _RESERVED.fullmatch(shown):
        shown = f"_{shown}"
    return _shortened(shown, most_bytes)


def disposition(name: str, *, is_inline: bool) -> str:
    """Write ``Content-Disposition`` (RFC 6266), with the whole name as RFC 8187 has it."""
    plain = _UNUSABLE_IN_QUOTES.sub("_", name)
    kind = "inline" if is_inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHAR)}"


def _shortened(name: str, most_bytes: int) -> str:
    if len(name.encode()) <= most_bytes:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    room = most_bytes - len((dot + ending).encode())
    # A character that is cut through is left out; the name is only shown.
    return stem.encode()[:room].decode(errors="ignore") + dot + ending
