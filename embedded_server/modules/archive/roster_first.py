"""Lets a message wait for a roster that decides whether it is archived (XEP-0441, section 2.1.1).

That is rare: the roster of whoever is on line is in memory. Later messages of the same sender wait
behind, so that the archive has them in their order.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial

from embedded_server.modules.roster_book import RosterBook
from embedded_server.plugin_api import Inbound, ModuleHost, Origin, StorageError
from shared_protocol.addresses import BareJid
from shared_protocol.errors import StanzaCondition, StanzaError


class RosterFirst:
    """Routes a message when a roster has been read.

    Args of the constructor:
        host: For errors and tasks.
        book: Reads.
        route: Routes a message; raises ``StanzaError``.
    """

    def __init__(
        self, host: ModuleHost, book: RosterBook, route: Callable[[Inbound], None]
    ) -> None:
        self._host = host
        self._book = book
        self._route = route
        self._waiting: Counter[Origin] = Counter()

    def takes(self, inbound: Inbound, account: BareJid | None) -> bool:
        """Take a message over if a roster is missing, or if its sender waits for one.

        Args:
            inbound: The message.
            account: Whose roster is missing; None if none is.
        """
        origin = inbound.origin
        if account is None and origin not in self._waiting:
            return False
        self._waiting[origin] += 1
        if account is None:
            origin.run_in_order(partial(self._go_on, inbound))
        else:
            work = self._read(inbound, account, origin.hold())
            self._host.spawn(work, "read a roster for an archive")
        return True

    async def _read(
        self,
        inbound: Inbound,
        account: BareJid,
        release: Callable[[Callable[[], None]], None],
    ) -> None:
        try:
            await self._book.hold(account)
        except StorageError:
            release(partial(self._refuse, inbound))
            return

        def go_on() -> None:
            try:
                self._go_on(inbound)
            finally:
                self._book.release(account)

        release(go_on)

    def _go_on(self, inbound: Inbound) -> None:
        self._done(inbound.origin)
        try:
            self._route(inbound)
        except StanzaError as error:
            self._host.refuse(inbound, error)

    def _refuse(self, inbound: Inbound) -> None:
        self._done(inbound.origin)
        self._host.refuse(inbound, StanzaError(StanzaCondition.RESOURCE_CONSTRAINT))

    def _done(self, origin: Origin) -> None:
        self._waiting[origin] -= 1
        if not self._waiting[origin]:
            del self._waiting[origin]
