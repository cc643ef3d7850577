"""An office that is attacked from outside, in each phase of a stream."""

import contextlib
import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from embedded_server.config import LimitSettings
from embedded_server.network.connection import Connection
from shared_protocol.limits import ConnectionLimits
from tests.helpers.office import DOMAIN, PASSWORD, RunningOffice, client_tls
from tests.helpers.wire_client import WireClient

MEBIBYTE = 1_048_576


class Phase(Enum):
    """How far a stream has come when the attack begins; each has its own parser."""

    IN_CLEAR = "in clear text"
    IN_TLS = "encrypted, not logged in"
    LOGGED_IN = "logged in, not bound"
    BOUND = "bound"


async def stream_in(office: RunningOffice, phase: Phase, name: str = "romeo") -> WireClient:
    """Come as far as a phase; but for ``BOUND`` the next header has not been sent."""
    if phase is Phase.BOUND:
        return await office.log_in(f"{name}/orchard", is_direct=True)
    client = await office.connect()
    if phase is Phase.IN_CLEAR:
        return client
    await client.open_stream()
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    await client.receive()
    await client.shake_hands(client_tls(office.folder))
    if phase is Phase.LOGGED_IN:
        await client.open_stream()
        await client.log_in_only(name, PASSWORD)
    client.expect_header()
    return client


async def opened_in(office: RunningOffice, phase: Phase, name: str = "romeo") -> WireClient:
    """Come as far as a phase, with its header and features exchanged."""
    client = await stream_in(office, phase, name)
    if phase is not Phase.BOUND:
        await client.open_stream()
    return client


async def assert_colleagues_can_talk(office: RunningOffice) -> None:
    """The office serves the others as if nothing had happened."""
    juliet = await office.log_in("juliet/balcony", is_direct=True)
    nurse = await office.log_in("nurse/kitchen", is_direct=True)
    nurse.send(f"<message to='{juliet.jid}' id='well'><body>Madam!</body></message>")
    message = await juliet.receive_id("well")
    assert message.get("from") == nurse.jid
    for client in (juliet, nurse):
        await office.end(client)


class QuickLimits(LimitSettings):
    """Limits of connections with short times, for tests of what happens when they are over."""

    def connections(self) -> ConnectionLimits:
        return replace(LimitSettings.connections(self), write_seconds=1.0, negotiation_seconds=1.0)


def no_limits(**changes: object) -> LimitSettings:
    """Settings that slow nobody down but by what is named."""
    free = {"stanzas_per_second": 0, "bytes_per_second": 0, "counts_loopback": False}
    return LimitSettings(**{**free, **changes})


class MemoryUse:
    """What Python's memory grew by, in a block.

    Attributes:
        peak_bytes: At most.
        kept_bytes: At the end.
    """

    peak_bytes = 0
    kept_bytes = 0


@contextlib.contextmanager
def measured_memory() -> Iterator[MemoryUse]:
    """Measure what a block costs."""
    use = MemoryUse()
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        yield use
        use.peak_bytes = tracemalloc.get_traced_memory()[1] - before
        gc.collect()
        use.kept_bytes = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def connections_of(office: RunningOffice) -> list[Connection]:
    """Return the connections of clients that are open at the server."""
    return [one for listener in office.server._listeners for one in listener.connections]


def header(domain: str = DOMAIN) -> str:
    """An opening tag as a client writes it."""
    return (
        f"<stream:stream to='{domain}' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>"
    )
