"""How long the fault tests take: the subset of three minutes in ``make test``, or the whole plan.

``make soak SECONDS=... SEED=...`` sets the environment that is read here.
"""

import os
import random
import secrets
from dataclasses import dataclass, field

import pytest

from embedded_server.config import LimitSettings, Settings
from tests.helpers.office import office_settings

SOAK_SECONDS = "PARLOUR_SOAK_SECONDS"
SEED = "PARLOUR_SEED"
soak_only = pytest.mark.skipif(not os.environ.get(SOAK_SECONDS), reason="only in make soak")


@dataclass(frozen=True)
class FaultPlan:
    """How often each fault happens (security, section 10).

    Attributes:
        seed: Of everything that is left to chance; printed, so that a failure can be repeated.
        soak_seconds: How long the endurance run takes; 0 in ``make test``, which has none.
        recordings: Runs that are recorded for power cuts; the cuts are spread over them.
    """

    seed: int
    soak_seconds: float = 0.0
    kills: int = 20
    power_cuts: int = 300
    recordings: int = 3
    flaps: int = 30
    calm_seconds: tuple[float, float] = (0.1, 0.5)
    flap_seconds: tuple[float, float] = (0.0, 0.2)
    client_flaps: int = 2
    graceful_stops: int = 3
    lost_acknowledgements: int = 500
    failing_syncs: int = 5
    upgrade_cuts: int = 20
    two_device_messages: int = 100
    sleep_seconds: float = 120.0
    notes: list[str] = field(default_factory=list)

    def chance(self) -> random.Random:
        """Begin the run of chance anew."""
        self.report(f"seed {self.seed}")
        return random.Random(self.seed)  # noqa: S311 - repeatable from its seed

    def report(self, line: str) -> None:
        """Show a figure of the run."""
        self.notes.append(line)
        print(line)  # noqa: T201 - the figures of the run


def plan_from_environment() -> FaultPlan:
    """Read what ``make soak`` wants."""
    seed = int(os.environ.get(SEED) or secrets.randbits(32))
    seconds = float(os.environ.get(SOAK_SECONDS) or 0)
    if not seconds:
        return FaultPlan(seed)
    return FaultPlan(
        seed,
        seconds,
        kills=100,
        power_cuts=1_000,
        recordings=10,
        flaps=200,
        calm_seconds=(0.5, 3.0),
        flap_seconds=(0.0, 3.0),
        client_flaps=30,
        graceful_stops=50,
        failing_syncs=50,
        upgrade_cuts=1_000,
        two_device_messages=1_000,
    )


def unlimited() -> Settings:
    """Settings of an office that slows nobody down, so that a fault is all that happens."""
    limits = LimitSettings(
        stanzas_per_second=0, bytes_per_second=0, counts_loopback=False, offline_messages=0
    )
    return office_settings(limits=limits)
