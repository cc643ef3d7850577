"""Whom to ask about this server (XEP-0157 1.1.1), in what discovery says of it."""

from collections.abc import Mapping, Sequence

from embedded_server.plugin_api import Attachments, Entity, ModuleHost
from shared_protocol.namespaces import SERVER_INFORMATION
from shared_protocol.stanzas.disco import DiscoField, DiscoForm

KINDS = ("abuse", "admin", "feedback", "sales", "security", "status", "support")


class ContactAddressesModule:
    """Announces addresses by kind; where there are none, nothing.

    Args:
        addresses: URIs by kind, one of ``KINDS``; kinds without one may be missing.
    """

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self._fields = tuple(
            DiscoField(f"{kind}-addresses", tuple(addresses[kind]))
            for kind in KINDS
            if addresses.get(kind)
        )
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Announce the form."""
        if self._fields:
            form = DiscoForm((SERVER_INFORMATION,), self._fields)
            self._attached.add(host.features.add_form(Entity.SERVER, form))

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()
