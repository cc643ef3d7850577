"""An acknowledgement that is lost on the way costs nothing (security, section 10, fault F7)."""

import asyncio
from pathlib import Path

import pytest

from tests.faults.conversation import Conversation, Listener, Talker
from tests.faults.managed_client import Way
from tests.faults.plan import FaultPlan, unlimited
from tests.faults.tcp_proxy import TcpProxy, proxy_tls
from tests.helpers.office import DOMAIN, PASSWORD, RunningOffice, client_tls, running_office

ROMEO = f"romeo@{DOMAIN}/orchard"
JULIET = f"juliet@{DOMAIN}/balcony"
LOST_SHARE = 0.2
WINDOW = 20

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(120)]


class LossyOffice:
    """An office whose acknowledgements are lost now and then, and the connection with them.

    Attributes:
        losses: How many acknowledgements were lost.
    """

    def __init__(
        self, office: RunningOffice, proxy: TcpProxy, plan: FaultPlan, *, is_resuming: bool
    ) -> None:
        self.losses = 0
        self._proxy = proxy
        self._chance = plan.chance()
        tls = client_tls(office.folder)
        self.talker = Talker(
            Way(lambda: proxy.port, tls, PASSWORD),
            ROMEO,
            f"juliet@{DOMAIN}",
            per_second=500,
            is_resuming=is_resuming,
        )
        self.listener = Listener(Way(lambda: office.tls_port, tls, PASSWORD), JULIET)
        proxy.weather.watched = frozenset({"a"})
        proxy.weather.is_dropped = self._loses

    def _loses(self, _name: str) -> bool:
        if self._chance.random() > LOST_SHARE:
            return False
        self.losses += 1
        asyncio.get_running_loop().call_soon(self._proxy.cut)
        return True


@pytest.mark.parametrize(
    ("is_receiver_there", "is_resuming"), [(False, False), (True, False), (True, True)]
)
async def test_f07_message_whose_acknowledgement_was_lost_is_shown_once(
    tmp_path: Path, plan: FaultPlan, *, is_receiver_there: bool, is_resuming: bool
) -> None:
    """ "Proxy drops ``<a/>``, then cuts": "shown once, 500 of 500"."""
    async with running_office(tmp_path / "office", settings=unlimited()) as office:
        tls = proxy_tls(office.folder, DOMAIN)
        async with TcpProxy(lambda: office.tls_port, tls=tls).running() as proxy:
            stage = LossyOffice(office, proxy, plan, is_resuming=is_resuming)
            stage.talker.limit(plan.lost_acknowledgements)
            listeners = [stage.listener] if is_receiver_there else []
            async with Conversation([stage.talker], listeners).going_on():
                await stage.talker.written()
                await stage.talker.finish()
            conversation = Conversation([stage.talker], [stage.listener])
            async with conversation.going_on():
                verdict = await conversation.come_to_rest()
    plan.report(f"F7: {stage.losses} acknowledgements lost, {verdict}")

    assert verdict.faults == []
    assert verdict.acknowledged == verdict.shown == plan.lost_acknowledgements
    assert stage.losses >= plan.lost_acknowledgements // 100
    if not is_receiver_there:  # one row for each, however often it was sent (section 8.6)
        assert len(stage.listener.log.came) == plan.lost_acknowledgements
