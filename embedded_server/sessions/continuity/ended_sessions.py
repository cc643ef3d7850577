"""What is still known of sessions that could have been resumed: how much of them was handled.

A client that comes too late learns it with the refusal (XEP-0198, section 5), and then knows which
of its stanzas have arrived.
"""

from collections import OrderedDict

_MOST_ACCOUNTS = 1_000


class EndedSessions:
    """The last counts of ended sessions, of each account the newest, of all accounts the latest.

    Args of the constructor:
        most: How many of one account.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_localpart: OrderedDict[str, OrderedDict[str, int]] = OrderedDict()

    def add(self, localpart: str, session_id: str, handled: int) -> None:
        """Remember how many stanzas of its client were handled."""
        of_account = self._by_localpart.setdefault(localpart, OrderedDict())
        self._by_localpart.move_to_end(localpart)
        of_account[session_id] = handled
        if len(of_account) > self._most:
            of_account.popitem(last=False)
        if len(self._by_localpart) > _MOST_ACCOUNTS:
            self._by_localpart.popitem(last=False)

    def handled(self, localpart: str, session_id: str) -> int | None:
        """Return the count of an account's session; None if it is not known as such."""
        of_account = self._by_localpart.get(localpart)
        return of_account.get(session_id) if of_account is not None else None
