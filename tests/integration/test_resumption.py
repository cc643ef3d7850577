"""Resumption when the server goes and comes back (XEP-0198, section 5; security, fault F3)."""

import asyncio
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from tests.helpers.office import (
    DOMAIN,
    PASSWORD,
    OfficeProcess,
    client_tls,
    made_office,
    office_process,
)
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

JULIET = f"juliet@{DOMAIN}/balcony"
MESSAGE = f"<message type='chat' to='{JULIET}' id='m'><body>Art thou there?</body></message>"
R = "<r xmlns='urn:xmpp:sm:3'/>"


async def log_in(server: OfficeProcess, jid: str) -> WireClient:
    tls = client_tls(server.folder)
    return await WireClient.log_in(server.tls_port, jid, PASSWORD, tls=tls, is_direct=True)


async def talk(server: OfficeProcess) -> tuple[WireClient, str]:
    """Let Juliet get a message that she does not acknowledge; its sender is promised that."""
    juliet = await log_in(server, JULIET)
    session_id = await juliet.enable_resumption()
    juliet.send("<presence/>")
    romeo = await log_in(server, f"romeo@{DOMAIN}/orchard")
    await romeo.enable_acknowledgement()
    romeo.send(MESSAGE + R)
    await romeo.receive(lambda one: one.tag.endswith("}a"))
    await juliet.receive_id("m")
    await romeo.close()
    return juliet, session_id


def is_delayed(message: Element) -> bool:
    return message.find("{urn:xmpp:delay}delay") is not None


async def test_session_is_resumed_after_a_stop_in_good_order(tmp_path: Path) -> None:
    folder = await made_office(tmp_path / "office")
    with office_process(folder) as server:
        juliet, session_id = await talk(server)
        told = asyncio.create_task(juliet.wait_for_end())  # noqa: TID251 - awaited below
        assert await asyncio.to_thread(server.stop) == 0
        assert await told == "system-shutdown"
        await asyncio.to_thread(server.start)

        again = await log_in(server, f"juliet@{DOMAIN}/*")
        resumed = await again.resume(session_id, 1)  # her own presence

        assert (resumed.get("previd"), resumed.get("h")) == (session_id, "1")
        assert is_delayed(await again.receive_id("m"))
        await again.close()


async def test_after_a_kill_the_client_begins_anew_and_loses_nothing(tmp_path: Path) -> None:
    folder = await made_office(tmp_path / "office")
    with office_process(folder) as server:
        juliet, session_id = await talk(server)
        await asyncio.to_thread(server.kill)
        await juliet.abort()
        await asyncio.to_thread(server.start)

        again = await log_in(server, f"juliet@{DOMAIN}/*")
        failed = await again.resume(session_id, 1)
        await again.bind("balcony")
        again.send("<presence/>")

        assert failed[0].tag.endswith("}item-not-found")
        assert failed.get("h") is None  # it is not known for certain
        assert again.jid == JULIET
        assert is_delayed(await again.receive_id("m"))
        await again.close()
