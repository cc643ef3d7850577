"""Messages that are kept for an account until one of its clients has them (XEP-0160).

Store first: a message that is to be kept is on disk before its sender's acknowledgement counts it
and before it is delivered. Its copy in the spool goes when a receiver with stream management has
acknowledged it, or once it is written to receivers that have none; never earlier.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from embedded_server.plugin_api import (
    Attachments,
    MessageSpool,
    ModuleHost,
    PriorityChanged,
    Session,
    SessionAvailable,
    SessionClosed,
    SpooledMessage,
    StorageError,
)
from shared_protocol.namespaces import DELAY, OFFLINE_MESSAGES
from shared_protocol.xml.writer import attribute

_logger = logging.getLogger(__name__)
Action = Callable[[], None]


class OfflineModule:
    """Keeps messages, and hands them over when a client comes that takes messages.

    While it hands over, later messages for the same account wait, so that nothing overtakes.
    """

    def __init__(self, *, spool: MessageSpool) -> None:
        self._spool = spool
        self._waiting: dict[str, list[Action]] = {}
        self._holders: Counter[int] = Counter()
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Announce the feature; listen for those who come and go."""
        self._host = host
        self._attached.add(
            host.features.add(Entity.SERVER, OFFLINE_MESSAGES),
            host.hooks.listen(SessionAvailable, self._on_session_available),
            host.hooks.listen(PriorityChanged, self._on_priority_changed),
            host.hooks.listen(SessionClosed, self._on_session_closed),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def in_order(self, localpart: str, action: Action) -> None:
        """Run an action that delivers to an account, behind what is being handed over to it."""
        waiting = self._waiting.get(localpart)
        if waiting is None:
            action()
        else:
            waiting.append(action)
