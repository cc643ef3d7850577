"""Pages of long answers: result set management (XEP-0059 1.0).

``page_of_list`` cuts the page of a set that lies in memory; who pages through a database does it by
itself and answers with a ``ResultSet``.

Example::

    <set xmlns='http://jabber.org/protocol/rsm'>
      <max>10</max>
      <after>peterpan@neverland.lit</after>
    </set>
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.namespaces import RESULT_SETS

SET = f"{{{RESULT_SETS}}}set"
_MAX = f"{{{RESULT_SETS}}}max"
_AFTER = f"{{{RESULT_SETS}}}after"
_BEFORE = f"{{{RESULT_SETS}}}before"
_INDEX = f"{{{RESULT_SETS}}}index"
_FIRST = f"{{{RESULT_SETS}}}first"
_LAST = f"{{{RESULT_SETS}}}last"
_COUNT = f"{{{RESULT_SETS}}}count"
_MOST_DIGITS = 18  # fits 64 bits


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted; without anything the first.

    Attributes:
        maximum: How many items at most; 0 asks for the count alone (section 2.7), None leaves it
            to the answering side.
        after: Id of the item before the page (section 2.2); None if not given.
        before: Id of the item behind the page (section 2.3); empty for the last page (section 2.5).
        index: Position of the first item, from 0 (section 2.6); None if not given.
    """

    maximum: int | None = None
    after: str | None = None
    before: str | None = None
    index: int | None = None

    @property
    def is_backwards(self) -> bool:
        """True if the page ends at a place instead of beginning there."""
        return self.before is not None

    def clamped(self, usual: int, most: int) -> int:
        """Return how many items the page may have: what was asked, but never more than allowed."""
        return min(usual if self.maximum is None else self.maximum, most)


@dataclass(frozen=True, slots=True)
class ResultSet:
    """Which page was returned.

    Attributes:
        first: Id of its first item; empty for an empty page, as ``last`` is.
        count: Items of the whole set; None where that is not told.
        index: Position of the first item in the whole set, from 0; None where that is not told.
    """

    first: str = ""
    last: str = ""
    count: int | None = None
    index: int | None = None


class Page(NamedTuple):
    """A cut of a list: from ``start``, inclusive, to ``stop``, exclusive."""

    start: int
    stop: int
    result: ResultSet


def request_from_element(element: Element) -> PageRequest:
    """Read what is wanted.

    Raises:
        MalformedStanzaError: It is no set, a number is none, or more than one of ``after``,
            ``before`` and ``index`` is there, which has no meaning.
    """
    if element.tag != SET:
        message = f"expected {SET}, got {element.tag}"
        raise MalformedStanzaError(message)
    request = PageRequest(
        _number(element, _MAX),
        element.findtext(_AFTER),
        element.findtext(_BEFORE),
        _number(element, _INDEX),
    )
    given = [one for one in (request.after, request.before, request.index) if one is not None]
    if len(given) > 1:
        message = "expected one of after, before and index"
        raise MalformedStanzaError(message)
    return request


def request_of(payload: Element) -> PageRequest | None:
    """Return what a payload says about the wanted page; None if nothing.

    Raises:
        MalformedStanzaError: See ``request_from_element``.
    """
    element = payload.find(SET)
    return None if element is None else request_from_element(element)


def request_to_element(request: PageRequest) -> Element:
    """Write what is wanted."""
    element = Element(SET)
    for tag, value in (
        (_MAX, request.maximum),
        (_AFTER, request.after),
        (_BEFORE, request.before),
        (_INDEX, request.index),
    ):
        if value is not None:
            SubElement(element, tag).text = str(value) or None
    return element


def result_from_element(element: Element) -> ResultSet:
    """Read which page was returned.

    Raises:
        MalformedStanzaError: It is no set, or a number is none.
    """
    if element.tag != SET:
        message = f"expected {SET}, got {element.tag}"
        raise MalformedStanzaError(message)
    first = element.find(_FIRST)
    written = None if first is None else first.get("index")
    return ResultSet(
        element.findtext(_FIRST) or "",
        element.findtext(_LAST) or "",
        _number(element, _COUNT),
        None if written is None else _number_of(written, "index"),
    )


def result_to_element(result: ResultSet) -> Element:
    """Write which page was returned (section 2.2: an empty page has no first and no last)."""
    element = Element(SET)
    if result.first:
        first = SubElement(element, _FIRST)
        first.text = result.first
        if result.index is not None:
            first.set("index", str(result.index))
        SubElement(element, _LAST).text = result.last
    if result.count is not None:
        SubElement(element, _COUNT).text = str(result.count)
    return element


def page_of_list(ids: Sequence[str], request: PageRequest, *, usual: int, most: int) -> Page:
    """Cut a page of a set that lies in memory.

    Args:
        ids: Of all items of the set, in order, each once.
        request: What is wanted.
        usual: Items of a page whose size was not asked.
        most: Items of any page.

    Raises:
        StanzaError: ``item-not-found``, the page is to begin or end at an unknown item (2.4).
    """
    size = request.clamped(usual, most)
    start, stop = _bounds(ids, request, size)
    page = ids[start:stop]
    if not page:
        return Page(start, start, ResultSet(count=len(ids)))
    return Page(start, stop, ResultSet(page[0], page[-1], len(ids), start))


def _bounds(ids: Sequence[str], request: PageRequest, size: int) -> tuple[int, int]:
    total = len(ids)
    if request.before is not None:
        stop = _position(ids, request.before) if request.before else total
        return max(0, stop - size), stop
    start = 0
    if request.after is not None:
        start = _position(ids, request.after) + 1
    elif request.index is not None:
        start = min(request.index, total)
    return start, min(start + size, total)


def _position(ids: Sequence[str], wanted: str) -> int:
    try:
        return ids.index(wanted)
    except ValueError:
        raise StanzaError(StanzaCondition.ITEM_NOT_FOUND) from None


def _number(element: Element, tag: str) -> int | None:
    text = element.findtext(tag)
    return None if text is None else _number_of(text.strip(), tag.rpartition("}")[2])


def _number_of(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        message = f"expected a whole number as {name}, got {text[:40]!r}"
        raise MalformedStanzaError(message)
    return int(text) if len(text) <= _MOST_DIGITS else 10**_MOST_DIGITS
