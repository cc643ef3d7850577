"""Software version of the server (XEP-0092 1.1). The operating system is nobody's business."""

from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
)
from shared_protocol.namespaces import SOFTWARE_VERSION
from shared_protocol.stanzas.entity.software_version import SoftwareVersion, to_element
from shared_protocol.xml.writer import serialise


class SoftwareVersionModule:
    """Answers which program this is."""

    def __init__(self, version: SoftwareVersion) -> None:
        self._answer = serialise(to_element(version))
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Answer for the server, and announce it."""
        handler = IqHandler(
            payload=f"{SOFTWARE_VERSION} query",
            entity=Entity.SERVER,
            accepts=Accepts.ANYONE,
            handle=self._on_asked,
            types=frozenset({"get"}),
        )
        self._attached.add(
            host.add_iq_handler(handler), host.features.add(Entity.SERVER, SOFTWARE_VERSION)
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def _on_asked(self, _request: IqRequest) -> bytes:
        return self._answer
