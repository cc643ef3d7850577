"""An office server that is killed again and again keeps what it acknowledged.

Security, section 1: "'Sent' means kept: an acknowledged message is never lost and is shown once";
section 10, fault F1: "kill -9 of the server". "Half of the kills must come the moment an
acknowledgement is seen."
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shared_protocol.stanzas.message_parts.stanza_ids import origin_id_of
from tests.faults.plan import plan_from_environment, unlimited
from tests.faults.server_stage import keep_ports
from tests.helpers.archive_pages import whole_archive
from tests.helpers.message_ends import Receiver, Sender, kept_receiver
from tests.helpers.office import (
    DOMAIN,
    PASSWORD,
    OfficeProcess,
    client_tls,
    made_office,
    office_process,
)
from tests.helpers.wire_client import StreamEndedError, WireClient

KILLS = plan_from_environment().kills
NEW_MESSAGES = 100  # at most, for each life of the server
GROUPS = (1, 5, 20)  # groups of 1 notice a missing uniqueness by origin id (section 10)
LONGEST_LIFE_SECONDS = 0.15
ROMEO = f"romeo@{DOMAIN}/orchard"
JULIET = f"juliet@{DOMAIN}"


class Stage:
    """An office that comes back at the same ports, a sender and a receiver.

    Attributes:
        kills_on_acknowledgement, random_kills: How many there were.
    """

    def __init__(self, server: OfficeProcess, receiver: Receiver, chance: random.Random) -> None:
        self.server = server
        self.sender = Sender(JULIET)
        self.receiver = receiver
        self.kills_on_acknowledgement = 0
        self.random_kills = 0
        self._chance = chance
        self._tls = client_tls(server.folder)

    async def live_and_die(self, *, is_receiver_there: bool, dies_on_acknowledgement: bool) -> None:
        """Talk, until the server is killed."""
        async with asyncio.TaskGroup() as group:
            if is_receiver_there:
                group.create_task(self._receive())
            async with self._logged_in(ROMEO) as client:
                await client.enable_acknowledgement()
                kill = (
                    self._killer_by_acknowledgement()
                    if dies_on_acknowledgement
                    else self._killer_by_time()
                )
                with contextlib.suppress(StreamEndedError, OSError):
                    await self.sender.talk(
                        client,
                        group=self._chance.choice(GROUPS),
                        new_messages=NEW_MESSAGES,
                        on_acknowledgement=kill,
                    )
                    await client.wait_for_end()

    async def restart(self) -> None:
        """Start the server where it was."""
        before = self.server.endpoint.ports
        await asyncio.to_thread(self.server.start)
        assert self.server.endpoint.ports == before

    async def finish(self) -> None:
        """Send all that waits and one message more; then let the receiver collect everything."""
        async with self._logged_in(ROMEO) as client:
            await client.enable_acknowledgement()
            await self.sender.talk(client, group=20, new_messages=1)
        last = self.sender.written[-1]
        async with self._logged_in(f"{JULIET}/balcony") as client:
            await self.receiver.read(client, until=lambda: last in self.receiver.shown[-1:])

    async def archived(self, account: str) -> list[str]:
        """Read the whole archive of an account; returns the senders' names, oldest first."""
        async with self._logged_in(f"{account}/archive") as client:
            return [origin_id_of(message) for message in await whole_archive(client)]

    def _killer_by_acknowledgement(self) -> Callable[[], None]:
        remaining = self._chance.randint(1, NEW_MESSAGES // max(GROUPS))

        def kill() -> None:
            nonlocal remaining
            remaining -= 1
            if not remaining:
                self.server.kill()
                self.kills_on_acknowledgement += 1

        return kill

    def _killer_by_time(self) -> Callable[[], None]:
        def kill() -> None:
            self.server.kill()
            self.random_kills += 1

        seconds = self._chance.uniform(0.0, LONGEST_LIFE_SECONDS)
        asyncio.get_running_loop().call_later(seconds, kill)  # the fault itself, not a wait
        return lambda: None

    async def _receive(self) -> None:
        with contextlib.suppress(StreamEndedError, OSError):
            async with self._logged_in(f"{JULIET}/balcony") as client:
                await self.receiver.read(client)

    @contextlib.asynccontextmanager
    async def _logged_in(self, jid: str) -> AsyncIterator[WireClient]:
        client = await WireClient.log_in(
            self.server.tls_port, jid, PASSWORD, tls=self._tls, is_direct=True
        )
        try:
            yield client
        finally:
            await client.abort()


@pytest.mark.asyncio
@pytest.mark.timeout(1_800)
async def test_no_acknowledged_message_is_lost_or_shown_twice_by_twenty_kills(
    tmp_path: Path,
) -> None:
    """Section 10: "acknowledged and missing 0, shown twice 0, order per sender kept".

    The archives of both sides hold the same, each message once.
    """
    plan = plan_from_environment()
    chance = plan.chance()
    folder = await made_office(tmp_path / "office", settings=unlimited())
    async with kept_receiver(tmp_path / "juliet.db", JULIET) as receiver:
        with office_process(folder) as server:
            keep_ports(server, unlimited())
            stage = Stage(server, receiver, chance)
            for number in range(KILLS):
                await stage.live_and_die(
                    is_receiver_there=number // 2 % 2 == 1, dies_on_acknowledgement=number % 2 == 0
                )
                await stage.restart()
            await stage.finish()
            archives = [await stage.archived(f"romeo@{DOMAIN}"), await stage.archived(JULIET)]
    sender = stage.sender
    shown_ids = [message.origin_id for message in receiver.shown]
    number_by_id = {one.origin_id: number for number, one in enumerate(sender.written)}
    numbers = [number_by_id[origin_id] for origin_id in shown_ids]
    print(  # noqa: T201 - the figures of the run
        f"{len(sender.written)} written, {len(sender.acknowledged)} acknowledged, "
        f"{len(receiver.came)} came, {len(shown_ids)} shown"
    )
    assert (stage.kills_on_acknowledgement, stage.random_kills) == (KILLS // 2, KILLS // 2)
    assert sender.refusals == []
    assert sorted(sender.acknowledged - set(shown_ids)) == []
    assert [name for name, count in Counter(shown_ids).items() if count > 1] == []
    assert numbers == sorted(numbers)
    assert receiver.shown == sender.written  # bodies too, and what was sent again
    assert archives == [shown_ids, shown_ids]
