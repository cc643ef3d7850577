"""Numbers of messages that grow with their time: milliseconds since 1970 << 10, plus a counter.

They stay below 2**53 for longer than anybody asks.
"""

from datetime import UTC, datetime, timedelta

COUNTER_BITS = 10

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds_of(moment: datetime) -> int:
    """Return the milliseconds from 1970 to ``moment`` (aware); 0 for what was before."""
    return max((moment - _EPOCH) // _MILLISECOND, 0)


def moment_of(milliseconds: int) -> datetime:
    """Return the moment (UTC) this many milliseconds after 1970."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def first_id(moment: datetime) -> int:
    """Return the lowest number for a message of this moment."""
    return milliseconds_of(moment) << COUNTER_BITS


class MessageIds:
    """Gives numbers to what happens now, each higher than all before, whatever the clock does."""

    def __init__(self, newest_id: int = 0) -> None:
        self._newest_id = newest_id

    def put_newest(self, newest_id: int) -> None:
        """Give only numbers above ``newest_id`` from now on."""
        self._newest_id = max(self._newest_id, newest_id)

    def next_id(self, moment: datetime) -> int:
        """Return the number for a message of this moment, which is now."""
        self._newest_id = max(first_id(moment), self._newest_id + 1)
        return self._newest_id
