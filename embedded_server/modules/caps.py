"""Entity capabilities of the server, in its stream features (XEP-0115 1.6.0, section 6.3)."""

from typing import TYPE_CHECKING

from embedded_server.plugin_api import Attachments, Entity, ModuleHost, StreamPhase
from shared_protocol.namespaces import CAPS
from shared_protocol.stanzas.caps import Capabilities, to_element, verification_string
from shared_protocol.stanzas.disco import DiscoInfo
from shared_protocol.xml.writer import serialise

if TYPE_CHECKING:
    from collections.abc import Callable

NODE = "urn:parlour:server:0"


class ServerCapsModule:
    """Announces the hash of what discovery answers, computed anew when that changes."""

    def __init__(self) -> None:
        self._attached = Attachments()
        self._host: ModuleHost
        self._written_for = -1
        self._written = b""
        self._forget_node: Callable[[], None] = _nothing

    def attach(self, host: ModuleHost) -> None:
        """Announce capabilities in the features of streams that are logged in."""
        self._host = host
        self._attached.add(
            host.features.add(Entity.SERVER, CAPS), host.features.add_to_streams(self._feature)
        )

    def detach(self) -> None:
        """Take everything back."""
        self._forget_node()
        self._forget_node = _nothing
        self._attached.undo()

    def _feature(self, phase: StreamPhase) -> bytes:
        if phase is not StreamPhase.AFTER_LOGIN:
            return b""
        features = self._host.features
        if features.version != self._written_for:
            server = Entity.SERVER
            info = DiscoInfo(
                features.identities_of(server),
                features.of(server),
                forms=features.forms_of(server),
            )
            version = verification_string(info)
            self._forget_node()
            self._forget_node = features.add_node(f"{NODE}#{version}")
            self._written = serialise(to_element(Capabilities(NODE, version)))
            self._written_for = features.version
        return self._written


def _nothing() -> None:
    """Forget no node: none is announced."""
