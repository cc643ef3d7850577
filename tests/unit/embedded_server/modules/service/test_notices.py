"""Announcements and the message of the day (XEP-0133, sections 4.23 to 4.26)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from embedded_server.modules.service.notices import NoticesModule
from embedded_server.storage.notice_repository import NoticeRepository
from tests.helpers.module_stage import Stage, staged

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def notices(stage: Any) -> AsyncIterator[NoticesModule]:
    module = await attached(stage)
    yield module
    module.detach()


async def attached(stage: Stage) -> NoticesModule:
    module = NoticesModule(NoticeRepository(stage.writer))
    await module.load()
    module.attach(stage.host)
    return module


async def messages_of(stage: Stage, jid: str, payload: str = "") -> list[str]:
    """Come; return the messages that arrive."""
    client = await stage.enter(jid)
    await client.say(f"<presence>{payload}</presence>")
    return [text for text in client.take() if text.startswith("<message")]


async def test_message_of_the_day_is_shown_once_to_each(stage: Any, notices: NoticesModule) -> None:
    await notices.set_message_of_the_day("Feast & masque")

    first = await messages_of(stage, "romeo/orchard")
    second = await messages_of(stage, "romeo/garden")
    other = await messages_of(stage, "juliet/balcony")

    assert first == [
        "<message from='montague.lit' to='romeo@montague.lit/orchard'>"
        "<subject>Message of the day</subject><body>Feast &amp; masque</body></message>"
    ]
    assert second == []
    assert len(other) == 1


async def test_resource_that_takes_no_messages_is_not_bothered(
    stage: Any, notices: NoticesModule
) -> None:
    """RFC 6121, section 4.7.2.3: a negative priority."""
    await notices.set_message_of_the_day("Feast")
    romeo = await stage.enter("romeo/orchard")
    await romeo.say("<presence><priority>-1</priority></presence>")
    before = [text for text in romeo.take() if "<body>" in text]

    await romeo.say("<presence><priority>1</priority></presence>")

    assert before == []
    assert any("<body>Feast</body>" in text for text in romeo.take())


async def test_edited_message_is_for_those_who_have_not_seen_it(
    stage: Any, notices: NoticesModule
) -> None:
    """XEP-0133, section 4.25: "to correct an error"."""
    await notices.set_message_of_the_day("Faest")
    await messages_of(stage, "romeo/orchard")

    await notices.edit_message_of_the_day("Feast")

    assert await messages_of(stage, "romeo/garden") == []
    (shown,) = await messages_of(stage, "juliet/balcony")
    assert "<body>Feast</body>" in shown


async def test_new_message_is_shown_to_all_again(stage: Any, notices: NoticesModule) -> None:
    await notices.set_message_of_the_day("Feast")
    await messages_of(stage, "romeo/orchard")

    await notices.set_message_of_the_day("Funeral")

    assert len(await messages_of(stage, "romeo/garden")) == 1


async def test_deleted_message_is_shown_to_nobody(stage: Any, notices: NoticesModule) -> None:
    await notices.set_message_of_the_day("Feast")
    await notices.delete_message_of_the_day()

    assert await messages_of(stage, "romeo/orchard") == []
    assert notices.message_of_the_day == ""


async def test_who_has_seen_it_is_known_over_a_restart(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        notices = await attached(stage)
        await notices.set_message_of_the_day("Feast")
        await messages_of(stage, "romeo/orchard")
        notices.detach()

    async with staged(tmp_path) as stage:
        notices = await attached(stage)
        again = await messages_of(stage, "romeo/orchard")
        other = await messages_of(stage, "juliet/balcony")
        notices.detach()

    assert again == []
    assert len(other) == 1


async def test_announcement_reaches_available_resources_only(
    stage: Any, notices: NoticesModule
) -> None:
    romeo = await (await stage.enter("romeo/orchard")).come()
    silent = await stage.enter("romeo/silent")
    negative = await (await stage.enter("juliet/attic")).come("<priority>-1</priority>")

    reached = notices.announce("Fire!\x00", "News")

    assert reached == 1
    (message,) = romeo.take()
    assert "<subject>News</subject><body>Fire!" in message
    assert silent.take() == negative.take() == []
    assert stage.messages.count("juliet") == 0
