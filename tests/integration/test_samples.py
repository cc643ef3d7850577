"""The samples of the documents run against our server."""

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from embedded_server.service_sections import ComponentSettings
from tests.helpers.office import office_settings, running_office
from tests.helpers.wire_client import WireClient

pytestmark = [pytest.mark.asyncio, pytest.mark.network]
SAMPLES = Path(__file__).parents[2] / "docs/samples"
SECRET = "two such opposed kings"
ECHO = "echo.montague.lit"


async def test_echo_component_answers_with_the_same_words(tmp_path: Path) -> None:
    """docs/samples/echo_component: a component by slixmpp (XEP-0114)."""
    components = ComponentSettings(enabled=True, port=0, secrets=(f"{ECHO}={SECRET}",))
    settings = replace(office_settings(), components=components)
    async with running_office(tmp_path / "office", settings=settings) as office:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(SAMPLES / "echo_component/echo_component.py")),
            *(ECHO, "127.0.0.1", str(office.server.component_port)),
            env=os.environ | {"ECHO_SECRET": SECRET},
        )
        try:
            romeo = await office.log_in("romeo/orchard")
            async with asyncio.timeout(30):
                while not await is_listed(romeo):
                    pass
            romeo.send("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>")
            romeo.send(f"<presence type='subscribe' to='parrot@{ECHO}'/>")
            await romeo.receive(lambda one: one.get("type") == "subscribed")
            romeo.send(f"<message to='parrot@{ECHO}' type='chat'><body>O, Romeo</body></message>")
            echo = await romeo.receive(lambda one: one.tag == "{jabber:client}message")
        finally:
            process.terminate()
            await process.wait()

    assert echo.findtext("{jabber:client}body") == "O, Romeo"
    assert echo.get("from") == f"parrot@{ECHO}"


async def is_listed(client: WireClient) -> bool:
    """Whether the component has come."""
    client.send(
        "<iq type='get' id='i' to='montague.lit'>"
        "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
    )
    answer = await client.receive_id("i")
    return any(item.get("jid") == ECHO for item in answer[0])
