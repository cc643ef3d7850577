"""Guessing passwords (security.md, row 31)."""

from embedded_server.sessions.login_throttle import LoginThrottle
from shared_protocol.limits import LoginLimits

STRANGER = "192.0.2.66"


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_thousand_guesses_in_five_minutes_are_twelve_tries_at_most() -> None:
    clock = HandClock()
    throttle = LoginThrottle(LoginLimits(), clock)
    tried = 0

    for _ in range(1_000):
        clock.now += 0.3
        if not throttle.delay("romeo", STRANGER):
            tried += 1
            throttle.count_failure("romeo", STRANGER)

    assert tried <= 12  # five, then after 8, 16, 32, 60, 60, 60, 60 seconds
    assert throttle.delay("romeo", STRANGER) > 0


def test_other_addresses_and_other_accounts_are_not_touched() -> None:
    throttle = LoginThrottle(LoginLimits(), HandClock())
    for _ in range(9):
        throttle.count_failure("romeo", STRANGER)

    assert throttle.delay("romeo", STRANGER) == 60
    assert throttle.delay("romeo", "192.0.2.1") == 0
    assert throttle.delay("juliet", STRANGER) == 0


def test_failures_are_forgotten_after_the_window_and_after_a_success() -> None:
    clock = HandClock()
    throttle = LoginThrottle(LoginLimits(), clock)
    for _ in range(4):
        throttle.count_failure("romeo", STRANGER)
    clock.now = 301.0
    throttle.count_failure("romeo", STRANGER)
    assert throttle.delay("romeo", STRANGER) == 0

    for _ in range(4):
        throttle.count_failure("romeo", STRANGER)
    assert throttle.delay("romeo", STRANGER) == 8
    throttle.forget("romeo", STRANGER)
    assert throttle.delay("romeo", STRANGER) == 0


def test_very_many_names_do_not_fill_the_memory() -> None:
    throttle = LoginThrottle(LoginLimits(failures=1), HandClock())

    for number in range(10_001):
        throttle.count_failure(f"montague{number}", STRANGER)

    assert throttle.delay("montague0", STRANGER) == 0
    assert throttle.delay("montague10000", STRANGER) == 8
