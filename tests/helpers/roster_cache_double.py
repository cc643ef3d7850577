"""A roster cache in memory."""

from collections.abc import Iterable

from communicator.state.roster import Contact, ContactRequest
from shared_protocol.addresses import BareJid


class MemoryRosterCache:
    """Keeps the last roster as long as the test runs."""

    def __init__(self, contacts: Iterable[Contact] = ()) -> None:
        self._contacts_by_jid = {contact.jid: contact for contact in contacts}
        self._requests_by_jid: dict[BareJid, ContactRequest] = {}

    async def contacts(self) -> list[Contact]:
        return list(self._contacts_by_jid.values())

    async def replace_all(self, roster: Iterable[Contact]) -> None:
        self._contacts_by_jid = {contact.jid: contact for contact in roster}

    async def put(self, changed: Iterable[Contact], removed: Iterable[BareJid]) -> None:
        self._contacts_by_jid |= {contact.jid: contact for contact in changed}
        for jid in removed:
            self._contacts_by_jid.pop(jid, None)

    async def requests(self) -> list[ContactRequest]:
        return list(self._requests_by_jid.values())

    async def put_request(self, request: ContactRequest) -> None:
        self._requests_by_jid[request.jid] = request

    async def remove_request(self, jid: BareJid) -> None:
        self._requests_by_jid.pop(jid, None)
