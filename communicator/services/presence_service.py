"""The own presence: sent when it changes and after each login, ended when its time is over."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from communicator.services.ports import Clock
from communicator.session.errors import NotConnectedError
from communicator.session.ports import PresenceSession
from communicator.state.preferences import PreferencesState
from communicator.state.presence import OwnPresence, OwnPresenceState
from communicator.state.signals import Signal, Subscriptions
from communicator.state.task_owner import TaskOwner

if TYPE_CHECKING:
    import asyncio
    from datetime import datetime

LONGEST_PAUSE = timedelta(hours=1)  # then look again: the computer may have slept meanwhile


class PresenceService:
    """Tells the others what the user wants them to see."""

    def __init__(
        self,
        *,
        session: PresenceSession,
        own: OwnPresenceState,
        preferences: PreferencesState,
        may_send: Signal[None],
        clock: Clock,
    ) -> None:
        """Make the service.

        Args:
            session: Where presence goes.
            own: What the user wants; kept in ``preferences`` over a restart.
            preferences: Where the wish is kept.
            may_send: Emitted after each login, once the roster was asked for.
            clock: When a preset ends.
        """
        self._session = session
        self._own = own
        self._preferences = preferences
        self._may_send = may_send
        self._clock = clock
        self._tasks = TaskOwner()
        self._expiry: asyncio.Task[object] | None = None
        self._subscriptions = Subscriptions()

    def start(self) -> None:
        """Take up the presence of the last time, unless it ended meanwhile."""
        self.set_presence(self._preferences.preferences.presence)
        self._subscriptions.add(self._may_send.connect(lambda _: self._send()))

    async def stop(self) -> None:
        """Tell nothing more."""
        self._subscriptions.end()
        await self._tasks.stop()

    def set_presence(self, presence: OwnPresence) -> None:
        """Show another presence to the others, at once or after the next login."""
        if presence.expires_at is not None and presence.expires_at <= self._clock.now():
            presence = OwnPresence()
        is_new = presence != self._own.presence
        self._own.put(presence)
        preferences = self._preferences
        preferences.put(replace(preferences.preferences, presence=presence))
        if is_new and self._session.is_connected:
            self._send()
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if presence.expires_at is not None:
            self._expiry = self._tasks.spawn(self._end_at(presence.expires_at), "end of a presence")

    def _send(self) -> None:
        presence = self._own.presence
        with suppress(NotConnectedError):  # lost in this moment: told after the next login
            self._session.send_presence(presence.availability, presence.status)

    async def _end_at(self, expires_at: "datetime") -> None:
        while (left := expires_at - self._clock.now()) > timedelta(0):
            await self._clock.sleep(min(left, LONGEST_PAUSE).total_seconds())
        self._expiry = None
        self.set_presence(OwnPresence())
