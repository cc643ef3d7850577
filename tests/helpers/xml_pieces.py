"""Elements that a test wrote for a stream, made fit to go alone."""

import re
from xml.parsers import expat

_NO_NAMESPACE = re.compile(r"<(message|presence|iq)(?=[\s/>])(?![^>]*\sxmlns=)")


def in_client_namespace(element: str) -> str:
    """Declare the namespace of a stanza that leaves it to its stream."""
    return _NO_NAMESPACE.sub(r"<\1 xmlns='jabber:client'", element, count=1)


def pieces_of(text: str) -> list[str]:
    """Cut a text into elements; what cannot be cut stays whole."""
    data = text.strip().encode()
    starts: list[int] = []
    depth = 0
    parser = expat.ParserCreate("UTF-8")
    head = b"<x xmlns:stream='s'>"

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        if depth == 1:
            starts.append(parser.CurrentByteIndex - len(head))
        depth += 1

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(head + data + b"</x>", True)  # noqa: FBT003 - takes no keywords
    except expat.ExpatError:
        return [data.decode()]
    return [
        data[one:following].decode().strip()
        for one, following in zip(starts, [*starts[1:], len(data)], strict=True)
    ]
