"""Takes the XML parsers from streams that are idle: a parser is nearly half of what they weigh.

A stream between two stanzas has no state in its parser but the namespaces of its header, so that
another parser, which has read a header with the same declarations, goes on in its place. Making one
costs about 15 microseconds, which is why only streams that were silent for seconds lose theirs.
"""

from collections.abc import Mapping
from typing import Protocol

from embedded_server.network.network_loop import NetworkLoop
from shared_protocol.limits import StreamLimits
from shared_protocol.namespaces import STREAMS
from shared_protocol.xml.framer import StanzaFramer
from shared_protocol.xml.writer import start_tag

IDLE_SECONDS = 5.0


class ParserOwner(Protocol):
    """A stream that can do without its parser for a while."""

    def rest(self) -> None:
        """Give the parser up, if nothing is unfinished in it."""


class IdleParsers:
    """Knows who has used its parser lately; the longest idle first."""

    def __init__(self, network: NetworkLoop, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self.idle_seconds = idle_seconds
        self._network = network
        self._used_at: dict[ParserOwner, float] = {}

    def __len__(self) -> int:
        return len(self._used_at)

    def mark_used(self, owner: ParserOwner, now: float) -> None:
        """A stream needs its parser; to be repeated when ``idle_seconds`` are over, not before."""
        if not self._used_at:
            self._look_later()
        self._used_at.pop(owner, None)
        self._used_at[owner] = now

    def forget(self, owner: ParserOwner) -> None:
        """A stream has ended."""
        self._used_at.pop(owner, None)

    def _look_later(self) -> None:
        self._network.set_deadline(self, self.idle_seconds, self._look)

    def _look(self) -> None:
        # Twice the time, because a stream that is at work tells it only once in that time.
        latest = self._network.time() - 2 * self.idle_seconds
        while self._used_at:
            owner, used_at = next(iter(self._used_at.items()))
            if used_at > latest:
                self._look_later()
                return
            del self._used_at[owner]
            owner.rest()


def can_be_renewed(framer: StanzaFramer, namespaces: Mapping[str, str]) -> bool:
    """Whether another framer may take the place of this one."""
    return framer.is_between_stanzas and _prefix_of_stream(namespaces) is not None


def renewed(namespaces: Mapping[str, str], limits: StreamLimits) -> StanzaFramer:
    """Make a framer that goes on within a stream.

    Args:
        namespaces: What the stream's header declared, by prefix; ``can_be_renewed`` said yes.
        limits: Those of the stream.
    """
    framer = StanzaFramer(limits)
    declared = {f"xmlns:{key}" if key else "xmlns": uri for key, uri in namespaces.items()}
    framer.receive(start_tag(f"{_prefix_of_stream(namespaces)}:stream", declared))
    return framer


def _prefix_of_stream(namespaces: Mapping[str, str]) -> str | None:
    """Return the prefix that the stream's end tag must have; None if it cannot be told."""
    prefixes = [prefix for prefix, uri in namespaces.items() if uri == STREAMS]
    return prefixes[0] if len(prefixes) == 1 and prefixes[0] else None
