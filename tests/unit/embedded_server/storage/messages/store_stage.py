"""Messages, and stores that are loaded as those of a running office."""

import asyncio
from collections.abc import Callable

from embedded_server.storage.errors import StorageError
from embedded_server.storage.messages.message_store import MessageStore, NewMessage
from embedded_server.storage.writer import StorageWriter
from shared_protocol.limits import DoubleLimits, SpoolLimits


def message(
    text: str = "b",
    *,
    sender: str = "romeo",
    receiver: str = "juliet",
    origin_id: str = "",
    is_kept: bool = True,
) -> NewMessage:
    """Return a chat message; ``is_kept``: in both archives."""
    name = f"<origin-id xmlns='urn:xmpp:sid:0' id='{origin_id}'/>" if origin_id else ""
    stanza = f"<message type='chat'><body>{text}</body>{name}</message>".encode()
    return NewMessage(sender, receiver, stanza, origin_id, is_kept, is_kept, is_to_deliver=True)


async def loaded(
    writer: StorageWriter,
    limits: SpoolLimits | None = None,
    doubles: DoubleLimits | None = None,
    *,
    was_closed: bool = True,
    clock: Callable[[], float] = lambda: 1.5,
) -> MessageStore:
    store = MessageStore(writer, limits, doubles, clock)
    await store.load(was_closed=was_closed)
    return store


async def stored(store: MessageStore, new: NewMessage) -> int | StorageError:
    waiter: asyncio.Future[int | StorageError] = asyncio.get_running_loop().create_future()
    store.add(new, waiter.set_result)
    return await waiter


async def key_of(store: MessageStore, new: NewMessage) -> int:
    outcome = await stored(store, new)
    assert isinstance(outcome, int)
    return outcome


async def rest(writer: StorageWriter, *stores: MessageStore) -> None:
    """Wait until what was handed in, what arrived, and what follows from it, is on disk."""
    for _ in range(4):
        await asyncio.sleep(0)
        for store in stores:
            store.write_deliveries()
        await writer.write(lambda _: None)
