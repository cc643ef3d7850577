"""Every function of the stanza codecs that reads an element, found by its signature."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, fromstring

from shared_protocol import stanzas
from tests.fuzz.element_changes import words_of


class Reader(NamedTuple):
    """A function that makes a value of an element.

    Attributes:
        examples: Elements of the docstring of its module, and those inside them.
        words: Names that its module knows.
    """

    name: str
    read: Callable[[Element], object]
    examples: tuple[Element, ...]
    words: tuple[str, ...]


@cache
def all_readers() -> tuple[Reader, ...]:
    """Return the readers of all codecs, in the order of their names."""
    found: list[Reader] = []
    for info in pkgutil.walk_packages(stanzas.__path__, f"{stanzas.__name__}."):
        if not info.ispkg:
            found += _readers_of(importlib.import_module(info.name))
    return tuple(sorted(found))


def _readers_of(module: ModuleType) -> Iterator[Reader]:
    examples = tuple(_examples(module))
    words = words_of(inspect.getsource(module))
    for name, function in vars(module).items():
        is_own = getattr(function, "__module__", "") == module.__name__
        if is_own and not name.startswith("_") and _reads_an_element(function):
            short = module.__name__.removeprefix(f"{stanzas.__name__}.")
            yield Reader(f"{short}.{name}", function, examples, words)


def _reads_an_element(function: object) -> bool:
    if not inspect.isfunction(function):
        return False
    parameters = list(inspect.signature(function).parameters.values())
    needed = [one for one in parameters if one.default is inspect.Parameter.empty]
    return len(needed) == 1 and needed[0] is parameters[0] and needed[0].annotation is Element


def _examples(module: ModuleType) -> Iterator[Element]:
    """Yield what the docstring shows; an example without a namespace is a client's stanza."""
    docstring = module.__doc__ or ""
    for block in re.findall(r"(?:^    .*\n?)+", docstring, re.MULTILINE):
        try:
            shown = fromstring(f"<all xmlns='jabber:client'>{block}</all>")  # noqa: S314 - ours
        except ParseError:
            continue
        for one in shown.iter():
            if one is not shown:
                yield one
    yield Element("{jabber:client}message")
    yield Element("{jabber:client}presence")
    yield Element("{jabber:client}iq")
