"""A communicator whose network comes and goes sends everything once (section 10, fault F5)."""

import asyncio
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path

import pytest

from embedded_server.administration.certificates import AUTHORITY_CERTIFICATE
from shared_protocol.addresses import BareJid
from tests.faults.plan import FaultPlan, unlimited
from tests.faults.tcp_proxy import TcpProxy
from tests.helpers.client_process import killable_client, spoken_words
from tests.helpers.killable_client import ACKNOWLEDGED, EMPTY, STORED, Order
from tests.helpers.message_ends import WrittenMessage, kept_receiver
from tests.helpers.office import DOMAIN, PASSWORD, running_office

ROMEO = BareJid.parse(f"romeo@{DOMAIN}")
JULIET = BareJid.parse(f"juliet@{DOMAIN}")
MESSAGES = 400


@pytest.mark.asyncio
@pytest.mark.timeout(600)
async def test_f05_communicator_sends_again_what_was_not_acknowledged(
    tmp_path: Path, plan: FaultPlan
) -> None:
    """ "``<failed h>``: only above h"; the outbox is "never cleared"."""
    async with (
        running_office(tmp_path / "office", settings=unlimited()) as office,
        TcpProxy(lambda: office.tls_port, seed=plan.seed).running() as proxy,
        kept_receiver(tmp_path / "juliet.db", str(JULIET)) as receiver,
    ):
        authority = office.folder / AUTHORITY_CERTIFICATE
        order = Order(
            tmp_path / "profile", proxy.port, authority, ROMEO, JULIET, first=0, count=MESSAGES
        )
        proxy.weather.delay_seconds = 0.02  # so that something is under way when it is cut
        async with (
            killable_client(order, PASSWORD) as process,
            asyncio.timeout(40 + 15 * plan.client_flaps),
        ):
            stored = await _talk(process, proxy, plan)
        client = await office.log_in("juliet/balcony", is_direct=True)
        await receiver.read(client, until=lambda: receiver.shown[-1:] == stored[-1:])
    shown = receiver.shown
    plan.report(f"F5, communicator: {proxy.passed} connections, {len(shown)} messages shown")

    assert proxy.passed > plan.client_flaps
    assert shown == stored
    assert [name for name, count in Counter(shown).items() if count > 1] == []


async def _talk(process: Process, proxy: TcpProxy, plan: FaultPlan) -> list[WrittenMessage]:
    """Cut the network right after acknowledgements; return what was written, when all is sent."""
    chance = plan.chance()
    stored: list[WrittenMessage] = []
    flaps, patience = plan.client_flaps, 1
    async for words in spoken_words(process):
        if words[0] == STORED:
            stored.append(WrittenMessage(words[2], words[1]))
        elif words[0] == ACKNOWLEDGED and flaps:
            patience -= 1
            if patience <= 0 and proxy.cut(is_reset=chance.random() < 0.5):
                flaps, patience = flaps - 1, chance.randint(1, MESSAGES // plan.client_flaps // 2)
        elif words[0] == EMPTY and len(stored) == MESSAGES and not flaps:
            break
    return stored
