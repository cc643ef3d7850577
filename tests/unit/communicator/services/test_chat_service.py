from typing import TYPE_CHECKING

import pytest

from communicator.services import chat_service
from communicator.session.ports import ChatStateChange
from communicator.state.conversations import Conversation, Conversations
from communicator.state.presence import Availability
from communicator.state.roster import Contact
from communicator.storage.history import SqlHistory
from tests.helpers.chat_setting import BALCONY, Chat
from tests.helpers.profile_data import JULIET, NURSE, at, received
from tests.helpers.session_doubles import turns

if TYPE_CHECKING:
    from communicator.state.message_log import RowRange


@pytest.mark.asyncio
async def test_conversations_of_the_last_run_are_there_after_the_start(chat: Chat) -> None:
    await chat.receive("Ay me!")
    chat.service.save_draft(JULIET, "But soft")
    await chat.service.stop()
    before = chat.conversations.conversation(JULIET)

    again = type(chat)(chat.database)
    await again.service.start()

    assert again.conversations.conversations == (before,)
    assert (before.unread, before.draft) == (1, "But soft")
    await again.service.stop()


@pytest.mark.asyncio
async def test_start_changes_nothing_that_the_first_paint_has_shown(chat: Chat) -> None:
    await chat.receive("Ay me!")
    again = Chat(chat.database)
    again.conversations.put(chat.conversations.conversation(JULIET))
    again.conversations.put(Conversation(NURSE))
    told: list[Conversation] = []
    again.conversations.conversation_changed.connect(told.append)
    again.conversations.conversation_removed.connect(told.append)

    await again.service.start()

    assert told == [Conversation(NURSE)]
    await again.service.stop()


@pytest.mark.asyncio
async def test_loaded_log_has_newest_rows_with_their_bodies(chat: Chat) -> None:
    await SqlHistory(chat.database).add_received([received(str(each), each) for each in range(100)])

    log = await chat.service.load(JULIET)

    assert len(log) == 100
    assert log.message(99).body == "99"
    assert log.message(36).body == "36"
    assert log.first_unread_id == log.message_id(0)
    assert log.is_filled


@pytest.mark.asyncio
async def test_body_that_is_missing_is_fetched_when_it_is_wanted(chat: Chat) -> None:
    await SqlHistory(chat.database).add_received([received(str(each), each) for each in range(100)])
    log = await chat.service.load(JULIET)
    loaded: list[RowRange] = []
    log.rows_loaded.connect(loaded.append)

    assert log.message(0) is None
    while not loaded:
        await turns()

    assert log.message(0).body == "0"
    assert loaded[0].first == 0


@pytest.mark.asyncio
async def test_long_history_comes_newest_first_and_then_the_rest(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_service, "FIRST_ROWS", 20)
    monkeypatch.setattr(chat_service, "MORE_ROWS", 30)
    await SqlHistory(chat.database).add_received([received(str(each), each) for each in range(100)])

    log = await chat.service.load(JULIET)
    assert not log.is_filled
    await chat.receive("late", delayed_at=at(-5))  # older than all that is read by now
    await chat.receive("new")
    while not log.is_filled:
        await turns()

    ids = [log.message_id(row) for row in range(len(log))]
    assert ids == sorted(set(ids))
    assert len(ids) == 102


@pytest.mark.asyncio
async def test_opened_log_is_the_same_until_others_push_it_out(chat: Chat) -> None:
    log = chat.service.open(JULIET)

    assert chat.service.open(JULIET) is log
    assert await chat.service.load(JULIET) is log
    assert chat.service.open(JULIET) is log


@pytest.mark.asyncio
async def test_message_that_comes_while_a_log_is_read_is_shown_once(chat: Chat) -> None:
    log = chat.service.open(JULIET)
    chat.service.send(JULIET, "She speaks")
    await chat.receive("Ay me!")
    await chat.service.load(JULIET)
    await chat.settle()

    assert sorted(log.message(row).body for row in range(len(log))) == ["Ay me!", "She speaks"]


@pytest.mark.asyncio
async def test_read_conversation_has_nothing_unread_over_a_restart(chat: Chat) -> None:
    await chat.receive("Ay me!")

    chat.service.mark_read(JULIET)
    assert chat.conversations.unread == 0
    while await chat.stores.history.first_unread_id(JULIET) is not None:
        await turns()

    (stored,) = await chat.stores.history.conversations()
    assert stored.unread == 0


@pytest.mark.asyncio
async def test_started_conversation_is_listed_and_survives_a_restart(chat: Chat) -> None:
    chat.service.start_conversation(NURSE)
    assert chat.conversations.conversation(NURSE) is not None
    while not await chat.stores.history.conversations():
        await turns()


@pytest.mark.asyncio
async def test_closed_conversation_comes_back_with_its_history(chat: Chat) -> None:
    await chat.receive("Ay me!")
    chat.service.close_conversation(JULIET)
    assert chat.conversations.conversation(JULIET) is None
    while await chat.stores.history.conversations():
        await turns()

    chat.service.start_conversation(JULIET)
    while not chat.conversations.conversation(JULIET).preview:
        await turns()

    assert len(await chat.service.load(JULIET)) == 1


@pytest.mark.asyncio
async def test_last_draft_is_kept_and_an_empty_one_forgotten(chat: Chat) -> None:
    for text in ("B", "Bu", "But"):
        chat.service.save_draft(JULIET, text)
    chat.service.save_draft(NURSE, "Good")
    chat.service.save_draft(NURSE, "")
    await chat.service.stop()

    kept = {each.jid: each.draft for each in await chat.stores.history.conversations()}
    assert kept == {JULIET: "But", NURSE: ""}


@pytest.mark.asyncio
async def test_typing_is_told_once_to_a_contact_who_is_there(chat: Chat) -> None:
    chat.session.come_online()
    chat.roster.put(Contact(JULIET, availability=Availability.AVAILABLE))

    for is_composing in (True, True, False, False):
        chat.service.set_composing(JULIET, is_composing=is_composing)

    assert chat.session.chat_states == [(JULIET, True), (JULIET, False)]


@pytest.mark.asyncio
async def test_typing_is_not_told_to_strangers_nor_to_those_who_are_away(chat: Chat) -> None:
    chat.session.come_online()

    chat.service.set_composing(JULIET, is_composing=True)
    chat.service.set_composing(NURSE, is_composing=True)

    assert chat.session.chat_states == []


@pytest.mark.asyncio
async def test_typing_is_not_told_without_a_connection(chat: Chat) -> None:
    chat.roster.put(Contact(JULIET, availability=Availability.AVAILABLE))

    chat.service.set_composing(JULIET, is_composing=True)

    assert chat.session.chat_states == []


@pytest.mark.asyncio
async def test_message_ends_the_own_typing(chat: Chat) -> None:
    chat.session.come_online()
    chat.roster.put(Contact(JULIET, availability=Availability.AVAILABLE))
    chat.service.set_composing(JULIET, is_composing=True)

    chat.service.send(JULIET, "She speaks")
    chat.service.set_composing(JULIET, is_composing=False)

    assert chat.session.chat_states == [(JULIET, True)]


def is_composing(conversations: Conversations) -> bool:
    return conversations.conversation(JULIET).is_counterpart_composing


@pytest.mark.asyncio
async def test_typing_of_the_counterpart_is_forgotten_after_a_while(chat: Chat) -> None:
    chat.service.start_conversation(JULIET)
    chat.session.chat_state_received.emit(ChatStateChange(BALCONY, is_composing=True))
    await turns()
    await chat.clock.advance(20)
    chat.session.chat_state_received.emit(ChatStateChange(BALCONY, is_composing=True))
    await turns()

    await chat.clock.advance(20)
    assert is_composing(chat.conversations)

    await chat.clock.advance(20)
    assert not is_composing(chat.conversations)


@pytest.mark.asyncio
async def test_typing_of_the_counterpart_ends_with_the_connection(chat: Chat) -> None:
    chat.session.come_online()
    chat.service.start_conversation(JULIET)
    chat.session.chat_state_received.emit(ChatStateChange(BALCONY, is_composing=True))

    chat.session.lose()

    assert not is_composing(chat.conversations)
