"""Opening tags as bytes: where the name, the attributes and the tag end.

Only for tags that expat has found to be well-formed: the patterns lean on that.
"""

import re

_TAG_NAME = re.compile(rb"<[^\s/>]+")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*(?:'[^']*'|"[^"]*")""")
_TAG_END = re.compile(rb"\s*(/?)>")


def name_end(data: bytes | bytearray, start: int = 0) -> int:
    """Return the position behind the name of the opening tag at ``start``."""
    return _matched(_TAG_NAME.match(data, start)).end()


def attributes_of(data: bytes | bytearray, start: int = 0) -> list[re.Match[bytes]]:
    """List the attributes in order; group 1 is the name, group 0 has the white space before it."""
    found = []
    end = name_end(data, start)
    while match := _ATTRIBUTE.match(data, end):
        found.append(match)
        end = match.end()
    return found


def tag_end(data: bytes | bytearray, start: int = 0) -> tuple[int, bool]:
    """Return the position behind the tag, and whether it closes itself (``<presence/>``)."""
    attributes = attributes_of(data, start)
    behind = attributes[-1].end() if attributes else name_end(data, start)
    match = _matched(_TAG_END.match(data, behind))
    return match.end(), bool(match[1])


def _matched(match: re.Match[bytes] | None) -> re.Match[bytes]:
    if match is None:
        message = "not the complete opening tag of an element"
        raise ValueError(message)
    return match
