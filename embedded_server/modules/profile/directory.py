"""The directory of the office: who is to be found by name (XEP-0055 1.3).

An account is listed once its vCard has a name, unless the vCard says that it is private. Who blocks
whom, neither finds the other. The directory is read when it is first asked, and kept up from then
on; only accounts of this host may ask.
"""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from xml.etree.ElementTree import Element

from embedded_server.plugin_api import (
    Accepts,
    AccountDeleted,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
    ProfileRepository,
)
from shared_protocol.addresses import BareJid, Jid
from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.limits import DirectoryLimits
from shared_protocol.namespaces import SEARCH
from shared_protocol.stanzas.disco import Identity
from shared_protocol.stanzas.profile.user_search import (
    FoundUser,
    fields_to_element,
    found_to_element,
    search_from_element,
)
from shared_protocol.stanzas.profile.vcards import DirectoryFacts, directory_facts
from shared_protocol.xml.elements import element_of

_IDENTITY = Identity("directory", "user")


class DirectoryModule:
    """Finds accounts by what their vCards say."""

    def __init__(self, *, store: ProfileRepository, limits: DirectoryLimits | None = None) -> None:
        self._store = store
        self._limits = limits or DirectoryLimits()
        self._facts: dict[str, DirectoryFacts] | None = None
        self._reading = asyncio.Lock()
        self._noted: dict[str, DirectoryFacts | None] = {}  # while it is being read
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer searches at the domain, and announce it."""
        self._host = host
        handler = IqHandler(f"{SEARCH} query", Entity.SERVER, Accepts.OWN_ACCOUNT, self._on_search)
        self._attached.add(
            host.add_iq_handler(handler),
            host.features.add(Entity.SERVER, SEARCH),
            host.features.add_identity(Entity.SERVER, _IDENTITY),
            host.hooks.listen(AccountDeleted, self._on_account_deleted),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def note(self, account: BareJid, vcard: Element) -> None:
        """An account has another vCard, which is on disk."""
        self._put(account.localpart, directory_facts(vcard))

    def _on_account_deleted(self, fact: AccountDeleted) -> None:
        self._put(fact.account.localpart, None)

    def _put(self, localpart: str, facts: DirectoryFacts | None) -> None:
        listed = facts if facts is not None and facts.is_listed else None
        if self._facts is None:
            if self._reading.locked():
                self._noted[localpart] = listed
        elif listed is None:
            self._facts.pop(localpart, None)
        else:
            self._facts[localpart] = listed

    async def _on_search(self, request: IqRequest) -> Element:
        if not request.is_set:
            return fields_to_element()
        search = search_from_element(request.payload)
        if not search.terms:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "expected something to look for")
        users = self._found(await self._directory(), search.terms, request.sender)
        return found_to_element(users, has_form=search.has_form)

    def _found(
        self, directory: Mapping[str, DirectoryFacts], terms: Mapping[str, str], observer: Jid
    ) -> list[FoundUser]:
        patterns = {name: _pattern(text) for name, text in terms.items()}
        found: list[FoundUser] = []
        for localpart, facts in directory.items():
            account = BareJid(localpart, self._host.domain)
            is_visible = self._host.account_exists(account) and not self._host.block_lists.part(
                account, observer
            )
            if is_visible and _fits(facts, patterns):
                user = FoundUser(account, facts.first, facts.last, facts.nickname, facts.email)
                found.append(user)
                if len(found) >= self._limits.results:
                    break
        return found

    async def _directory(self) -> dict[str, DirectoryFacts]:
        async with self._reading:
            if self._facts is None:
                vcards = await self._store.all_vcards()
                facts = await asyncio.to_thread(_read, vcards)
                for localpart, noted in self._noted.items():
                    facts.pop(localpart, None)
                    if noted is not None:
                        facts[localpart] = noted
                self._noted.clear()
                self._facts = facts
        return self._facts


def _read(vcards: Mapping[str, bytes]) -> dict[str, DirectoryFacts]:
    facts: dict[str, DirectoryFacts] = {}
    for localpart, vcard in vcards.items():
        with suppress(MalformedStanzaError):
            one = directory_facts(element_of(vcard))
            if one.is_listed:
                facts[localpart] = one
    return facts


def _pattern(text: str) -> "re.Pattern[str]":
    """Make a pattern that finds a text anywhere, in which ``*`` stands for anything."""
    parts = (re.escape(part) for part in re.sub(r"\*+", "*", text).strip("*").split("*"))
    return re.compile(".*?".join(parts), re.IGNORECASE | re.DOTALL)


def _fits(facts: DirectoryFacts, patterns: Mapping[str, "re.Pattern[str]"]) -> bool:
    said = {
        "first": f"{facts.first}\n{facts.full_name}",
        "last": f"{facts.last}\n{facts.full_name}",
        "nick": facts.nickname,
        "email": facts.email,
    }
    return all(pattern.search(said[name]) for name, pattern in patterns.items())
