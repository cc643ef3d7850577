"""The running office: start, status, deletion, stop; in the test's process and as its own."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from embedded_server.administration.setup_errors import OfficeInUseError
from embedded_server.network.errors import PortTakenError
from shared_protocol.namespaces import CLIENT, STREAM_MANAGEMENT
from tests.helpers.office import (
    LOOPBACK,
    RunningOffice,
    client_tls,
    made_office,
    office_process,
    office_settings,
    run_server_command,
    running_office,
    status_of,
)
from tests.helpers.wire_client import LoginRefusedError, WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]
BODY = f"{{{CLIENT}}}body"
CHAT = "<message type='chat' to='juliet@montague.lit' id='{0}'><body>{0}</body></message>"


async def test_status_tells_ports_sessions_accounts_and_storage(tmp_path: Path) -> None:
    async with running_office(tmp_path / "office") as office:
        await office.log_in("romeo/orchard")

        status = office.server.status()

        assert status == {
            "version": status["version"],
            "domain": "montague.lit",
            "ports": {"c2s": office.port, "direct_tls": office.tls_port, "http": office.http_port},
            "sessions": 1,
            "sessions_without_stream": 0,
            "accounts": 3,
            "uptime_seconds": status["uptime_seconds"],
            "storage": "ok",
        }


@pytest.mark.parametrize("is_direct", [False, True])
async def test_stop_says_system_shutdown_and_ends_soon(tmp_path: Path, *, is_direct: bool) -> None:
    """RFC 6120, section 4.9.3.20; security.md, fault 3: less than 5 s."""
    async with running_office(tmp_path / "office") as office:
        romeo = await office.log_in("romeo/orchard", is_direct=is_direct)
        idle = await office.connect()

        async with asyncio.timeout(5):
            stopping = asyncio.gather(office.server.stop(), romeo.wait_for_end())
            _, told = await stopping

        assert told == "system-shutdown"
        with pytest.raises(OSError, match=r"refused|reset|Connect call failed"):
            await WireClient.connect(office.port, office.domain)
        assert await idle.wait_for_end() == "system-shutdown"


async def test_deletion_of_an_account_ends_its_streams(tmp_path: Path) -> None:
    """XEP-0077, section 3.2: not-authorized, and the account cannot log in any more."""
    async with running_office(tmp_path / "office") as office:
        romeo = await office.log_in("romeo/orchard")

        await office.office.accounts.delete("romeo")

        assert await romeo.wait_for_end() == "not-authorized"
        with pytest.raises(LoginRefusedError, match="not-authorized"):
            await office.log_in("romeo/orchard")


async def test_stored_message_is_acknowledged_and_survives_an_unclean_end(tmp_path: Path) -> None:
    """security.md, section 8, fault 1: what <a/> covers is there after kill -9."""
    folder = await made_office(tmp_path / "office")
    tls = client_tls(folder)
    with office_process(folder) as process:
        jid = "romeo@montague.lit/orchard"
        romeo = await WireClient.log_in(process.port, jid, "wherefore art thou", tls=tls)
        await romeo.enable_acknowledgement()
        for number in range(20):
            romeo.send(CHAT.format(number))
        romeo.send(f"<r xmlns='{STREAM_MANAGEMENT}'/>")
        answer = await romeo.receive(lambda one: one.tag == f"{{{STREAM_MANAGEMENT}}}a")
        process.kill()
        await romeo.abort()

        process.start()
        jid = "juliet@montague.lit/balcony"
        juliet = await WireClient.log_in(
            process.tls_port, jid, "wherefore art thou", tls=tls, is_direct=True
        )
        juliet.send("<presence/>")
        bodies = [await juliet.receive(lambda one: one.find(BODY) is not None) for _ in range(20)]
        await juliet.abort()

    assert answer.get("h") == "20"
    assert [one.findtext(BODY) for one in bodies] == [str(number) for number in range(20)]


async def test_process_is_asked_and_stopped_by_its_command_line(tmp_path: Path) -> None:
    """Issue 2, section 3: status and stop."""
    folder = await made_office(tmp_path / "office")
    with office_process(folder) as process:
        status = await asyncio.to_thread(status_of, folder)
        made = await asyncio.to_thread(
            run_server_command, "accounts", "create", "tybalt", "--data", str(folder)
        )
        stopped = await asyncio.to_thread(run_server_command, "stop", "--data", str(folder))
        exit_status = await asyncio.to_thread(process.wait)

    assert status["ports"] == {
        "c2s": process.port,
        "direct_tls": process.tls_port,
        "http": process.endpoint.ports.http,
    }
    assert status["accounts"] == 3
    assert made.returncode == stopped.returncode == exit_status == 0
    assert "tybalt@montague.lit" in made.stdout


async def test_process_ends_well_at_sigterm(tmp_path: Path) -> None:
    """security.md, fault 3: a graceful stop."""
    folder = await made_office(tmp_path / "office")
    with office_process(folder) as process:
        jid = "romeo@montague.lit/orchard"
        tls = client_tls(folder)
        romeo = await WireClient.log_in(process.port, jid, "wherefore art thou", tls=tls)
        stopping = asyncio.to_thread(process.stop)

        exit_status, told = await asyncio.gather(stopping, romeo.wait_for_end())
        await romeo.abort()

    assert exit_status == 0
    assert told == "system-shutdown"


async def test_taken_port_is_told_and_nothing_stays_open(tmp_path: Path) -> None:
    """Issue 2, section 3: one clear line; nothing half-made."""
    folder = await made_office(tmp_path / "office")
    with socket.create_server((LOOPBACK, 0)) as other:
        settings = office_settings()
        taken = replace(settings.server, tls_port=other.getsockname()[1])
        office = RunningOffice(folder, replace(settings, server=taken))

        with pytest.raises(PortTakenError):
            await office.start()

    office = RunningOffice(folder, settings)
    await office.start()
    with pytest.raises(OfficeInUseError):
        await RunningOffice(folder, settings).start()
    await office.stop()
