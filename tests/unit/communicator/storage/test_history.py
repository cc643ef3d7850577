from dataclasses import replace

import pytest

from communicator.state.conversations import DeliveryState
from communicator.state.message_ids import first_id
from communicator.storage.database import Database
from communicator.storage.drafts import SqlDrafts
from communicator.storage.history import SqlHistory
from communicator.storage.outbox import SqlOutbox
from tests.helpers.profile_data import JULIET, NURSE, at, own, received


@pytest.fixture
def history(database: Database) -> SqlHistory:
    return SqlHistory(database)


@pytest.mark.asyncio
async def test_message_comes_back_as_it_was_stored(history: SqlHistory) -> None:
    message = received("What light through yonder window breaks?", origin_id="o1", stanza_id="s1")

    (stored,) = await history.add_received([message])

    assert stored == message
    assert await history.messages([message.message_id]) == [message]


@pytest.mark.asyncio
async def test_double_by_origin_id_is_dropped(history: SqlHistory) -> None:
    first = await history.add_received([received("Ay me!", 0, origin_id="o1")])

    again = await history.add_received([received("Ay me!", 60, origin_id="o1")])

    assert first[0] is not None
    assert again == [None]


@pytest.mark.asyncio
async def test_double_by_stanza_id_is_dropped(history: SqlHistory) -> None:
    stored = await history.add_received(
        [received("Ay me!", 0, stanza_id="s1"), received("Ay me!", 60, stanza_id="s1")]
    )

    assert [message is None for message in stored] == [False, True]


@pytest.mark.asyncio
async def test_same_origin_id_of_another_sender_is_no_double(history: SqlHistory) -> None:
    await history.add_received([received("Ay me!", origin_id="o1")])

    (other,) = await history.add_received([received("Madam!", origin_id="o1", sender=NURSE)])

    assert other is not None


@pytest.mark.asyncio
async def test_counterpart_cannot_hide_a_message_by_our_own_origin_id(
    history: SqlHistory, database: Database
) -> None:
    await SqlOutbox(database).add(own("She speaks", origin_id="o1"))

    (stored,) = await history.add_received([received("Ay me!", origin_id="o1")])

    assert stored is not None


@pytest.mark.asyncio
async def test_messages_without_ids_are_all_kept(history: SqlHistory) -> None:
    stored = await history.add_received([received("Ay"), received("Ay")])

    assert None not in stored


@pytest.mark.asyncio
async def test_messages_of_one_millisecond_keep_their_order(history: SqlHistory) -> None:
    messages = [received(str(number)) for number in range(1_100)]

    stored = await history.add_received(messages)

    ids = [message.message_id for message in stored if message is not None]
    assert ids == sorted(set(ids))
    assert len(ids) == 1_100
    assert ids[0] == first_id(at(0))


@pytest.mark.asyncio
async def test_late_message_takes_its_place_in_time(history: SqlHistory) -> None:
    await history.add_received([received("second", 10), received("third", 20)])

    await history.add_received([received("first", 5)])

    outline = await history.outline(JULIET, before=None, limit=10)
    messages = await history.messages([message_id for message_id, _ in outline])
    assert [message.body for message in messages] == ["first", "second", "third"]


@pytest.mark.asyncio
async def test_outline_gives_newest_rows_oldest_first_and_then_those_before(
    history: SqlHistory,
) -> None:
    await history.add_received([received("x" * number, number) for number in range(1, 6)])

    newest = await history.outline(JULIET, before=None, limit=2)
    older = await history.outline(JULIET, before=newest[0][0], limit=2)

    assert [length for _, length in newest] == [4, 5]
    assert [length for _, length in older] == [2, 3]


@pytest.mark.asyncio
async def test_unread_messages_are_counted_until_they_are_read(history: SqlHistory) -> None:
    await history.add_received([received("one", 1), received("two", 2)])

    assert (await history.conversations())[0].unread == 2
    assert await history.first_unread_id(JULIET) == first_id(at(1))

    await history.mark_read(JULIET)

    assert (await history.conversations())[0].unread == 0
    assert await history.first_unread_id(JULIET) is None


@pytest.mark.asyncio
async def test_conversation_tells_its_last_message_and_draft(
    history: SqlHistory, database: Database
) -> None:
    await history.add_received([received("early", 1), received("O Romeo,\n Romeo!", 2)])
    await SqlDrafts(database).save(JULIET, "Shall I hear more")

    (conversation,) = await history.conversations()

    assert conversation.preview == "O Romeo, Romeo!"
    assert not conversation.is_preview_own
    assert conversation.last_at == at(2)
    assert conversation.draft == "Shall I hear more"


@pytest.mark.asyncio
async def test_empty_draft_is_forgotten(history: SqlHistory, database: Database) -> None:
    drafts = SqlDrafts(database)
    await drafts.save(JULIET, "Shall I")

    await drafts.save(JULIET, "")

    assert (await history.conversations())[0].draft == ""


@pytest.mark.asyncio
async def test_closed_conversation_is_listed_again_with_the_next_message(
    history: SqlHistory,
) -> None:
    await history.add_received([received("one", 1)])
    await history.close_conversation(JULIET)
    assert await history.conversations() == []

    await history.add_received([received("two", 2)])

    assert (await history.conversations())[0].unread == 2


@pytest.mark.asyncio
async def test_newest_id_is_that_of_the_newest_message(history: SqlHistory) -> None:
    assert await history.newest_id() == 0

    await history.add_received([received("late", 9), received("early", 1)])

    assert await history.newest_id() == first_id(at(9))


@pytest.mark.asyncio
async def test_own_message_is_never_unread(history: SqlHistory, database: Database) -> None:
    await SqlOutbox(database).add(own("She speaks", origin_id="o1"))

    (conversation,) = await history.conversations()

    assert conversation.unread == 0
    assert conversation.is_preview_own


@pytest.mark.asyncio
async def test_wanted_id_that_is_taken_gives_the_next_one(history: SqlHistory) -> None:
    taken = received("taken")
    await history.add_received([taken])

    (stored,) = await history.add_received([replace(taken, body="other")])

    assert stored is not None
    assert stored.message_id == taken.message_id + 1
    assert stored.state is DeliveryState.RECEIVED


@pytest.mark.asyncio
async def test_id_that_a_counting_client_uses_again_hides_no_other_text(
    history: SqlHistory,
) -> None:
    await history.add_received([received("Ay me!", 0, origin_id="1")])

    stored = await history.add_received(
        [received("O Romeo!", 60, origin_id="1"), received("Ay me!", 70, origin_id="1")]
    )

    assert [message is None for message in stored] == [False, True]
