"""A computer that slept, as its clocks show it."""

from pytestqt.qtbot import QtBot

from communicator.ui.wake_watch import LOOK_MS, WakeWatch

LOOK_SECONDS = LOOK_MS / 1000


class Clocks:
    """Two clocks that a test moves: in a sleep only the wall clock goes on."""

    def __init__(self) -> None:
        self.wall = 1_000_000.0
        self.steady = 50.0
        self.watch = WakeWatch(wall_clock=lambda: self.wall, steady_clock=lambda: self.steady)
        self.woken = 0
        self.watch.woke.connect(self._on_woke)

    def pass_time(self, seconds: float, *, asleep: float = 0.0) -> None:
        self.wall += seconds + asleep
        self.steady += seconds
        self.watch.look()

    def _on_woke(self) -> None:
        self.woken += 1


def test_sleep_is_noticed_once(qtbot: QtBot) -> None:
    clocks = Clocks()
    clocks.pass_time(LOOK_SECONDS)
    assert clocks.woken == 0

    clocks.pass_time(1.0, asleep=600.0)
    clocks.pass_time(LOOK_SECONDS)

    assert clocks.woken == 1


def test_sleep_with_a_clock_that_goes_on_is_noticed_too(qtbot: QtBot) -> None:
    """As on Windows, where the steady clock counts the sleep."""
    clocks = Clocks()

    clocks.pass_time(600.0)

    assert clocks.woken == 1


def test_small_corrections_of_the_clock_are_no_sleep(qtbot: QtBot) -> None:
    clocks = Clocks()

    clocks.pass_time(LOOK_SECONDS, asleep=2.0)
    clocks.pass_time(LOOK_SECONDS, asleep=-3_600.0)

    assert clocks.woken == 0
