"""Notices that the computer woke up or that its network changed, so that nobody waits for a pause.

While a computer sleeps its timers stand still and its wall clock does not; the network is told by
the system, where Qt has a way to ask it.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QNetworkInformation

LOOK_MS = 5_000
SLEPT_SECONDS = 15.0


class WakeWatch(QObject):
    """Looks at the clocks, and listens to the system.

    Signals:
        woke: A connection may be dead, or may be possible again.
    """

    woke = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        wall_clock: Callable[[], float] = time.time,
        steady_clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._wall_clock, self._steady_clock = wall_clock, steady_clock
        self._difference = wall_clock() - steady_clock()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self._last_look = steady_clock()
        if QNetworkInformation.loadDefaultBackend():
            network = QNetworkInformation.instance()
            network.reachabilityChanged.connect(self._on_reachability_changed)

    def look(self) -> None:
        """Compare the clocks: only a sleep, or somebody who sets the clock, parts them."""
        difference = self._wall_clock() - self._steady_clock()
        late = self._steady_clock() - self._last_look - LOOK_MS / 1000
        has_slept = difference - self._difference > SLEPT_SECONDS or late > SLEPT_SECONDS
        self._difference, self._last_look = difference, self._steady_clock()
        if has_slept:
            self.woke.emit()

    def _on_reachability_changed(self, reachability: QNetworkInformation.Reachability) -> None:
        if reachability is not QNetworkInformation.Reachability.Disconnected:
            self.woke.emit()
