"""How much somebody may do who is no member of a room (XEP-0045 1.35.5, section 14.6)."""

from collections import OrderedDict
from collections.abc import Callable

from shared_protocol.addresses import BareJid
from shared_protocol.errors import ErrorType, StanzaCondition, StanzaError
from shared_protocol.limits import RoomLimits

_MOST_ACCOUNTS = 10_000


class StrangerTraffic:
    """Counts what accounts do in rooms that they are not affiliated with.

    Each has a bucket of events that fills again; one bucket for all rooms together.
    """

    def __init__(self, limits: RoomLimits, clock: Callable[[], float]) -> None:
        self._rate = limits.events_per_second
        self._burst = float(limits.burst_events)
        self._clock = clock
        self._buckets: OrderedDict[BareJid, tuple[float, float]] = OrderedDict()

    def count(self, account: BareJid) -> None:
        """Count one event.

        Raises:
            StanzaError: ``policy-violation`` of type wait: there were too many.
        """
        if not self._rate:
            return
        now = self._clock()
        left, since = self._buckets.pop(account, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        is_allowed = left >= 1.0
        self._buckets[account] = (left - 1.0 if is_allowed else left, now)
        if len(self._buckets) > _MOST_ACCOUNTS:
            self._buckets.popitem(last=False)
        if not is_allowed:
            raise StanzaError(
                StanzaCondition.POLICY_VIOLATION,
                "you do too much at once; try again in a moment",
                error_type=ErrorType.WAIT,
            )
