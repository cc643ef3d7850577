"""The nodes that are in memory: those in use, and the most recent ones (XEP-0060).

The truth is in the store. An address is read once and written through: the memory changes at once,
and whoever asked is answered, and others are told, when the change is on disk.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from embedded_server.modules.pubsub.nodes import RESIDENT_NODES, NodeSet
from embedded_server.plugin_api import (
    SERVICE,
    PubSubRepository,
    PubSubWrite,
    StorageError,
    forgetting_entity,
)
from shared_protocol.addresses import BareJid
from shared_protocol.limits import PubSubLimits


class NodeBook:
    """Nodes by address, for one host."""

    def __init__(self, *, store: PubSubRepository, limits: PubSubLimits) -> None:
        self.store = store
        self._limits = limits
        self._sets: dict[BareJid, NodeSet] = {}
        self._users: Counter[BareJid] = Counter()
        self._idle: OrderedDict[BareJid, None] = OrderedDict()  # oldest first

    def get(self, address: BareJid) -> NodeSet | None:
        """Return the nodes of an address if they are in memory."""
        return self._sets.get(address)

    def in_memory(self) -> list[NodeSet]:
        """Return all that is in memory."""
        return list(self._sets.values())

    async def hold(self, addresses: Sequence[BareJid]) -> list[NodeSet]:
        """Return the nodes of addresses, and keep them in memory until ``release``.

        What is not there is read at once, with one look at the store.

        Raises:
            StorageError: They cannot be read; then none is held.
        """
        self._users.update(addresses)
        for address in addresses:
            self._idle.pop(address, None)
        absent = [address for address in addresses if address not in self._sets]
        try:
            if absent:
                await self._read(absent)
            # One that was forgotten while others were read is read by itself
            return [await self._held(address) for address in addresses]
        except BaseException:
            self.release(addresses)
            raise

    def release(self, addresses: Sequence[BareJid]) -> None:
        """Let go what ``hold`` returned; it stays in memory while there is room."""
        for address in addresses:
            self._users[address] -= 1
            if self._users[address] <= 0:
                del self._users[address]
                if address in self._sets:
                    self._idle[address] = None
        while len(self._idle) > self._limits.idle_addresses:
            gone, _ = self._idle.popitem(last=False)
            self._sets.pop(gone, None)

    @asynccontextmanager
    async def opened(self, address: BareJid) -> AsyncIterator[NodeSet]:
        """Hold the nodes of an address for the time of a block."""
        (nodes,) = await self.hold([address])
        try:
            yield nodes
        finally:
            self.release([address])

    def forget(self, address: BareJid) -> None:
        """Read an address anew when it is needed next, or never: its account is gone."""
        self._sets.pop(address, None)
        self._idle.pop(address, None)

    def commit(self, nodes: NodeSet, writes: Sequence[PubSubWrite]) -> Awaitable[None]:
        """Hand the writes for a change in memory to the store at once, in the order of changes.

        Raises:
            StorageError: From the awaited result; the memory is then read anew.
        """

        def on_failed() -> None:
            if self._sets.get(nodes.address) is nodes:
                self.forget(nodes.address)

        return self._written(writes, on_failed)

    async def forget_entity(self, gone: BareJid) -> None:
        """Strike an account out at all nodes that are not in memory.

        Raises:
            StorageError: It is still there.
        """
        await self._written([forgetting_entity(str(gone))], lambda: None)

    def _written(
        self, writes: Sequence[PubSubWrite], on_failed: Callable[[], None]
    ) -> Awaitable[None]:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_written(outcome: StorageError | None) -> None:
            if outcome is not None:
                on_failed()
            if written.done():
                return
            if outcome is None:
                written.set_result(None)
            else:
                written.set_exception(outcome)

        self.store.submit(writes, on_written)
        return written

    async def _held(self, address: BareJid) -> NodeSet:
        while (found := self._sets.get(address)) is None:
            await self._read([address])
        return found

    async def _read(self, addresses: Sequence[BareJid]) -> None:
        keys = {address.localpart or SERVICE: address for address in addresses}
        loaded = await self.store.load(tuple(keys), self._limits.resident_bytes, RESIDENT_NODES)
        for key, address in keys.items():
            # Somebody else may have read it meanwhile, and may have changed it since.
            if address not in self._sets:
                self._sets[address] = NodeSet.from_stored(address, loaded[key])
