"""A network that comes and goes, and one that crawls (security, section 10, faults F5 and F6)."""

import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.faults.conversation import Conversation, Listener, Talker
from tests.faults.managed_client import Way, pause
from tests.faults.plan import FaultPlan, soak_only, unlimited
from tests.faults.tcp_proxy import TcpProxy, Weather
from tests.helpers.office import DOMAIN, PASSWORD, RunningOffice, client_tls, running_office

PAIRS = (("romeo", "juliet"), ("juliet", "nurse"), ("nurse", "romeo"))
SLOW_SECONDS = 60.0
RESUMED_SHARE = 0.95

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(3_600)]


@contextlib.asynccontextmanager
async def proxied(folder: Path, plan: FaultPlan) -> AsyncIterator[tuple[RunningOffice, TcpProxy]]:
    async with (
        running_office(folder, settings=unlimited()) as office,
        TcpProxy(lambda: office.tls_port, seed=plan.seed).running() as proxy,
    ):
        yield office, proxy


def conversation_over(
    office: RunningOffice, port: int, *, per_second: float, is_resuming: bool = True
) -> Conversation:
    """Everybody writes to somebody, and everybody listens, all through one port."""
    way = Way(lambda: port, client_tls(office.folder), PASSWORD)
    return Conversation(
        [
            Talker(
                way,
                f"{one}@{DOMAIN}/pen",
                f"{other}@{DOMAIN}",
                per_second=per_second,
                is_resuming=is_resuming,
            )
            for one, other in PAIRS
        ],
        [Listener(way, f"{one}@{DOMAIN}/ear", is_resuming=is_resuming) for one, _other in PAIRS],
    )


KINDS = ("cut", "reset", "some", "hole")


async def flap(
    proxy: TcpProxy, chance: random.Random, seconds: float, kinds: Sequence[str] = KINDS
) -> None:
    """Let the network fail in one of its ways, and come back."""
    match chance.choice(kinds):
        case "cut":
            proxy.cut()
        case "reset":
            proxy.cut(is_reset=True)
        case "some":
            proxy.cut(share=0.5, is_reset=chance.random() < 0.5)
        case "half-open":
            proxy.half_open()
        case "hole":
            proxy.weather.is_black_hole = True
            await pause(seconds)
            proxy.weather.is_black_hole = False
            proxy.cut()
    proxy.is_open = chance.random() < 0.5
    await pause(seconds)
    proxy.is_open = True


@pytest.mark.parametrize("is_resuming", [True, False])
async def test_f05_flapping_network_loses_and_doubles_nothing(
    tmp_path: Path, plan: FaultPlan, *, is_resuming: bool
) -> None:
    """ "0 lost, 0 twice; >= 95 % resumed"; ``<failed h>``: only above h."""
    chance = plan.chance()
    async with proxied(tmp_path / "office", plan) as (office, proxy):
        conversation = conversation_over(office, proxy.port, per_second=50, is_resuming=is_resuming)
        async with conversation.going_on():
            for _ in range(plan.flaps):
                await pause(chance.uniform(*plan.calm_seconds))
                # Without resumption the office waits for the lost end, and the rest overtakes.
                kinds = (*KINDS, "half-open") if conversation.can_resume else KINDS
                await flap(proxy, chance, chance.uniform(*plan.flap_seconds), kinds)
            verdict = await conversation.come_to_rest()
        clients = conversation.clients
    begun = sum(one.begun for one in clients) - len(clients)
    resumed = sum(one.resumed for one in clients)
    plan.report(f"F5: {plan.flaps} flaps, {resumed} resumed, {begun} begun anew; {verdict}")

    assert verdict.faults == []
    assert verdict.refused == 0
    assert verdict.acknowledged == verdict.sent
    assert not is_resuming or resumed >= (resumed + begun) * RESUMED_SHARE


@soak_only
async def test_f06_slow_and_lossy_link_stalls_nobody_else(tmp_path: Path, plan: FaultPlan) -> None:
    """ "200 +- 100 ms, 1 KiB/s, 1 % resets in a stanza": "no stall of others"."""
    chance = plan.chance()
    async with proxied(tmp_path / "office", plan) as (office, proxy):
        proxy.weather = Weather(delay_seconds=0.2, jitter_seconds=0.1, bytes_per_second=1_024)
        slow = conversation_over(office, proxy.port, per_second=1)
        quick = conversation_over(office, office.tls_port, per_second=20)
        async with slow.going_on(), quick.going_on():
            for _ in range(round(SLOW_SECONDS)):
                await pause(1.0)
                proxy.cut(is_reset=True, share=0.01 if chance.random() < 0.9 else 0.3)
            quick_verdict = await quick.come_to_rest(seconds=10)
            proxy.weather = Weather()
            slow_verdict = await slow.come_to_rest()
    plan.report(f"F6: beside it {quick_verdict}")
    plan.report(f"F6: over it {slow_verdict}")

    assert quick_verdict.missing == []
    assert slow_verdict.faults == []
    assert quick_verdict.sent > SLOW_SECONDS * 20
