"""Which messages go into whose archive: their kind, and what the account wants (XEP-0441 0.2.0).

Nearly all accounts keep everything, so only those that want otherwise are known here.
"""

from typing import NamedTuple

from embedded_server.modules.archive.message_worth import MessageWorth
from embedded_server.plugin_api import Inbound, Session


class Keeping(NamedTuple):
    """Into whose archive a message goes."""

    by_sender: bool
    by_receiver: bool


_NOBODY = Keeping(by_sender=False, by_receiver=False)
_BOTH = Keeping(by_sender=True, by_receiver=True)
_RECEIVER = Keeping(by_sender=False, by_receiver=True)


class ArchivePolicy:
    """Decides for each message."""

    def keeping(self, inbound: Inbound, worth: MessageWorth) -> Keeping:
        """Decide for a message to an account of this host."""
        if not worth.is_archived:
            return _NOBODY
        return _BOTH if isinstance(inbound.origin, Session) else _RECEIVER
