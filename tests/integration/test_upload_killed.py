"""Uploads and kill -9 of the server: what was answered with 201 is there, and nothing else."""

import asyncio
from pathlib import Path

import pytest

from tests.helpers.http_client import HttpClient
from tests.helpers.office import DOMAIN, PASSWORD, client_tls, made_office, office_process
from tests.helpers.upload_office import Slot, ask_for_slot, slot_of
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(120)]

CONTENT = bytes(range(256)) * 4_096
ROUNDS = 3


async def slots_for(folder: Path, port: int, count: int) -> list[Slot]:
    client = await WireClient.log_in(
        port, f"romeo@{DOMAIN}/uploading", PASSWORD, tls=client_tls(folder)
    )
    answers = [await ask_for_slot(client, "play.bin", len(CONTENT)) for _ in range(count)]
    await client.close()
    return [slot_of(answer) for answer in answers]


async def browser_of(folder: Path, port: int) -> HttpClient:
    return await HttpClient.connect(port, client_tls(folder), name=DOMAIN)


async def test_what_was_answered_with_201_survives_a_kill(tmp_path: Path) -> None:
    """XEP-0363, section 7: 201 says that the file can be got."""
    folder = await made_office(tmp_path / "office")
    with office_process(folder) as process:
        for _ in range(ROUNDS):
            whole, broken = await slots_for(folder, process.port, 2)
            http_port = process.endpoint.ports.http
            first = await browser_of(folder, http_port)
            second = await browser_of(folder, http_port)
            second.send_request(
                "PUT", broken.path, CONTENT[:300_000], Content_Length=str(len(CONTENT))
            )
            await second.drain()

            status = (await first.ask("PUT", whole.path, CONTENT)).status
            process.kill()
            await asyncio.gather(first.close(), second.close())
            process.start()

            browser = await browser_of(folder, process.endpoint.ports.http)
            assert status == 201
            assert (await browser.ask("GET", whole.path)).body == CONTENT
            assert (await browser.ask("GET", broken.path)).status == 404
            again = await browser.ask("PUT", broken.path, CONTENT)
            assert again.status == 201  # the slot is as it was
            await browser.close()
        files = [path for path in (folder / "uploads").rglob("*") if path.is_file()]
        assert len(files) == 2 * ROUNDS
        assert all(path.stat().st_size == len(CONTENT) for path in files)
