"""In-band registration (XEP-0077 2.4), off unless the office's settings open it.

Before login it exists only where it is open, and only on an encrypted stream (XEP-0077, section 6).
After login everybody may change the own password; where registration is open, also remove the own
account.
"""

import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from embedded_server.plugin_api import (
    Accepts,
    AccountExistsError,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
    NameRefusedError,
    PasswordRefusedError,
    Payload,
    StrangerRequest,
    StreamPhase,
)
from shared_protocol.addresses import AddressError, prepare_localpart
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import REGISTRATION, REGISTRATION_FEATURE
from shared_protocol.stanzas.registration import (
    RegistrationRequest,
    form_element,
    from_element,
    registered_element,
)
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import serialise

_ANNOUNCEMENT = f"<register xmlns='{REGISTRATION_FEATURE}'/>".encode()
_INSTRUCTIONS = "Choose a name and a password for your account."
_HOUR = 3_600.0
_MOST_ADDRESSES = 10_000
_QUERY = f"{REGISTRATION} query"


class AccountRegistry(Protocol):
    """Who makes, changes and deletes accounts; ``accounts.accounts.Accounts`` fits."""

    async def create(self, localpart: str, password: str) -> object:
        """Make an account; it is on disk when this returns.

        Raises:
            NameRefusedError: The name cannot be that of an account.
            PasswordRefusedError: The password is too weak.
            AccountExistsError: The name is taken.
        """

    async def set_password(self, localpart: str, password: str) -> None:
        """Give an account another password."""

    async def delete(self, localpart: str) -> None:
        """Delete an account with all that it owns."""


class RegistrationLimit:
    """How many accounts an IP address may make in an hour (XEP-0077, section 6).

    Args:
        per_hour: 0 for any number.
        clock: Seconds that only grow.
    """

    def __init__(self, per_hour: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_hour = per_hour
        self._clock = clock
        self._made: dict[str, deque[float]] = {}

    def count(self, address: str) -> None:
        """Count an attempt that is otherwise in order.

        Raises:
            StanzaError: There were too many.
        """
        if not self._per_hour:
            return
        now = self._clock()
        if len(self._made) > _MOST_ADDRESSES:
            self._made = {one: made for one, made in self._made.items() if made[-1] > now - _HOUR}
        made = self._made.setdefault(address, deque(maxlen=self._per_hour))
        if len(made) == self._per_hour and made[0] > now - _HOUR:
            raise StanzaError(StanzaCondition.RESOURCE_CONSTRAINT, "too many accounts in an hour")
        made.append(now)


class RegistrationModule:
    """Makes accounts before login, and changes or removes them after it.

    Args:
        is_open: Whether strangers may make accounts, and colleagues remove their own.
    """

    def __init__(
        self, *, accounts: AccountRegistry, is_open: bool, limit: RegistrationLimit
    ) -> None:
        self._accounts = accounts
        self._is_open = is_open
        self._limit = limit
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer members at the server's and their own address, and strangers if it is open."""
        self._host = host
        for entity in Entity:
            handler = IqHandler(
                payload=_QUERY,
                entity=entity,
                accepts=Accepts.OWN_ACCOUNT,
                handle=self._on_member,
                refusal=StanzaCondition.FORBIDDEN,
            )
            self._attached.add(host.add_iq_handler(handler))
        self._attached.add(host.features.add(Entity.SERVER, REGISTRATION))
        if self._is_open:
            self._attached.add(
                host.features.add_to_streams(_announcement),
                host.add_handler_before_login(_QUERY, self._on_stranger),
            )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    async def _on_stranger(self, request: StrangerRequest) -> bytes:
        """Section 3.1: the form, and an account made from what was filled in."""
        if request.frame.attributes.get("type") == "get":
            return serialise(form_element(_INSTRUCTIONS))
        wanted = from_element(element_of(request.frame.raw)[0])
        if not wanted.username or not wanted.password:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, "name and password are needed")
        self._limit.count(request.peer_address)
        await self._create(wanted)
        return b""

    async def _create(self, wanted: RegistrationRequest) -> None:
        try:
            await self._accounts.create(wanted.username, wanted.password)
        except AccountExistsError as error:  # section 3.1, example 5
            raise StanzaError(StanzaCondition.CONFLICT, "the name is taken") from error
        except (NameRefusedError, PasswordRefusedError) as error:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, str(error)) from error

    def _on_member(self, request: IqRequest) -> Element | Coroutine[Any, Any, Payload]:
        if not request.is_set:
            return registered_element(request.sender.localpart)
        return self._change(request)

    async def _change(self, request: IqRequest) -> Payload:
        """Sections 3.2 and 3.3."""
        wanted = from_element(request.payload)
        localpart = request.sender.localpart
        if wanted.is_removal:
            await self._remove(request)
            return None
        if not _is_name(wanted.username, localpart):
            raise StanzaError(StanzaCondition.FORBIDDEN, "this is not your account")
        if not wanted.password:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "a password is needed")
        try:
            await self._accounts.set_password(localpart, wanted.password)
        except PasswordRefusedError as error:
            raise StanzaError(StanzaCondition.NOT_ACCEPTABLE, str(error)) from error
        return None

    async def _remove(self, request: IqRequest) -> None:
        if not self._is_open:
            raise StanzaError(StanzaCondition.NOT_ALLOWED, "ask who runs the office")
        # The host closes the account's streams one turn later: the result still leaves.
        await self._accounts.delete(request.sender.localpart)


def _is_name(text: str, localpart: str) -> bool:
    try:
        return prepare_localpart(text) == localpart
    except AddressError:
        return False


def _announcement(phase: StreamPhase) -> bytes:
    return _ANNOUNCEMENT if phase is StreamPhase.BEFORE_LOGIN else b""
