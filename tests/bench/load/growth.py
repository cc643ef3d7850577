"""How the costs of this server grow: with the sessions that are there, and with the roster."""

import time
from collections.abc import Iterator
from functools import partial

from tests.bench.load.clients import LoadClient
from tests.bench.load.processes import cpu_seconds, resident_kilobytes
from tests.bench.load.scenarios import Load, Tally, logged_in, messages, rosters
from tests.bench.load.servers import Yardstick

SESSIONS = (100, 1_000, 5_000, 10_000)
CONTACTS = (10, 100, 1_000, 5_000)
_MICROSECONDS = 1e6
_SETTLE_SECONDS = 2.0
_ACCOUNTS = 320
_FIRST_IDLE_ACCOUNT = 40  # those before it chat


def growth(server: Yardstick, seconds: float) -> Iterator[str]:
    """Measure both, and yield the lines of two tables."""
    yield "| sessions | us per message, 20 pairs, window 4 | messages/s | kB RSS per session |"
    yield "|--:|--:|--:|--:|"
    warm = _idle_sessions(server, "warm", _ACCOUNTS)
    for client in warm:
        client.close()
    time.sleep(_SETTLE_SECONDS)
    before = resident_kilobytes(server.pid)
    idle: list[LoadClient] = []
    for count in SESSIONS:
        idle += _idle_sessions(server, f"idle{count}", count - len(idle))
        time.sleep(_SETTLE_SECONDS)
        each = (resident_kilobytes(server.pid) - before) / count
        cost, rate = _cost(server, seconds, partial(messages, pairs=20, window=4))
        yield f"| {count:,} | {cost:,.0f} | {rate:,.0f} | {each:.1f} |"
    for client in idle:
        client.close()
    time.sleep(_SETTLE_SECONDS)
    yield ""
    yield "| contacts | us per fetch of the roster | fetches/s |"
    yield "|--:|--:|--:|"
    for count in CONTACTS:
        cost, rate = _cost(server, seconds, partial(rosters, contacts=count))
        yield f"| {count:,} | {cost:,.0f} | {rate:,.0f} |"


def _idle_sessions(server: Yardstick, resource: str, count: int) -> list[LoadClient]:
    """Log in sessions that stay silent, over the accounts in turn."""
    there = _ACCOUNTS - _FIRST_IDLE_ACCOUNT
    clients = []
    for start in range(0, count, there):
        numbers = range(_FIRST_IDLE_ACCOUNT, _FIRST_IDLE_ACCOUNT + min(there, count - start))
        clients += logged_in(
            server.address, numbers, resource=f"{resource}-{start}", is_available=False
        )
    return clients


def _cost(server: Yardstick, seconds: float, run: "partial[Tally]") -> tuple[float, float]:
    before = 0.0

    def begin() -> None:
        nonlocal before
        before = cpu_seconds(server.pid)

    tally = run(Load(address=server.address, seconds=seconds, begin=begin))
    used = cpu_seconds(server.pid) - before
    return used / max(tally.count, 1) * _MICROSECONDS, tally.count / tally.seconds
