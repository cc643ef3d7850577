"""Who is in the office: clients that chat, change their status, sit in rooms, flap, or go deaf."""

import random
import re
import time
from collections.abc import Callable, Sequence

from tests.bench.load.clients import Address, LoadClient
from tests.bench.load.scenarios import name_of
from tests.soak.day import Day

_CHAT = re.compile(rb"<body>C(\d+)\.(\d+)\.(\d+)</body>")
_ROOM = re.compile(rb"<body>R(\d+)\.(\d+)</body>")
_KEPT_BYTES = 2_048


def entered(address: Address, number: int, resource: str) -> LoadClient:
    """Log a client in, fetch its roster, and let it become available."""
    client = LoadClient(address, name_of(number))
    client.log_in(resource=resource)
    client.come()
    return client


class Found:
    """Finds marks in what arrives in pieces."""

    def __init__(
        self, pattern: "re.Pattern[bytes]", take: Callable[["re.Match[bytes]"], None]
    ) -> None:
        self._pattern = pattern
        self._take = take
        self._rest = b""

    def __call__(self, _client: LoadClient, data: bytes) -> None:
        """Take what arrived."""
        data = self._rest + data
        end = 0
        for found in self._pattern.finditer(data):
            self._take(found)
            end = found.end()
        self._rest = data[end:][-_KEPT_BYTES:]


class Chat:
    """Two who write to each other, with stream management; every message counts."""

    def __init__(self, day: Day, number: int, sender: LoadClient, receiver: LoadClient) -> None:
        self._day = day
        self._number = number
        self._sender = sender
        self._receiver = receiver
        self._sent = 0
        self._expected = 0
        receiver.on_data = Found(_CHAT, self._on_message)

    @property
    def missing(self) -> int:
        """How many have not arrived yet."""
        return self._sent - self._expected

    def say(self) -> None:
        """Send one message."""
        body = f"C{self._number}.{self._sent}.{time.perf_counter_ns()}"
        self._sender.send(
            f"<message to='{self._receiver.jid}' type='chat' id='c{self._sent}'>"
            f"<body>{body}</body></message>".encode()
        )
        self._sent += 1
        self._day.count("messages")

    def _on_message(self, found: "re.Match[bytes]") -> None:
        if int(found[1]) != self._number:
            return
        number = int(found[2])
        if number < self._expected:
            self._day.mistake("shown twice")
            return
        if number > self._expected:
            self._day.mistake("lost or reordered", number - self._expected)
        self._expected = number + 1
        seconds = (time.perf_counter_ns() - int(found[3])) / 1e9
        self._day.minute.latencies.append(seconds)


class Room:
    """A room: what one says, all must hear."""

    def __init__(self, day: Day, number: int, occupants: Sequence[LoadClient]) -> None:
        self._day = day
        self._number = number
        self._occupants = occupants
        self.jid = f"soak{number}@conference.{occupants[0].address.domain}"
        self._sent = 0
        self._heard = [0] * len(occupants)

    def open(self) -> None:
        """Let all join; the first makes the room."""
        for position, client in enumerate(self._occupants):
            client.write(
                f"<presence to='{self.jid}/{client.name}-{position}'>"
                "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
            )
            client.read_until(b"'110'")
            if position == 0:
                client.ask(
                    f"<iq type='set' id='o' to='{self.jid}'><query xmlns='http://jabber.org/"
                    "protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>"
                )
            client.on_data = Found(_ROOM, lambda found, at=position: self._on_message(at, found))

    @property
    def missing(self) -> int:
        """How many copies have not arrived yet."""
        return self._sent * len(self._heard) - sum(self._heard)

    def say(self, chance: random.Random) -> None:
        """Let one of them speak."""
        speaker = chance.choice(self._occupants)
        body = f"R{self._number}.{self._sent}"
        speaker.send(
            f"<message to='{self.jid}' type='groupchat'><body>{body}</body></message>".encode()
        )
        self._sent += 1
        self._day.count("room messages")

    def _on_message(self, position: int, found: "re.Match[bytes]") -> None:
        if int(found[1]) != self._number:
            return
        self._heard[position] += 1
        if self._heard[position] > self._sent:
            self._day.mistake("room message shown twice")
