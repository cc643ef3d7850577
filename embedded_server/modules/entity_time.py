"""The server's clock (XEP-0202 2.0)."""

from collections.abc import Callable
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
from shared_protocol.namespaces import ENTITY_TIME
from shared_protocol.stanzas.entity.entity_time import EntityTime, to_element


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()


class EntityTimeModule:
    """Answers what time it is, in UTC and with the server's offset.

    Args:
        now: Returns the local time, aware.
    """

    def __init__(self, now: Callable[[], datetime] = _local_now) -> None:
        self._now = now
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Answer for the server, and announce it."""
        handler = IqHandler(
            payload=f"{ENTITY_TIME} time",
            entity=Entity.SERVER,
            accepts=Accepts.ANYONE,
            handle=self._on_asked,
            types=frozenset({"get"}),
        )
        self._attached.add(
            host.add_iq_handler(handler), host.features.add(Entity.SERVER, ENTITY_TIME)
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_asked(self, _request: IqRequest) -> Element:
        now = self._now()
        offset = now.utcoffset()
        return to_element(EntityTime(now) if offset is None else EntityTime(now, offset))
