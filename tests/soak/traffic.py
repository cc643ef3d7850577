"""What happens beside the chats: status, publishing, uploads, flapping and deaf clients."""

import http.client
import random
import re
import secrets
import ssl
from collections.abc import Iterator

from tests.bench.load.clients import LOOPBACK, Address, LoadClient
from tests.soak.day import Day
from tests.soak.people import entered

_SHOWS = ("away", "chat", "dnd", "xa")
_UPLOAD_BYTES = 100_000
_SECONDS = 20.0
_SLOT = re.compile(rb"<(put|get) url=['\"]https://[^:/]+:(\d+)([^'\"]+)['\"]")
_AUTHORISATION = re.compile(rb"<header name=['\"]([^'\"]+)['\"]>([^<]+)</header>")


def change_status(day: Day, client: LoadClient, chance: random.Random) -> None:
    """Send another presence."""
    show = chance.choice(_SHOWS)
    client.send(
        f"<presence><show>{show}</show><status>until {chance.random():.3f}</status>"
        "</presence>".encode()
    )
    day.count("presences")


def publish(day: Day, client: LoadClient, chance: random.Random) -> None:
    """Publish a tune (XEP-0118)."""
    client.send(
        f"<iq type='set' id='t{chance.random():.6f}'><pubsub xmlns='http://jabber.org/protocol/"
        "pubsub'><publish node='http://jabber.org/protocol/tune'><item id='current'>"
        f"<tune xmlns='http://jabber.org/protocol/tune'><length>{chance.randrange(900)}</length>"
        "</tune></item></publish></pubsub></iq>".encode()
    )
    day.count("published")


def upload(day: Day, client: LoadClient) -> None:
    """Upload a file and fetch it again (XEP-0363); blocking, for a thread of its own."""
    answer = client.ask(
        f"<iq type='get' id='u{secrets.token_hex(4)}' to='upload.{client.address.domain}'>"
        f"<request xmlns='urn:xmpp:http:upload:0' filename='a.bin' size='{_UPLOAD_BYTES}' "
        "content-type='application/octet-stream'/></iq>"
    )
    slots = {found[1]: (int(found[2]), found[3].decode()) for found in _SLOT.finditer(answer)}
    if set(slots) != {b"put", b"get"}:
        day.mistake("uploads without a slot")
        return
    headers = {
        "Content-Type": "application/octet-stream",
        **{one[1].decode(): one[2].decode() for one in _AUTHORISATION.finditer(answer)},
    }
    data = secrets.token_bytes(_UPLOAD_BYTES)
    put_status, _ = _request("PUT", slots[b"put"], data, headers)
    get_status, got = _request("GET", slots[b"get"], None, {})
    if (put_status, get_status) != (201, 200) or got != data:
        day.mistake("uploads that came back otherwise")
    day.count("uploads")


class Flapping:
    """Clients that come and go: half of them say good-bye, the others are cut off."""

    def __init__(self, day: Day, address: Address, numbers: range) -> None:
        self._day = day
        self._address = address
        self._numbers = numbers
        self._there: list[LoadClient] = []

    def flap(self, chance: random.Random, *, most: int) -> None:
        """Let one come; beyond a number, let one go."""
        resource = f"flap{chance.randrange(10**6)}"
        client = entered(self._address, chance.choice(self._numbers), resource)
        if chance.random() < 0.5:
            client.write("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
        self._there.append(client)
        self._day.count("flaps")
        if len(self._there) > most:
            gone = self._there.pop(chance.randrange(len(self._there)))
            if chance.random() < 0.5:
                gone.write("</stream:stream>")
            gone.close()

    def close(self) -> None:
        """End those that are there."""
        for client in self._there:
            client.close()


class Deaf:
    """Clients that stop reading while they are written to: the server has to cut them."""

    def __init__(self, day: Day, address: Address, numbers: range) -> None:
        self._day = day
        self._address = address
        self._numbers = numbers
        self._there: list[LoadClient] = []

    def replace(self, chance: random.Random, *, most: int) -> None:
        """Let one more go deaf; beyond a number, forget the oldest."""
        client = entered(self._address, chance.choice(self._numbers), f"deaf{chance.random():.6f}")
        client.unblock()
        self._there.append(client)
        self._day.count("deaf")
        if len(self._there) > most:
            self._there.pop(0).close()

    def targets(self) -> Iterator[str]:
        """Return whom to write to, so that it matters."""
        for client in self._there:
            yield client.jid

    def close(self) -> None:
        """End those that are there."""
        for client in self._there:
            client.close()


def _request(
    method: str, slot: tuple[int, str], body: bytes | None, headers: dict[str, str]
) -> tuple[int, bytes]:
    port, path = slot
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=_SECONDS, context=context)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
