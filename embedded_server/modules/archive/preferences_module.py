"""What an account wants to have archived: asked and set by the account itself (XEP-0441 0.2.0)."""

from collections.abc import Coroutine
from typing import Any
from xml.etree.ElementTree import Element

from embedded_server.modules.archive.archive_policy import ArchivePolicy
from embedded_server.plugin_api import (
    Accepts,
    AccountDeleted,
    ArchivePreferencesRepository,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
)
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.limits import ArchiveLimits
from shared_protocol.namespaces import ARCHIVE
from shared_protocol.stanzas.archive_preferences import from_element, to_element


class ArchivePreferencesModule:
    """Answers for the preferences of all accounts."""

    def __init__(
        self,
        *,
        policy: ArchivePolicy,
        store: ArchivePreferencesRepository,
        limits: ArchiveLimits | None = None,
    ) -> None:
        self._policy = policy
        self._store = store
        self._most = (limits or ArchiveLimits()).preferences
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Answer."""
        self._attached.add(
            host.add_iq_handler(
                IqHandler(
                    payload=f"{ARCHIVE} prefs",
                    entity=Entity.ACCOUNT,
                    accepts=Accepts.OWN_ACCOUNT,
                    handle=self._on_preferences,
                    refusal=StanzaCondition.FORBIDDEN,
                    answers_for_strangers=True,  # by the same refusal
                )
            ),
            host.hooks.listen(AccountDeleted, self._on_account_deleted),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_preferences(self, request: IqRequest) -> Element | Coroutine[Any, Any, Element]:
        if request.is_set:
            return self._set(request)
        return to_element(self._policy.of(request.account.localpart))

    async def _set(self, request: IqRequest) -> Element:
        """Answer with the applied preferences when they are on disk (section 2.1)."""
        localpart = request.account.localpart
        preferences = from_element(request.payload)
        if len(preferences.always) + len(preferences.never) > self._most:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "too many addresses")
        await self._store.put(localpart, preferences)
        self._policy.set(localpart, preferences)
        return to_element(preferences)

    def _on_account_deleted(self, fact: AccountDeleted) -> None:
        self._policy.forget(fact.account.localpart)
