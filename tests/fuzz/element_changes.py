"""Elements that are nearly right: the examples of the codecs, changed by hostile bytes.

The bytes choose what is changed, so that the same bytes give the same element, a coverage-guided
fuzzer can learn from them, and Hypothesis can shrink them.
"""

import copy
import re
from collections.abc import Sequence
from typing import TypeVar
from xml.etree.ElementTree import Element, SubElement

from shared_protocol import namespaces

T = TypeVar("T")

HOSTILE_VALUES = (
    "",
    " ",
    "0",
    "1",
    "-1",
    "+1",
    "1_000",
    "01",
    "1.5",
    "1e999",
    "NaN",
    "inf",
    "\u00b2",  # a digit that is no decimal
    "\u0661",  # one that int() reads
    str(2**31),
    str(2**64),
    "9" * 5_000,  # int() refuses so many digits with a ValueError
    "true",
    "TRUE",
    "2026-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999+14:00",
    "0000-00-00T00:00:00Z",
    "2026-02-30T25:61:61Z",
    "P1D",
    "x" * 5_000,
    "\u202e\u200b",
    "\U00010400",
    "e\u0301",
    "romeo@montague.lit",
    "romeo@montague.lit/orchard",
    "a@b@c/d/e",
    "@",
    "/",
    "montague.lit",
    "xn--zzzzzz.lit",
    "a" * 1_100 + "@montague.lit",
    "====",
    "AAAA",
    "AA",
    "\u00e9===",
    "urn:xmpp:ping",
    "http://[::1",
    "http://\u00fc:99999/",
    "javascript:alert(1)",
    "cancel",
    "set",
    "get",
    "result",
    "error",
    "en-\x85",
)
_NAMES = ("id", "type", "from", "to", "jid", "node", "var", "ver", "by", "h", "max", "name", "nick")
_NAMESPACES = tuple(
    sorted(
        {value for value in vars(namespaces).values() if isinstance(value, str) and ":" in value}
    )
)
_MOST_CHANGES = 8
_LITERAL = re.compile(r"[\"']([a-z][a-z0-9_:-]{0,24})[\"']")


class ByteChoices:
    """Choices that are made by bytes; the first one, when there are none left."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def below(self, count: int) -> int:
        """Return a number from 0 to ``count`` - 1."""
        size = 1 if count <= 256 else 2
        taken, self._data = self._data[:size], self._data[size:]
        return int.from_bytes(taken, "big") % count

    def one_of(self, values: Sequence[T]) -> T:
        """Return one of them."""
        return values[self.below(len(values))]


def words_of(source: str) -> tuple[str, ...]:
    """Return the names that a codec's source knows, sorted."""
    return tuple(sorted(set(_LITERAL.findall(source)) | set(_NAMES)))


def changed(element: Element, choices: ByteChoices, words: Sequence[str]) -> Element:
    """Return a copy with up to eight changes anywhere in it."""
    root = copy.deepcopy(element)
    for _ in range(choices.below(_MOST_CHANGES + 1)):
        node = choices.one_of(list(root.iter()))
        _CHANGES[choices.below(len(_CHANGES))](node, choices, words)
    return root


def _set_attribute(node: Element, choices: ByteChoices, words: Sequence[str]) -> None:
    known = [*sorted(node.attrib), *words]
    node.set(choices.one_of(known), choices.one_of(HOSTILE_VALUES))


def _drop_attribute(node: Element, choices: ByteChoices, _words: Sequence[str]) -> None:
    if node.attrib:
        del node.attrib[choices.one_of(sorted(node.attrib))]


def _set_text(node: Element, choices: ByteChoices, _words: Sequence[str]) -> None:
    node.text = choices.one_of((*HOSTILE_VALUES, None))


def _drop_child(node: Element, choices: ByteChoices, _words: Sequence[str]) -> None:
    if len(node):
        node.remove(choices.one_of(list(node)))


def _double_child(node: Element, choices: ByteChoices, _words: Sequence[str]) -> None:
    if len(node):
        node.append(copy.deepcopy(choices.one_of(list(node))))


def _add_child(node: Element, choices: ByteChoices, words: Sequence[str]) -> None:
    namespace, _, _name = node.tag[1:].rpartition("}")
    spaces = (namespace, *_NAMESPACES)
    child = SubElement(node, f"{{{choices.one_of(spaces)}}}{choices.one_of(words)}")
    child.text = choices.one_of(HOSTILE_VALUES)


def _rename(node: Element, choices: ByteChoices, words: Sequence[str]) -> None:
    namespace, _, _name = node.tag[1:].rpartition("}")
    node.tag = f"{{{namespace}}}{choices.one_of(words)}"


def _move_to_other_namespace(node: Element, choices: ByteChoices, _words: Sequence[str]) -> None:
    node.tag = f"{{{choices.one_of(_NAMESPACES)}}}{node.tag.rpartition('}')[2]}"


def _nest(node: Element, choices: ByteChoices, _words: Sequence[str]) -> None:
    """Put a copy of itself into it, as a forwarded message in a forwarded message."""
    node.append(copy.deepcopy(node))


_CHANGES = (
    _set_attribute,
    _set_text,
    _drop_attribute,
    _drop_child,
    _double_child,
    _add_child,
    _rename,
    _move_to_other_namespace,
    _nest,
)
