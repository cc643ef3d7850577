"""The durable outbox (XEP-0198, XEP-0184, XEP-0359)."""

import pytest

from communicator.session.ports import MessageReceipt, MessageRefusal
from communicator.state.conversations import DeliveryState, Message
from communicator.storage.errors import StorageError
from communicator.storage.outbox import SqlOutbox
from shared_protocol.addresses import FullJid
from shared_protocol.errors import StanzaCondition
from tests.helpers.chat_setting import BALCONY, Chat
from tests.helpers.profile_data import JULIET, NURSE, own

STRANGER = FullJid.parse("tybalt@capulet.lit/street")


def refusal(origin_id: str, sender: FullJid = BALCONY) -> MessageRefusal:
    return MessageRefusal(
        origin_id, sender, StanzaCondition.SERVICE_UNAVAILABLE, "It was not taken."
    )


@pytest.mark.asyncio
async def test_message_is_shown_at_once_and_waits(chat: Chat) -> None:
    log = await chat.service.load(JULIET)

    chat.service.send(JULIET, "She speaks")

    message = log.message(len(log) - 1)
    assert (message.body, message.state) == ("She speaks", DeliveryState.WAITING)
    assert chat.conversations.conversation(JULIET).preview == "She speaks"


@pytest.mark.asyncio
async def test_message_is_on_disk_before_it_leaves(chat: Chat) -> None:
    kept_at_sending: list[int] = []
    chat.session.come_online()
    await chat.settle()
    add = chat.stores.outbox.add

    async def noted_add(message: object) -> object:
        stored = await add(message)
        kept_at_sending.append(len(chat.session.sent))
        return stored

    chat.service._outbox._outbox.add = noted_add
    chat.service.send(JULIET, "She speaks")
    await chat.settle()

    assert kept_at_sending == [0]
    assert [message.body for message in chat.session.sent] == ["She speaks"]


@pytest.mark.asyncio
async def test_what_was_written_offline_is_sent_in_order_after_the_connection(chat: Chat) -> None:
    for body in ("one", "two", "three"):
        chat.service.send(JULIET, body)
    await chat.settle()
    assert chat.session.sent == []

    chat.session.come_online()
    chat.service.send(JULIET, "four")
    await chat.settle()

    assert [message.body for message in chat.session.sent] == ["one", "two", "three", "four"]


@pytest.mark.asyncio
async def test_what_was_not_acknowledged_is_sent_again_under_the_same_origin_id(
    chat: Chat,
) -> None:
    chat.session.come_online()
    chat.service.send(JULIET, "one")
    chat.service.send(JULIET, "two")
    await chat.settle()
    chat.session.message_acknowledged.emit(chat.session.sent[0].origin_id)
    await chat.settle()

    chat.session.lose()
    chat.session.come_online()
    await chat.settle()

    one, two, again = chat.session.sent
    assert again == two
    assert one.origin_id != two.origin_id


@pytest.mark.asyncio
async def test_connection_lost_while_waiting_messages_leave_begins_anew(chat: Chat) -> None:
    for number in range(120):
        chat.service.send(JULIET, str(number))
    await chat.settle()

    chat.session.come_online()
    chat.session.lose()
    chat.session.come_online()
    await chat.settle()

    assert [message.body for message in chat.session.sent] == [str(each) for each in range(120)]


@pytest.mark.asyncio
async def test_state_goes_from_waiting_to_sent_to_delivered(chat: Chat) -> None:
    log = await chat.service.load(JULIET)
    chat.session.come_online()
    chat.service.send(JULIET, "She speaks")
    await chat.settle()
    origin_id = chat.session.sent[0].origin_id

    chat.session.message_acknowledged.emit(origin_id)
    await chat.settle()
    assert log.message(0).state is DeliveryState.SENT

    chat.session.receipt_received.emit(MessageReceipt(origin_id, BALCONY))
    await chat.settle()
    assert log.message(0).state is DeliveryState.DELIVERED
    assert await chat.states() == [DeliveryState.DELIVERED]


@pytest.mark.asyncio
async def test_acknowledgement_after_the_receipt_takes_nothing_back(chat: Chat) -> None:
    chat.session.come_online()
    chat.service.send(JULIET, "She speaks")
    await chat.settle()
    origin_id = chat.session.sent[0].origin_id

    chat.session.receipt_received.emit(MessageReceipt(origin_id, BALCONY))
    chat.session.message_acknowledged.emit(origin_id)
    await chat.settle()

    assert await chat.states() == [DeliveryState.DELIVERED]


@pytest.mark.parametrize("sender", [STRANGER, NURSE])
@pytest.mark.asyncio
async def test_r46_forged_receipt_and_refusal_change_nothing(chat: Chat, sender: FullJid) -> None:
    chat.session.come_online()
    chat.service.send(JULIET, "She speaks")
    await chat.settle()
    origin_id = chat.session.sent[0].origin_id

    chat.session.receipt_received.emit(MessageReceipt(origin_id, sender))
    chat.session.receipt_received.emit(MessageReceipt("unknown", BALCONY))
    chat.session.message_refused.emit(refusal(origin_id, sender))
    await chat.settle()

    assert await chat.states() == [DeliveryState.WAITING]


@pytest.mark.asyncio
async def test_many_acknowledgements_are_taken_together(chat: Chat) -> None:
    chat.session.come_online()
    for number in range(30):
        chat.service.send(JULIET, str(number))
    await chat.settle()

    for message in chat.session.sent:
        chat.session.message_acknowledged.emit(message.origin_id)
    await chat.settle()

    assert set(await chat.states()) == {DeliveryState.SENT}


@pytest.mark.asyncio
async def test_refused_message_is_tried_again_in_its_place_under_a_new_origin_id(
    chat: Chat,
) -> None:
    log = await chat.service.load(JULIET)
    chat.session.come_online()
    chat.service.send(JULIET, "She speaks")
    await chat.settle()
    first = chat.session.sent[0]
    chat.session.message_refused.emit(refusal(first.origin_id))
    await chat.settle()
    failed = log.message(0)
    assert (failed.state, failed.failure) == (DeliveryState.FAILED, "It was not taken.")

    chat.service.retry(failed.message_id)
    await chat.settle()

    again = chat.session.sent[1]
    assert again.body == first.body
    assert again.origin_id != first.origin_id
    assert log.message(0).state is DeliveryState.WAITING
    assert log.message(0).failure == ""


@pytest.mark.asyncio
async def test_refused_message_is_not_sent_again_by_itself(chat: Chat) -> None:
    chat.session.come_online()
    chat.service.send(JULIET, "She speaks")
    await chat.settle()
    chat.session.message_refused.emit(refusal(chat.session.sent[0].origin_id))
    await chat.settle()

    chat.session.lose()
    chat.session.come_online()
    await chat.settle()

    assert len(chat.session.sent) == 1


@pytest.mark.asyncio
async def test_discarded_message_is_gone_from_log_list_and_disk(chat: Chat) -> None:
    log = await chat.service.load(JULIET)
    await chat.receive("Ay me!")
    await chat.clock.advance(1)
    chat.session.come_online()
    chat.service.send(JULIET, "She speaks")
    await chat.settle()
    chat.session.message_refused.emit(refusal(chat.session.sent[0].origin_id))
    await chat.settle()

    chat.service.discard(log.message_id(1))
    await chat.settle()

    assert len(log) == 1
    assert await chat.texts() == ["Ay me!"]
    conversation = chat.conversations.conversation(JULIET)
    assert (conversation.preview, conversation.is_preview_own) == ("Ay me!", False)


@pytest.mark.asyncio
async def test_message_that_could_not_be_stored_fails_and_never_leaves(chat: Chat) -> None:
    log = await chat.service.load(JULIET)
    chat.session.come_online()
    await chat.settle()
    await chat.database.close()

    chat.service.send(JULIET, "She speaks")
    await chat.settle()

    assert log.message(0).state is DeliveryState.FAILED
    assert log.message(0).failure
    assert chat.session.sent == []


@pytest.mark.asyncio
async def test_what_an_earlier_run_left_is_sent_by_this_one(chat: Chat) -> None:
    await SqlOutbox(chat.database).add(own("written before the crash", -60, origin_id="o1"))

    chat.session.come_online()
    await chat.settle()

    (sent,) = chat.session.sent
    assert (sent.to, sent.body, sent.origin_id) == (JULIET, "written before the crash", "o1")


@pytest.mark.asyncio
async def test_what_was_written_just_before_the_end_is_kept(chat: Chat) -> None:
    chat.service.send(JULIET, "one")
    chat.service.send(JULIET, "two")

    await chat.service.stop()

    waiting = await SqlOutbox(chat.database).waiting()
    assert [message.body for message in waiting] == ["one", "two"]


@pytest.mark.asyncio
async def test_clock_that_was_put_back_does_not_change_the_order(chat: Chat) -> None:
    chat.service.send(JULIET, "one")
    await chat.clock.advance(-3600)
    chat.service.send(JULIET, "two")
    await chat.settle()

    assert await chat.texts() == ["one", "two"]


class FullDisk:
    """An outbox whose first message finds the disk full."""

    def __init__(self, outbox: SqlOutbox) -> None:
        self._outbox = outbox
        self._is_full = True

    async def add(self, message: Message) -> Message:
        if self._is_full:
            self._is_full = False
            text = "The disk is full."
            raise StorageError(text)
        return await self._outbox.add(message)

    def __getattr__(self, name: str) -> object:
        return getattr(self._outbox, name)


@pytest.mark.asyncio
async def test_message_that_could_not_be_stored_is_tried_again_under_its_origin_id(
    chat: Chat,
) -> None:
    chat.service._outbox._outbox = FullDisk(chat.stores.outbox)
    log = await chat.service.load(JULIET)
    chat.session.come_online()
    chat.service.send(JULIET, "She speaks")
    await chat.settle()
    failed = log.message(0)
    assert (failed.state, failed.failure) == (DeliveryState.FAILED, "The disk is full.")

    chat.service.retry(failed.message_id)
    await chat.settle()

    assert log.message(0).state is DeliveryState.WAITING
    assert [message.origin_id for message in chat.session.sent] == [failed.origin_id]
    assert await chat.texts() == ["She speaks"]


@pytest.mark.asyncio
async def test_message_whose_number_is_taken_gets_the_next_one(chat: Chat) -> None:
    log = await chat.service.load(JULIET)
    await SqlOutbox(chat.database).add(own("same moment", origin_id="o1"))

    chat.service.send(JULIET, "She speaks")
    await chat.settle()

    assert len(log) == 1
    assert log.message(0).body == "She speaks"
    assert await chat.texts() == ["same moment", "She speaks"]


@pytest.mark.asyncio
async def test_connection_that_ends_while_a_message_leaves_loses_nothing(chat: Chat) -> None:
    chat.session.come_online()
    await chat.settle()
    chat.session.is_connected = False  # lost, and not yet told

    chat.service.send(JULIET, "She speaks")
    await chat.settle()
    assert await chat.states() == [DeliveryState.WAITING]
    chat.session.come_online()
    await chat.settle()

    assert [message.body for message in chat.session.sent] == ["She speaks"]
