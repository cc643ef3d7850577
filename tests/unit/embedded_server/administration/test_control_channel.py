import asyncio
import json
import os
import stat
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from embedded_server.administration.control_client import OperationRefusedError, ask_server
from embedded_server.administration.control_place import read_endpoint, socket_path
from embedded_server.administration.setup_errors import OfficeStoppedError, SetupError
from shared_protocol.control.control_endpoint import PublicPorts, UnixAddress
from shared_protocol.control.control_messages import Event, from_line
from shared_protocol.control.handshake import ClientHandshake

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

Running = Callable[[], AbstractAsyncContextManager[Any]]
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def mode_of(path: Path) -> int | None:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


async def connected(folder: Path) -> Line:
    address = read_endpoint(folder).address
    assert isinstance(address, UnixAddress)
    return await asyncio.open_unix_connection(address.path)


async def proved(folder: Path) -> Line:
    reader, writer = await connected(folder)
    handshake = ClientHandshake(read_endpoint(folder).token)
    writer.write(handshake.receive(await reader.readuntil()))
    handshake.receive(await reader.readuntil())
    return reader, writer


async def test_endpoint_names_process_ports_and_socket_for_the_owner_only(
    office_folder: Path, running: Running
) -> None:
    """Hosting.md 5.1."""
    async with running():
        endpoint = read_endpoint(office_folder)
        assert isinstance(endpoint.address, UnixAddress)
        path = Path(endpoint.address.path)

        assert endpoint.pid == os.getpid()
        assert endpoint.version == "1.2"
        assert endpoint.ports == PublicPorts(c2s=5222, direct_tls=5223)
        assert mode_of(office_folder / "control.json") == 0o600
        assert mode_of(path) == 0o600
        assert mode_of(path.parent) == 0o700
    assert mode_of(office_folder / "control.json") is None
    assert mode_of(path) is None


async def test_client_that_knows_the_token_is_answered(
    office_folder: Path, running: Running
) -> None:
    async with running():
        status = await ask_server(office_folder, "server.status", {})
        with pytest.raises(OperationRefusedError, match="There is no account 'tybalt'"):
            await ask_server(office_folder, "accounts.delete", {"name": "tybalt"})

    assert status == {"sessions": 3, "ports": {"c2s": 5222}}


async def test_token_is_new_with_each_start_and_never_travels(
    office_folder: Path, running: Running
) -> None:
    async with running():
        first = read_endpoint(office_folder).token
    async with running():
        second = read_endpoint(office_folder).token
        reader, writer = await connected(office_folder)
        hello = await reader.readuntil()
        writer.close()

    assert first != second
    assert second.encode() not in hello


@pytest.mark.parametrize(
    "said",
    [
        b'{"nonce": "' + b"0" * 32 + b'", "proof": "' + b"0" * 64 + b'"}\n',
        b'{"id": 1, "op": "server.stop", "args": {}}\n',
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b"x" * 2_097_152,
    ],
    ids=["wrong proof", "no proof", "http", "garbage", "deep", "2 MiB"],
)
async def test_stranger_is_cut_off_without_a_word(
    office_folder: Path, running: Running, said: bytes
) -> None:
    async with running():
        reader, writer = await connected(office_folder)
        await reader.readuntil()
        writer.write(said)
        try:
            answer = await reader.read()
        except ConnectionError:
            answer = b""
        writer.close()

        assert answer == b""
        assert await ask_server(office_folder, "server.status", {})


async def test_line_that_breaks_in_mid_request_harms_nobody(
    office_folder: Path, running: Running
) -> None:
    async with running():
        _, writer = await proved(office_folder)
        writer.write(b'{"id": 1, "op": "server.')
        writer.close()

        assert await ask_server(office_folder, "server.status", {})


async def test_garbage_after_the_proof_ends_the_line(office_folder: Path, running: Running) -> None:
    async with running():
        reader, writer = await proved(office_folder)
        writer.write(b'{"event": "x"}\n')

        assert await reader.read() == b""
        writer.close()


async def test_requests_of_one_line_are_answered_in_order(
    office_folder: Path, running: Running
) -> None:
    async with running():
        reader, writer = await proved(office_folder)
        writer.write(b'{"id": 1, "op": "no.such"}\n{"id": 2, "op": "server.status"}\n')
        answers = [json.loads(await reader.readuntil()) for _ in range(2)]
        writer.close()

    assert answers[0]["error"]["condition"] == "feature-not-implemented"
    assert answers[1] == {"id": 2, "result": {"sessions": 3, "ports": {"c2s": 5222}}}


async def test_those_who_proved_themselves_are_told_events_and_the_end(
    office_folder: Path, running: Running
) -> None:
    async with running() as server:
        reader, writer = await proved(office_folder)
        stranger, other = await connected(office_folder)
        writer.write(b'{"id": 1, "op": "server.status"}\n')
        await reader.readuntil()
        server.channel.tell(Event("sessions.changed", {"sessions": 4}))
        told = from_line(await reader.readuntil())
        stopping = asyncio.get_running_loop().create_task(server.stop())
        last = from_line(await reader.readuntil())
        rest = await reader.read()
        writer.close()
        await stopping
        heard = await stranger.read()
        other.close()

    assert told == Event("sessions.changed", {"sessions": 4})
    assert last == Event("stopping")
    assert rest == b""
    assert heard.count(b"\n") == 1


async def test_fault_of_an_operation_is_an_answer_and_the_line_lives(
    office_folder: Path, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async with running() as server:
        server.status = lambda: 1 / 0
        with caplog.at_level("CRITICAL"), pytest.raises(OperationRefusedError, match="a fault"):
            await ask_server(office_folder, "server.status", {})
        with pytest.raises(OperationRefusedError, match="no operation"):
            await ask_server(office_folder, "no.such", {})


async def test_server_that_was_killed_is_found_to_be_stopped(
    office_folder: Path, running: Running
) -> None:
    async with running():
        left = (office_folder / "control.json").read_bytes()
    with pytest.raises(OfficeStoppedError):
        await ask_server(office_folder, "server.status", {})
    (office_folder / "control.json").write_bytes(left)

    with pytest.raises(OfficeStoppedError, match="is not running"):
        await ask_server(office_folder, "server.status", {})


async def test_squatter_on_an_old_address_learns_nothing(
    office_folder: Path, running: Running
) -> None:
    async with running():
        left = (office_folder / "control.json").read_bytes()
        endpoint = read_endpoint(office_folder)
    (office_folder / "control.json").write_bytes(left)
    heard: list[bytes] = []
    is_over = asyncio.Event()

    async def squat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"nonce": "' + b"0" * 32 + b'"}\n')
        heard.append(await reader.readuntil())
        writer.write(b'{"proof": "' + b"0" * 64 + b'"}\n')
        heard.append(await reader.read())
        writer.close()
        is_over.set()

    assert isinstance(endpoint.address, UnixAddress)
    async with await asyncio.start_unix_server(squat, endpoint.address.path):
        arguments = {"name": "juliet", "password": "wherefore art thou"}
        with pytest.raises(SetupError, match="does not answer"):
            await ask_server(office_folder, "accounts.create", arguments)
        await is_over.wait()

    assert endpoint.token.encode() not in b"".join(heard)
    assert heard[1] == b""


async def test_folder_that_others_can_reach_into_is_not_used_for_the_socket(
    tmp_path: Path, runtime_folder: Path
) -> None:
    safe = socket_path(tmp_path)
    (runtime_folder / "parlour").chmod(0o777)
    other = socket_path(tmp_path)

    assert safe.parent == runtime_folder / "parlour"
    assert other.parent != runtime_folder / "parlour"


async def test_long_runtime_folder_is_not_used_for_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))

    assert len(str(socket_path(tmp_path))) <= 107
