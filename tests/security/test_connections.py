"""What connections may cost (docs/security.md, rows 8, 9, 11 to 13 and 22)."""

import asyncio
import contextlib
import gc
import shutil
import ssl
import subprocess
import time
import warnings
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from tests.faults.plan import plan_from_environment
from tests.faults.waiting import wait_until
from tests.helpers.office import (
    DOMAIN,
    LOOPBACK,
    PASSWORD,
    RunningOffice,
    client_tls,
    office_settings,
    running_office,
)
from tests.helpers.wire_client import Own, WireClient
from tests.security.attack_stage import (
    QuickLimits,
    assert_colleagues_can_talk,
    connections_of,
    header,
    measured_memory,
    no_limits,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(600)]

IS_SOAK = plan_from_environment().soak_seconds > 0
OPENED_AND_CLOSED = 10_000 if IS_SOAK else 1_000
AT_ONCE = 50
SLOW_ONES = 500 if IS_SOAK else 100
DEAD_READERS = 1_000 if IS_SOAK else 20
HELD_BYTES = 65_536
BEGINNING_OF_A_HELLO = bytes.fromhex("16 03 01 02 00 01 00 01 fc 03 03") + bytes(500)
TLS_1_2_CIPHER_WITHOUT_AEAD = "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:AES128-SHA"


async def test_r08_unfinished_logins_leave_nothing_behind(tmp_path: Path) -> None:
    """ "10,000 open and close: memory and timers back to base + 5 %"."""
    settings = office_settings(limits=no_limits(connections_before_login=0))
    async with running_office(tmp_path / "office", settings=settings) as office:
        await open_and_close(office, AT_ONCE)  # what the first ones need, all others share
        with measured_memory() as memory:
            for _ in range(OPENED_AND_CLOSED // AT_ONCE):
                await open_and_close(office, AT_ONCE)

        assert not connections_of(office)
        assert memory.kept_bytes < OPENED_AND_CLOSED * 50
        await assert_colleagues_can_talk(office)


async def open_and_close(office: RunningOffice, count: int) -> None:
    """Begin streams, some of them with TLS in the midst of its handshake, and cut them."""
    ends = [await asyncio.open_connection(LOOPBACK, office.port) for _ in range(count)]
    ends += [await asyncio.open_connection(LOOPBACK, office.tls_port) for _ in range(count // 5)]
    for number, (_reader, writer) in enumerate(ends):
        writer.write((header() if number % 2 else "<").encode())
    await wait_until(lambda: len(connections_of(office)) >= len(ends))
    for _reader, writer in ends:
        writer.transport.abort()
    await wait_until(lambda: not connections_of(office))
    gc.collect()


@pytest.mark.parametrize("is_direct", [False, True])
async def test_r09_slow_peers_are_cut_by_an_absolute_deadline(
    tmp_path: Path, *, is_direct: bool
) -> None:
    """ "A byte per 10 s, stalled hello": "500 slow ones cut at 30 s, others log in meanwhile"."""
    limits = QuickLimits(counts_loopback=False)
    async with running_office(
        tmp_path / "office", settings=office_settings(limits=limits)
    ) as office:
        port = office.tls_port if is_direct else office.port
        hello = BEGINNING_OF_A_HELLO if is_direct else header().encode()
        slow = [await asyncio.open_connection(LOOPBACK, port) for _ in range(SLOW_ONES)]
        began = time.monotonic()
        dripping = asyncio.ensure_future(drip(slow, hello))  # noqa: TID251 - cancelled below
        await assert_colleagues_can_talk(office)
        await asyncio.gather(*(read_to_end(reader) for reader, _writer in slow))
        took = time.monotonic() - began
        dripping.cancel()
        for _reader, writer in slow:
            writer.transport.abort()

    assert 0.9 < took < 10


async def drip(ends: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]], hello: bytes) -> None:
    """Send a byte now and then, so that none of them is ever silent for long."""
    for byte in hello:
        for _reader, writer in ends:
            if not writer.is_closing():
                writer.write(bytes((byte,)))
        await asyncio.sleep(0.3)


async def read_to_end(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(4_096):
            pass


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl asks for renegotiation")
async def test_r11_tls_is_not_negotiated_again(office: RunningOffice) -> None:
    """CVE-2021-32920: a client that asks again and again costs the server a handshake each."""
    command = ["openssl", "s_client", "-connect", f"{LOOPBACK}:{office.tls_port}", "-tls1_2"]

    done = await asyncio.to_thread(
        subprocess.run,
        command,
        input=b"R\n" * 3,
        capture_output=True,
        timeout=20,
        check=False,
    )

    said = (done.stdout + done.stderr).decode(errors="replace").lower()
    assert "renegotiating" in said
    assert "no renegotiation" in said or "handshake failure" in said or done.returncode
    assert said.count("renegotiating") == 1  # the connection did not outlive the first
    await assert_colleagues_can_talk(office)


async def test_r12_who_never_reads_holds_little_and_is_cut(tmp_path: Path) -> None:
    """ "1,000 dead readers: < 64 KiB each, cut <= 60 s" (here after 1 s), "others' p99 same"."""
    settings = office_settings(
        limits=QuickLimits(stanzas_per_second=0, bytes_per_second=0, counts_loopback=False)
    )
    async with running_office(tmp_path / "office", settings=settings) as office:
        dead = [await dead_reader(office) for _ in range(DEAD_READERS)]
        romeo = await office.log_in("romeo/orchard", is_direct=True)
        await wait_until(lambda: office.server.status()["sessions"] == DEAD_READERS + 1)
        body = "x" * 4_000
        most_held = 0
        began = time.monotonic()
        while office.server.status()["sessions"] > 1 and time.monotonic() - began < 60:
            romeo.send(f"<message to='juliet@{DOMAIN}'><body>{body}</body></message>")
            romeo.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>")
            assert (await romeo.receive_id("p")).get("type") == "result"
            held = [one.out_bytes for one in connections_of(office)]
            most_held = max(most_held, *held)
        for client in dead:
            await client.abort()

        assert office.server.status()["sessions"] == 1
        assert most_held < HELD_BYTES + 8_192  # the limit, and the stanza that passed it
        await assert_colleagues_can_talk(office)


async def dead_reader(office: RunningOffice) -> WireClient:
    """Log in, become available, and read no more."""
    client = await WireClient.connect(
        office.tls_port,
        DOMAIN,
        tls=client_tls(office.folder),
        own=Own(receive_buffer_bytes=4_096),
    )
    await client.enter(f"juliet@{DOMAIN}", PASSWORD, tls=None)
    client.send("<presence/>")
    return client


async def test_r13_flood_of_one_is_slowed_down_and_nobody_else(tmp_path: Path) -> None:
    """ "One abuser at full speed": reading pauses, "pause reading", and others are answered."""
    limits = no_limits(stanzas_per_second=50)
    async with running_office(
        tmp_path / "office", settings=office_settings(limits=limits)
    ) as office:
        juliet = await office.log_in("juliet/balcony", is_direct=True)
        juliet.send("<presence/>")
        nurse = await office.log_in("nurse/kitchen", is_direct=True)
        romeo = await office.log_in("romeo/orchard", is_direct=True)
        began = time.monotonic()
        for number in range(2_000):
            romeo.send(f"<message to='{juliet.jid}' id='f{number}'><body>spam</body></message>")
        for number in range(20):
            nurse.send(f"<message to='{juliet.jid}' id='n{number}'><body>Madam</body></message>")
            await juliet.receive_id(f"n{number}")
        took = time.monotonic() - began

        arrived = sum(is_spam(one) for one in juliet.received)
        allowed = 50 * (took + 2) + 50  # the rate, its burst of 2 s, and what one read takes
        assert arrived <= allowed


def is_spam(stanza: Element) -> bool:
    return (stanza.get("id") or "").startswith("f")


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["TLS 1.0", "TLS 1.1"]
)
async def test_r22_old_versions_of_tls_are_refused(
    office: RunningOffice, version: ssl.TLSVersion
) -> None:
    context = client_tls(office.folder)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the old version is the point
        context.minimum_version = context.maximum_version = version

    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await WireClient.connect(office.tls_port, DOMAIN, tls=context)


async def test_r22_ciphers_without_authentication_are_refused(office: RunningOffice) -> None:
    context = client_tls(office.folder)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(TLS_1_2_CIPHER_WITHOUT_AEAD)

    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await WireClient.connect(office.tls_port, DOMAIN, tls=context)


async def test_r22_what_is_agreed_on_is_new_and_authenticated(office: RunningOffice) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = client_tls(office.folder)
        context.minimum_version = context.maximum_version = version
        client = await WireClient.connect(office.tls_port, DOMAIN, tls=context)
        cipher = client.tls_cipher
        await client.abort()

        assert "GCM" in cipher or "CHACHA20" in cipher
