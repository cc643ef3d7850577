"""What comes: stored, shown, confirmed (XEP-0184, XEP-0198, XEP-0359)."""

from datetime import UTC, datetime, timedelta

import pytest

from communicator.session.ports import IncomingMessage
from communicator.state.conversations import DeliveryState, Message
from communicator.storage.errors import StorageError
from shared_protocol.addresses import FullJid
from tests.helpers.chat_setting import BALCONY, Chat
from tests.helpers.profile_data import JULIET, NOON, at

TYBALT = FullJid.parse("tybalt@capulet.lit/street")


@pytest.mark.asyncio
async def test_message_is_stored_shown_and_announced(chat: Chat) -> None:
    log = await chat.service.load(JULIET)

    await chat.receive("Ay me!", origin_id="o1")

    assert log.message(0).body == "Ay me!"
    assert log.message(0).state is DeliveryState.RECEIVED
    assert [message.body for message in chat.arrived] == ["Ay me!"]
    assert await chat.texts() == ["Ay me!"]
    conversation = chat.conversations.conversation(JULIET)
    assert (conversation.preview, conversation.unread) == ("Ay me!", 1)


@pytest.mark.asyncio
async def test_double_is_neither_shown_nor_announced(chat: Chat) -> None:
    log = await chat.service.load(JULIET)
    await chat.receive("Ay me!", origin_id="o1", stanza_id="s1")

    await chat.receive("Ay me!", origin_id="o1")
    await chat.receive("Ay me!", stanza_id="s1")

    assert len(log) == 1
    assert len(chat.arrived) == 1
    assert chat.conversations.conversation(JULIET).unread == 1


@pytest.mark.asyncio
async def test_doubles_in_one_burst_are_shown_once_and_in_order(chat: Chat) -> None:
    for number in (0, 1, 1, 2, 0, 3):
        chat.session.message_received.emit(
            IncomingMessage(BALCONY, str(number), origin_id=f"o{number}")
        )
    await chat.settle()

    assert [message.body for message in chat.arrived] == ["0", "1", "2", "3"]
    assert await chat.texts() == ["0", "1", "2", "3"]


@pytest.mark.asyncio
async def test_receipt_goes_to_a_contact_after_the_message_is_stored(chat: Chat) -> None:
    chat.session.come_online()
    shown_at_receipt: list[int] = []
    send_receipt = chat.session.send_receipt

    def noted_send_receipt(message: IncomingMessage) -> None:
        shown_at_receipt.append(len(chat.arrived))
        send_receipt(message)

    chat.session.send_receipt = noted_send_receipt
    await chat.receive("Ay me!", origin_id="o1", receipt_id="o1", wants_receipt=True)

    assert [receipt.receipt_id for receipt in chat.session.receipts] == ["o1"]
    assert shown_at_receipt == [1]


@pytest.mark.asyncio
async def test_double_is_confirmed_again(chat: Chat) -> None:
    chat.session.come_online()
    for _ in range(2):
        await chat.receive("Ay me!", origin_id="o1", receipt_id="o1", wants_receipt=True)

    assert len(chat.session.receipts) == 2


@pytest.mark.asyncio
async def test_r73_stranger_gets_no_receipt(chat: Chat) -> None:
    chat.session.come_online()

    await chat.receive("Boy!", sender=TYBALT, receipt_id="o1", wants_receipt=True)

    assert chat.session.receipts == []
    assert await chat.texts(TYBALT.bare) == ["Boy!"]


@pytest.mark.asyncio
async def test_message_without_request_gets_no_receipt(chat: Chat) -> None:
    chat.session.come_online()

    await chat.receive("Ay me!", receipt_id="o1")

    assert chat.session.receipts == []


@pytest.mark.asyncio
async def test_message_that_comes_as_the_connection_ends_is_kept(chat: Chat) -> None:
    await chat.receive("Ay me!", receipt_id="o1", wants_receipt=True)

    assert await chat.texts() == ["Ay me!"]


@pytest.mark.parametrize(
    ("delayed_at", "shown"),
    [
        (None, NOON),
        (at(-60), at(-60)),
        (at(60), NOON),
        (datetime.max.replace(tzinfo=UTC), NOON),
        (datetime.min.replace(tzinfo=UTC), NOON),
        (NOON - timedelta(days=365), NOON - timedelta(days=365)),
    ],
)
@pytest.mark.asyncio
async def test_r48_delay_stamp_is_believed_of_the_past_only(
    chat: Chat, delayed_at: datetime | None, shown: datetime
) -> None:
    await chat.receive("Ay me!", delayed_at=delayed_at)

    (message,) = await chat.messages()
    assert message.sent_at == shown


@pytest.mark.asyncio
async def test_offline_messages_stand_before_what_was_written_later(chat: Chat) -> None:
    await chat.receive("live")
    for number in range(3):
        await chat.receive(f"offline {number}", delayed_at=at(-60))

    assert await chat.texts() == ["offline 0", "offline 1", "offline 2", "live"]
    assert chat.conversations.conversation(JULIET).preview == "live"


@pytest.mark.asyncio
async def test_burst_of_a_thousand_is_stored_in_few_commits(chat: Chat) -> None:
    commits = 0
    add_received = chat.stores.history.add_received

    async def counted(messages: list[Message]) -> list[Message | None]:
        nonlocal commits
        commits += 1
        return await add_received(messages)

    chat.service._inbox._history.add_received = counted
    for number in range(1_000):
        chat.session.message_received.emit(
            IncomingMessage(BALCONY, str(number), origin_id=f"o{number}")
        )
    await chat.settle()

    assert await chat.texts() == [str(number) for number in range(1_000)]
    assert commits <= 11


@pytest.mark.asyncio
async def test_server_may_forget_a_message_only_once_it_is_on_disk(chat: Chat) -> None:
    """XEP-0198, section 4: acknowledging means that the client has taken responsibility."""
    confirmed_before: list[int] = []
    add_received = chat.stores.history.add_received

    async def noted(messages: list[Message]) -> list[Message | None]:
        confirmed_before.append(len(chat.session.confirmed))
        return await add_received(messages)

    chat.service._inbox._history.add_received = noted
    await chat.receive("Ay me!", origin_id="o1", number=1)
    await chat.receive("Ay me!", origin_id="o1", number=2)  # a double is on disk as well

    assert confirmed_before == [0, 1]
    assert [message.number for message in chat.session.confirmed] == [1, 2]


@pytest.mark.asyncio
async def test_message_that_cannot_be_stored_is_shown_and_not_confirmed(chat: Chat) -> None:
    chat.session.come_online()
    await chat.settle()
    await chat.database.close()

    await chat.receive("Ay me!", receipt_id="o1", wants_receipt=True)

    assert [message.body for message in chat.arrived] == ["Ay me!"]
    assert chat.session.receipts == []
    assert chat.session.confirmed == []


@pytest.mark.asyncio
async def test_message_that_could_not_be_stored_is_stored_with_the_next(chat: Chat) -> None:
    """The disk was full for a while; the server sends what was not confirmed once more."""
    chat.session.come_online()
    log = await chat.service.load(JULIET)
    disk = FullDisk(chat)
    await chat.receive("Ay me!", origin_id="o1", receipt_id="o1", wants_receipt=True, number=1)
    await chat.receive("Ay me!", origin_id="o1", receipt_id="o1", wants_receipt=True, number=2)

    disk.is_full = False
    await chat.receive("Ay me!", origin_id="o1", receipt_id="o1", wants_receipt=True, number=3)
    await chat.receive("O Romeo", origin_id="o2", number=4)

    assert [message.body for message in chat.arrived] == ["Ay me!", "O Romeo"]
    assert [log.message(row).body for row in range(len(log))] == ["Ay me!", "O Romeo"]
    assert await chat.texts() == ["Ay me!", "O Romeo"]
    assert [message.number for message in chat.session.confirmed] == [1, 2, 3, 4]
    assert chat.conversations.conversation(JULIET).unread == 2


@pytest.mark.asyncio
async def test_message_that_could_not_be_stored_is_stored_at_the_end(chat: Chat) -> None:
    disk = FullDisk(chat)
    await chat.receive("Ay me!", origin_id="o1", number=1)

    disk.is_full = False
    await chat.service.stop()

    assert await chat.texts() == ["Ay me!"]


class FullDisk:
    """A history whose disk is full until it is not."""

    def __init__(self, chat: Chat) -> None:
        self.is_full = True
        self._add_received = chat.stores.history.add_received
        chat.service._inbox._history.add_received = self._add

    async def _add(self, messages: list[Message]) -> list[Message | None]:
        if self.is_full:
            message = "database or disk is full"
            raise StorageError(message)
        return await self._add_received(messages)
