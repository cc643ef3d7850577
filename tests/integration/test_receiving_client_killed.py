"""A client that is killed while messages come keeps every one of them, and shows it once.

XEP-0198, section 4: with an acknowledgement the receiver takes "responsibility" for a stanza. The
server forgets it then, so a client may acknowledge only what is on its disk.
"""

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from communicator.storage.database import Database
from communicator.storage.history import SqlHistory
from communicator.storage.profile_folder import ProfileFolder
from embedded_server.administration.certificates import AUTHORITY_CERTIFICATE
from shared_protocol.addresses import BareJid
from tests.helpers.client_process import killable_client, spoken_words
from tests.helpers.killable_client import ARRIVED, KEPT, Order
from tests.helpers.message_ends import Sender, WrittenMessage
from tests.helpers.office import DOMAIN, PASSWORD, RunningOffice, running_office

KILLS = 20
MESSAGES = 20  # written before each life of the client
PATIENCE_SECONDS = 60.0
ROMEO = BareJid.parse(f"romeo@{DOMAIN}")
JULIET = BareJid.parse(f"juliet@{DOMAIN}")


class Clients:
    """One receiving client after another on the same profile.

    Attributes:
        kept: What they reported to be new on their disk, in the order of their reports.
        errors: What they wrote to their standard error.
    """

    def __init__(self, office: RunningOffice, profile: Path) -> None:
        self.kept: list[WrittenMessage] = []
        self.errors = ""
        authority = office.folder / AUTHORITY_CERTIFICATE
        self._order = Order(profile, office.tls_port, authority, JULIET, ROMEO, first=0, count=0)

    async def live_and_die(self, word: str, number: int) -> None:
        """Run a client; kill it when it has said ``word`` for the ``number``-th time."""
        async with killable_client(self._order, PASSWORD) as process:
            async with asyncio.timeout(PATIENCE_SECONDS):
                async for words in spoken_words(process):
                    self._note(words)
                    number -= words[0] == word
                    if number == 0:
                        break
            process.kill()
            async for words in spoken_words(process):  # said before it died
                self._note(words)
            assert process.stderr is not None
            self.errors += (await process.stderr.read()).decode()

    async def live_until(self, last: WrittenMessage) -> None:
        """Run a client until it has this message."""
        async with (
            killable_client(self._order, PASSWORD) as process,
            asyncio.timeout(PATIENCE_SECONDS),
        ):
            async for words in spoken_words(process):
                self._note(words)
                if self.kept[-1:] == [last]:
                    break

    def _note(self, words: Sequence[str]) -> None:
        if words[0] == KEPT:
            self.kept.append(WrittenMessage(words[2], words[1]))


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_every_message_is_kept_once_though_the_receiver_is_killed_twenty_times(
    tmp_path: Path,
) -> None:
    """Half of the kills come when a message has arrived and is not yet on disk."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - a seed that fails can be tried again
    chance = random.Random(seed)  # noqa: S311 - repeatable from its seed
    async with running_office(tmp_path / "office") as office:
        clients = Clients(office, tmp_path / "profile")
        sender = Sender(str(JULIET), form="message-{}")
        for number in range(KILLS):
            await _talk(office, sender, MESSAGES)
            await clients.live_and_die(ARRIVED if number % 2 else KEPT, chance.randint(1, MESSAGES))
        await _talk(office, sender, 1)
        await clients.live_until(sender.written[-1])
    stored = await _stored(tmp_path / "profile")
    assert clients.errors == ""
    assert stored == sender.written
    assert [name for name, count in Counter(clients.kept).items() if count > 1] == []


async def _talk(office: RunningOffice, sender: Sender, count: int) -> None:
    client = await office.log_in("romeo/orchard", is_direct=True)
    await client.enable_acknowledgement()
    await sender.talk(client, group=count, new_messages=count)
    await office.end(client)


async def _stored(profile: Path) -> list[WrittenMessage]:
    database = Database(ProfileFolder(profile).database)
    await database.open()
    try:
        await database.use_account(JULIET)
        history = SqlHistory(database)
        outline = await history.outline(ROMEO, before=None, limit=100_000)
        messages = await history.messages([message_id for message_id, _ in outline])
        return [WrittenMessage(message.origin_id, message.body) for message in messages]
    finally:
        await database.close()
