"""Ping (XEP-0199 2.0.1) of the server, and of the own account, with or without ``to``."""

from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
)
from shared_protocol.namespaces import PING


class PingModule:
    """Answers pings with an empty result."""

    def __init__(self) -> None:
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Answer for the server and for accounts, and announce both."""
        for entity, accepts in (
            (Entity.SERVER, Accepts.ANYONE),
            (Entity.ACCOUNT, Accepts.OWN_ACCOUNT),  # others would learn who has an account
        ):
            handler = IqHandler(
                payload=f"{PING} ping",
                entity=entity,
                accepts=accepts,
                handle=_answer,
                types=frozenset({"get"}),
            )
            self._attached.add(host.add_iq_handler(handler), host.features.add(entity, PING))

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()


def _answer(_request: IqRequest) -> None:
    """Give an empty result (section 4.2)."""
