"""Which messages go into whose archive: their kind, and what the account wants (XEP-0441 0.2.0).

Nearly all accounts keep everything; only what others want is in memory.
"""

from collections.abc import Mapping
from typing import NamedTuple

from embedded_server.modules.archive.message_worth import MessageWorth
from embedded_server.modules.roster_book import RosterBook
from embedded_server.plugin_api import Inbound, Session
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.stanzas.archive_preferences import ArchiveDefault, ArchivePreferences


class Keeping(NamedTuple):
    """Into whose archive a message goes."""

    by_sender: bool
    by_receiver: bool


_NOBODY = Keeping(by_sender=False, by_receiver=False)
_BOTH = Keeping(by_sender=True, by_receiver=True)
_RECEIVER = Keeping(by_sender=False, by_receiver=True)
_EVERYTHING = ArchivePreferences()


class ArchivePolicy:
    """Decides for each message."""

    def __init__(self, *, book: RosterBook) -> None:
        self._book = book
        self._preferences: dict[str, ArchivePreferences] = {}
        self._by_roster: set[str] = set()

    def fill(self, preferences: Mapping[str, ArchivePreferences]) -> None:
        """Take what is on disk, by localpart."""
        for localpart, wanted in preferences.items():
            self.set(localpart, wanted)

    @property
    def needs_rosters(self) -> bool:
        """Whether somebody wants to keep what is said with contacts alone."""
        return bool(self._by_roster)

    def of(self, localpart: str) -> ArchivePreferences:
        """Return what an account wants."""
        return self._preferences.get(localpart, _EVERYTHING)

    def set(self, localpart: str, preferences: ArchivePreferences) -> None:
        """An account wants something else from now on."""
        self.forget(localpart)
        if preferences != _EVERYTHING:
            self._preferences[localpart] = preferences
        if preferences.default is ArchiveDefault.ROSTER:
            self._by_roster.add(localpart)

    def forget(self, localpart: str) -> None:
        """An account is gone, or wants nothing special."""
        self._preferences.pop(localpart, None)
        self._by_roster.discard(localpart)

    def keeping(self, inbound: Inbound, worth: MessageWorth) -> Keeping:
        """Decide for a message; ``missing_roster`` comes first."""
        if not worth.is_archived:
            return _NOBODY
        is_of_account = isinstance(inbound.origin, Session)
        if not self._preferences:
            return _BOTH if is_of_account else _RECEIVER
        sender, receiver = inbound.sender, inbound.to
        return Keeping(
            by_sender=is_of_account and self._keeps(sender.bare, receiver),
            by_receiver=self._keeps(receiver.bare, sender),
        )

    def missing_roster(self, inbound: Inbound, worth: MessageWorth) -> BareJid | None:
        """Return whose roster has to be read before it can be decided; mostly nobody's."""
        if not worth.is_archived:
            return None
        sides = [inbound.to.bare]
        if isinstance(inbound.origin, Session):
            sides.append(inbound.sender.bare)
        for side in sides:
            if side.localpart in self._by_roster and self._book.get(side) is None:
                return side
        return None

    def _keeps(self, owner: BareJid, counterpart: Jid) -> bool:
        """Decide for one side (XEP-0441, section 2.3)."""
        wanted = self._preferences.get(owner.localpart)
        if wanted is None:
            return True
        names = {counterpart, counterpart.bare}
        if not names.isdisjoint(wanted.never):
            return False
        if wanted.default is ArchiveDefault.ALWAYS or not names.isdisjoint(wanted.always):
            return True
        if wanted.default is ArchiveDefault.NEVER:
            return False
        roster = self._book.get(owner)
        return roster is not None and counterpart.bare in roster.items
