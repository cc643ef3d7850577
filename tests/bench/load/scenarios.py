"""What is done to each server, and how often it happened."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.bench.load.clients import Address, ClientLoop, LoadClient

_BODY_BYTES = 100
_MARK = re.compile(rb"<body>L(\d+)\.(\d+)\.(\d+)\.(\d+)\.x*</body>")
_STATUS = re.compile(rb"<status>L(\d+)\.(\d+)\.(\d+)\.(\d+)\.x*</status>")
_SETTLE_SECONDS = 0.5
_LOGIN_THREADS = 8


@dataclass
class Tally:
    """What arrived.

    Attributes:
        count: Operations in the measured time.
        seconds: How long that was.
        wrong: Payloads that were lost, reordered or doubled.
        latencies: Seconds from sending to arrival, of each.
    """

    count: int = 0
    seconds: float = 0.0
    wrong: int = 0
    latencies: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return a percentile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[int(share * (len(ordered) - 1))] * 1_000 if ordered else 0.0


def registered(address: Address, count: int) -> None:
    """Make the accounts that the scenarios use; those that exist stay."""
    for start in range(0, count, 50):
        client = LoadClient(address, "")
        client.register(name_of(number) for number in range(start, min(start + 50, count)))
        client.close()


def name_of(number: int) -> str:
    """Return the name of an account."""
    return f"u{number}"


def logged_in(
    address: Address, numbers: Sequence[int], *, resource: str = "load", is_available: bool = True
) -> list[LoadClient]:
    """Log clients in, and let them become available."""

    def one(number: int) -> LoadClient:
        client = LoadClient(address, name_of(number))
        client.log_in(resource=resource)
        if is_available:
            client.come()
        return client

    with ThreadPoolExecutor(_LOGIN_THREADS) as pool:
        return list(pool.map(one, numbers))


class Stream:
    """Numbered payloads from one sender, and who has which of them.

    Attributes:
        run: Tells them from those of an earlier run, which a server may have kept.
        sent: How many were made.
        arrived: How many every receiver has.
    """

    def __init__(self, tally: Tally, receivers: int) -> None:
        self.tally = tally
        self.run = time.time_ns()
        self.sent = 0
        self.arrived = 0
        self._receivers = receivers
        self._expected: dict[int, int] = {}

    def take(self, receiver: int, number: int, sent_at: int) -> None:
        """A receiver has got a payload."""
        expected = self._expected.get(receiver, 0)
        if number != expected:
            self.tally.wrong += 1
        self._expected[receiver] = number + 1
        self.tally.count += 1
        self.tally.latencies.append((time.perf_counter_ns() - sent_at) / 1e9)
        if len(self._expected) == self._receivers:
            self.arrived = min(self._expected.values())

    def payload(self, stream: int) -> str:
        """Return the next payload."""
        head = f"L{stream}.{self.run}.{self.sent}.{time.perf_counter_ns()}."
        self.sent += 1
        return head + "x" * (_BODY_BYTES - len(head))


@contextmanager
def joined(clients: Sequence[LoadClient]) -> Iterator[ClientLoop]:
    """Serve clients for the time of a block, then close them."""
    loop = ClientLoop(clients)
    try:
        yield loop
    finally:
        loop.close()
        for client in clients:
            client.close()


def _reader(
    pattern: "re.Pattern[bytes]", streams: Sequence[Stream], receiver: int
) -> Callable[[LoadClient, bytes], None]:
    rest = b""

    def read(_client: LoadClient, data: bytes) -> None:
        nonlocal rest
        data = rest + data
        end = 0
        for found in pattern.finditer(data):
            stream = streams[int(found[1])]
            if stream.run == int(found[2]):
                stream.take(receiver, int(found[3]), int(found[4]))
            end = found.end()
        rest = data[end:][-2_048:]

    return read


@dataclass(frozen=True, kw_only=True)
class Load:
    """One run.

    Attributes:
        seconds: How long it is measured, after a fifth of it to warm up.
        begin: Called when the measured time begins.
    """

    address: Address
    seconds: float
    begin: Callable[[], None]


def messages(load: Load, *, pairs: int, window: int, has_acknowledgement: bool = False) -> Tally:
    """Pairs chat; each sender keeps ``window`` messages under way."""
    clients = logged_in(load.address, range(2 * pairs))
    if has_acknowledgement:
        for client in clients:
            client.enable_acknowledgement()
    tally = Tally()
    streams = [Stream(tally, 1) for _ in range(pairs)]
    for number, receiver in enumerate(clients[pairs:]):
        receiver.on_data = _reader(_MARK, streams, number)

    def turn() -> bool:
        for number, stream in enumerate(streams):
            missing = window - (stream.sent - stream.arrived)
            if missing > 0:
                to = clients[pairs + number].jid
                _send(clients[number], stream, number, to, missing)
        return False

    with joined(clients) as loop:
        _measure(load, loop, tally, turn)
    return tally


def messages_at_a_rate(load: Load, *, pairs: int, per_second: int) -> Tally:
    """Messages come when they are due, whether earlier ones have arrived or not."""
    clients = logged_in(load.address, range(2 * pairs))
    tally = Tally()
    streams = [Stream(tally, 1) for _ in range(pairs)]
    for number, receiver in enumerate(clients[pairs:]):
        receiver.on_data = _reader(_MARK, streams, number)
    begun = time.perf_counter()
    sent = 0

    def turn() -> bool:
        nonlocal sent
        due = int((time.perf_counter() - begun) * per_second)
        while sent < due:
            number = sent % pairs
            _send(clients[number], streams[number], number, clients[pairs + number].jid, 1)
            sent += 1
        return False

    with joined(clients) as loop:
        begun = time.perf_counter()
        _measure(load, loop, tally, turn)
    return tally


def logins(load: Load, *, clients: int) -> Tally:
    """Clients log in, fetch the roster, become available, and go."""
    numbers = range(clients)
    for client in logged_in(load.address, numbers):  # their keys are derived by now
        client.close()
    time.sleep(_SETTLE_SECONDS)
    tally = Tally()
    load.begin()
    begun = time.perf_counter()
    while time.perf_counter() - begun < load.seconds:
        for client in logged_in(load.address, numbers):
            client.close()
        tally.count += clients
    tally.seconds = time.perf_counter() - begun
    return tally


def rosters(load: Load, *, contacts: int) -> Tally:
    """One client fetches a roster again and again."""
    (client,) = logged_in(load.address, [0])
    for number in range(contacts):
        client.ask(
            f"<iq type='set' id='s{number}'><query xmlns='jabber:iq:roster'>"
            f"<item jid='contact{number}@{load.address.domain}' name='Contact {number}'>"
            "<group>Friends</group></item></query></iq>"
        )
    tally = Tally()
    load.begin()
    begun = time.perf_counter()
    while time.perf_counter() - begun < load.seconds:
        client.ask("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
        tally.count += 1
    tally.seconds = time.perf_counter() - begun
    client.close()
    return tally


def presences(load: Load, *, contacts: int, window: int) -> Tally:
    """One account changes its status, which all its contacts see."""
    clients = logged_in(load.address, range(contacts + 1))
    hub, *others = clients
    for other in others:
        other.write(f"<presence type='subscribe' to='{hub.jid}'/>")
        hub.read_until(b"'subscribe'")
        hub.write(f"<presence type='subscribed' to='{other.jid}'/>")
        other.read_until(b"'subscribed'")
    tally = Tally()
    stream = Stream(tally, contacts)
    for number, other in enumerate(others):
        other.on_data = _reader(_STATUS, [stream], number)

    def turn() -> bool:
        while stream.sent - stream.arrived < window:
            hub.send(f"<presence><status>{stream.payload(0)}</status></presence>".encode())
        return False

    with joined(clients) as loop:
        loop.run(_SETTLE_SECONDS)
        _measure(load, loop, tally, turn)
    return tally


def room(load: Load, *, occupants: int, window: int) -> Tally:
    """One occupant of a room talks; each occupant's copy is a delivery."""
    clients = logged_in(load.address, range(occupants))
    jid = f"bench{time.time_ns()}@conference.{load.address.domain}"
    for client in clients:
        client.write(
            f"<presence to='{jid}/{client.name}'><x xmlns='http://jabber.org/protocol/muc'/>"
            "</presence>"
        )
        client.read_until(b"'110'")
        if client is clients[0]:
            client.ask(
                f"<iq type='set' id='o' to='{jid}'><query xmlns='http://jabber.org/protocol/"
                "muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>"
            )
    tally = Tally()
    stream = Stream(tally, occupants)
    for number, client in enumerate(clients):
        client.on_data = _reader(_MARK, [stream], number)

    def turn() -> bool:
        while stream.sent - stream.arrived < window:
            body = stream.payload(0)
            text = f"<message to='{jid}' type='groupchat'><body>{body}</body></message>"
            clients[0].send(text.encode())
        return False

    with joined(clients) as loop:
        loop.run(4 * _SETTLE_SECONDS)
        _measure(load, loop, tally, turn)
    return tally


def _send(client: LoadClient, stream: Stream, number: int, to: str, count: int) -> None:
    """Send messages, in one piece."""
    parts = []
    for _ in range(count):
        body = stream.payload(number)
        parts.append(
            f"<message to='{to}' type='chat' id='m{stream.sent}'><body>{body}</body></message>"
        )
    client.send("".join(parts).encode())


def _measure(load: Load, loop: ClientLoop, tally: Tally, turn: Callable[[], bool]) -> None:
    loop.run(load.seconds / 5, turn=turn)
    tally.count, tally.latencies = 0, []
    load.begin()
    begun = time.perf_counter()
    loop.run(load.seconds, turn=turn)
    tally.seconds = time.perf_counter() - begun
