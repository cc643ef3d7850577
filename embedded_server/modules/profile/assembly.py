"""Puts together what accounts say about themselves: it rests on publish-subscribe."""

from embedded_server.modules.presence import PresenceModule
from embedded_server.modules.profile.avatars import AvatarModule
from embedded_server.modules.profile.bookmarks import BookmarksModule
from embedded_server.modules.profile.directory import DirectoryModule
from embedded_server.modules.profile.private_storage import PrivateStorageModule
from embedded_server.modules.profile.vcard4 import Vcard4Module
from embedded_server.modules.profile.vcards import VcardModule
from embedded_server.modules.pubsub.assembly import PubSubModule
from embedded_server.plugin_api import ModuleHost, ProfileRepository, ServerModule


class ProfileModule:
    """Avatars, bookmarks, vCards, private storage and the directory.

    Attached behind publish-subscribe and presence.
    """

    def __init__(
        self, *, store: ProfileRepository, publishing: PubSubModule, presence: PresenceModule
    ) -> None:
        avatars = AvatarModule(publishing=publishing, presence=presence)
        directory = DirectoryModule(store=store)
        self._parts: tuple[ServerModule, ...] = (
            avatars,
            BookmarksModule(publishing=publishing),
            PrivateStorageModule(store=store, publishing=publishing),
            directory,
            VcardModule(store=store, avatars=avatars, directory=directory),
            Vcard4Module(publishing=publishing),
        )

    def attach(self, host: ModuleHost) -> None:
        """Attach the parts in order."""
        for part in self._parts:
            part.attach(host)

    def detach(self) -> None:
        """Take everything back."""
        for part in reversed(self._parts):
            part.detach()
