"""Relays for calls, with names and passwords that are good for a while (XEP-0215 1.0.0).

The password is made from a secret that server and relay share, so that the relay checks it without
asking: the scheme of coturn's ``use-auth-secret`` (draft-uberti-behave-turn-rest-00).
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
)
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import EXTERNAL_SERVICES
from shared_protocol.stanzas.entity.external_services import (
    ExternalService,
    ExternalServices,
    ServicesPayload,
    from_element,
    to_element,
)

_RELAYS = frozenset({"turn", "turns"})
_GET = frozenset({"get"})
_NAME_CHARACTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """What the office knows of external services.

    Attributes:
        services: Without names and passwords.
        secret: That relays share with the server; empty if they are open to all.
        lifetime_seconds: For how long a name and a password are good.
    """

    services: Sequence[ExternalService] = ()
    secret: str = ""
    lifetime_seconds: int = 86_400

    def __repr__(self) -> str:
        return f"<RelaySettings of {len(self.services)} services>"


class ExternalServicesModule:
    """Tells the office's own people where relays are, and how to use them."""

    def __init__(self, settings: RelaySettings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Answer for the server, if there is something to tell."""
        if not self._settings.services:
            return
        self._attached.add(host.features.add(Entity.SERVER, EXTERNAL_SERVICES))
        for payload, handle in (
            (ServicesPayload.SERVICES, self._on_services),
            (ServicesPayload.CREDENTIALS, self._on_credentials),
        ):
            handler = IqHandler(
                payload=f"{EXTERNAL_SERVICES} {payload.value}",
                entity=Entity.SERVER,
                accepts=Accepts.OWN_ACCOUNT,
                handle=handle,
                types=_GET,
                refusal=StanzaCondition.FORBIDDEN,
            )
            self._attached.add(host.add_iq_handler(handler))

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_services(self, request: IqRequest) -> Element:
        """Sections 3.1 and 3.2; the answer repeats the type."""
        kind = from_element(request.payload).type
        chosen = [one for one in self._settings.services if kind in {"", one.type}]
        return self._answer(request, ServicesPayload.SERVICES, chosen, kind)

    def _on_credentials(self, request: IqRequest) -> Element:
        """Section 3.3: by host and type, and by port if it is told."""
        asked = from_element(request.payload).services
        if len(asked) != 1:
            raise StanzaError(StanzaCondition.BAD_REQUEST, "expected one service")
        (wanted,) = asked
        chosen = [
            one
            for one in self._settings.services
            if (one.host, one.type) == (wanted.host, wanted.type)
            and wanted.port in {0, one.port}
            and self._is_restricted(one)
        ]
        if not chosen:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        return self._answer(request, ServicesPayload.CREDENTIALS, chosen)

    def _answer(
        self,
        request: IqRequest,
        payload: ServicesPayload,
        chosen: Sequence[ExternalService],
        kind: str = "",
    ) -> Element:
        localpart = request.sender.localpart
        services = tuple(
            self._with_password(one, localpart) if self._is_restricted(one) else one
            for one in chosen
        )
        return to_element(ExternalServices(payload, services, kind))

    def _is_restricted(self, service: ExternalService) -> bool:
        return service.type in _RELAYS and bool(self._settings.secret)

    def _with_password(self, service: ExternalService, localpart: str) -> ExternalService:
        """The name holds the end of its time, and whom it was made for, but not by name."""
        key = self._settings.secret.encode()
        until = int(self._clock()) + self._settings.lifetime_seconds
        person = hmac.new(key, f"person {localpart}".encode(), hashlib.sha256).hexdigest()
        name = f"{until}:{person[:_NAME_CHARACTERS]}"
        password = hmac.new(key, name.encode(), hashlib.sha1).digest()  # as the relay makes it
        return replace(
            service,
            username=name,
            password=base64.b64encode(password).decode(),
            expires=datetime.fromtimestamp(until, UTC),
            is_restricted=True,
        )
