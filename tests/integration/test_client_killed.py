"""A client that is killed again and again delivers every message that it has stored.

docs/security.md, section 1: "an acknowledged message is never lost, and is shown once". What the
user has sent is on disk under its id for life before it leaves; half of the kills come the moment
an acknowledgement is seen.
"""

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from communicator.storage.database import Database
from communicator.storage.outbox import SqlOutbox
from communicator.storage.profile_folder import ProfileFolder
from embedded_server.administration.certificates import AUTHORITY_CERTIFICATE
from shared_protocol.addresses import BareJid
from tests.helpers.client_process import killable_client, spoken_words
from tests.helpers.killable_client import ACKNOWLEDGED, EMPTY, STORED, Order
from tests.helpers.message_ends import Receiver, WrittenMessage, kept_receiver
from tests.helpers.office import DOMAIN, PASSWORD, RunningOffice, running_office

KILLS = 20
RECEIVER_COMES_AT = 6  # until then the server keeps the messages
MESSAGES = 20  # of each life of the client
PATIENCE_SECONDS = 60.0
ROMEO = BareJid.parse(f"romeo@{DOMAIN}")
JULIET = BareJid.parse(f"juliet@{DOMAIN}")


class Clients:
    """One client after another on the same profile.

    Attributes:
        stored: What they reported to be on disk, in the order of their reports.
        acknowledged: Origin ids that they reported to be with the server.
        errors: What they wrote to their standard error.
    """

    def __init__(self, office: RunningOffice, profile: Path) -> None:
        self.stored: list[WrittenMessage] = []
        self.acknowledged: set[str] = set()
        self.errors = ""
        self.profile = profile
        self._office = office
        self._first = 0

    async def live_and_die(self, count: int, is_over: Callable[[Sequence[str]], bool]) -> None:
        """Run a client that writes messages; kill it when a line of its says what is wanted."""
        authority = self._office.folder / AUTHORITY_CERTIFICATE
        port = self._office.tls_port
        order = Order(self.profile, port, authority, ROMEO, JULIET, self._first, count)
        self._first += count
        async with killable_client(order, PASSWORD) as process:
            async with asyncio.timeout(PATIENCE_SECONDS):
                async for words in spoken_words(process):
                    self._note(words)
                    if is_over(words):
                        break
            process.kill()
            async for words in spoken_words(process):  # said before it died
                self._note(words)
            assert process.stderr is not None
            self.errors += (await process.stderr.read()).decode()

    def _note(self, words: Sequence[str]) -> None:
        match words:
            case [word, body, origin_id] if word == STORED:
                self.stored.append(WrittenMessage(origin_id, body))
            case [word, origin_id] if word == ACKNOWLEDGED:
                self.acknowledged.add(origin_id)


def _at_stored(number: int) -> Callable[[Sequence[str]], bool]:
    remaining = iter(range(number - 1, -1, -1))
    return lambda words: words[0] == STORED and next(remaining) == 0


def _at_acknowledged(words: Sequence[str]) -> bool:
    return words[0] == ACKNOWLEDGED


async def _kill_all(clients: Clients, numbers: range, chance: random.Random) -> None:
    for number in numbers:
        is_early = number % 2 == 0
        point = _at_stored(chance.randint(1, MESSAGES)) if is_early else _at_acknowledged
        await clients.live_and_die(MESSAGES, point)


async def _read(office: RunningOffice, receiver: Receiver, last_body: str) -> None:
    client = await office.log_in("juliet/balcony", is_direct=True)
    await receiver.read(
        client, until=lambda: any(one.body == last_body for one in receiver.shown[-1:])
    )


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_every_stored_message_arrives_once_though_the_client_is_killed_twenty_times(
    tmp_path: Path,
) -> None:
    """None that was stored is missing, none is shown twice, and their order is kept."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - "Seeds are printed; a failing seed becomes a test."
    chance = random.Random(seed)  # noqa: S311 - repeatable from its seed
    last_body = f"message-{KILLS * MESSAGES}"
    async with (
        running_office(tmp_path / "office") as office,
        kept_receiver(tmp_path / "juliet.db", str(JULIET)) as receiver,
    ):
        clients = Clients(office, tmp_path / "profile")
        await _kill_all(clients, range(RECEIVER_COMES_AT), chance)
        async with asyncio.TaskGroup() as group:
            group.create_task(_read(office, receiver, last_body))
            await _kill_all(clients, range(RECEIVER_COMES_AT, KILLS), chance)
            await clients.live_and_die(1, lambda words: words[0] == EMPTY)
    shown = receiver.shown
    shown_ids = [message.origin_id for message in shown]
    numbers = [int(message.body.rpartition("-")[2]) for message in shown]
    print(  # noqa: T201 - the figures of the run
        f"{len(clients.stored)} stored, {len(clients.acknowledged)} acknowledged, "
        f"{len(receiver.came)} came, {len(shown)} shown"
    )
    assert clients.errors == ""
    assert [message for message in clients.stored if message not in shown] == []
    assert sorted(clients.acknowledged - set(shown_ids)) == []
    assert [name for name, count in Counter(shown_ids).items() if count > 1] == []
    assert numbers == sorted(set(numbers))
    assert await _waiting(clients.profile) == []


async def _waiting(profile: Path) -> list[str]:
    database = Database(ProfileFolder(profile).database)
    await database.open()
    try:
        await database.use_account(ROMEO)
        return [message.body for message in await SqlOutbox(database).waiting()]
    finally:
        await database.close()
