"""A visit of a foreign client, run by Node, at our server; our own client is at the other end."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from communicator.session.ports import OutgoingMessage
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.presence import Availability
from shared_protocol.addresses import BareJid
from tests.helpers.chat_server import PASSWORD, ChatServer, new_id
from tests.helpers.session_diary import Diary, until

VISIT_SECONDS = 30.0


@asynccontextmanager
async def juliet_online(office: ChatServer) -> AsyncIterator[tuple[SlixmppSession, Diary]]:
    """Our own client at the other end."""
    session = SlixmppSession()
    diary = Diary(session)
    await session.connect(office.account("juliet"), PASSWORD)
    await session.fetch_roster()
    session.send_presence(Availability.AVAILABLE)
    own = diary.connected[0]
    await until(lambda: any(seen.sender == own for seen in diary.presences))
    try:
        yield session, diary
    finally:
        await session.disconnect()


async def visit_of(
    name: str, office: ChatServer, folder: Path, script: str, arguments: Sequence[str]
) -> tuple[dict[str, Any], list[dict[str, Any]], Diary]:
    """Let a script chat with juliet: it answers her first message and leaves at the second.

    What a visitor leaves without acknowledging comes again to the next one of that name.

    Returns:
        What it said first, what it said afterwards, and what juliet saw.
    """
    visitor = BareJid.parse(f"{name}@{office.domain}")
    async with juliet_online(office) as (session, diary):
        process = await asyncio.create_subprocess_exec(
            *("node", script, *arguments),
            stdout=asyncio.subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(office.authority)},
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(VISIT_SECONDS):
                first = json.loads(await process.stdout.readline())
                assert "online" in first, first
                session.send_message(OutgoingMessage(visitor, "hello", new_id()))
                await until(lambda: diary.messages)
                session.send_message(OutgoingMessage(visitor, "good night", new_id()))
                rest = (await process.stdout.read()).decode().splitlines()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
    return first, [json.loads(line) for line in rest], diary
