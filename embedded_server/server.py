"""The composition root: builds the parts of a running office once, and takes them down again.

It listens for clients that begin with STARTTLS, for those that begin with TLS, and for HTTPS.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from embedded_server.administration.ad_hoc.service_commands import office_commands
from embedded_server.administration.certificates import (
    SERVER_CHAIN,
    SERVER_KEY,
    SUB_DOMAINS,
    renew_if_due,
)
from embedded_server.administration.component_door import ComponentDoor
from embedded_server.administration.control_channel import ControlChannel
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.operation_sets.office_operations import office_operations
from embedded_server.administration.setup_errors import CertificateError
from embedded_server.config import EVERYBODY
from embedded_server.modules.bytestreams.proxy_module import ProxyModule
from embedded_server.modules.rooms.rooms_module import RoomSettings
from embedded_server.modules.service.ad_hoc_commands import AdHocCommandsModule
from embedded_server.modules.service.external_services import RelaySettings
from embedded_server.modules.service.notices import NoticesModule
from embedded_server.modules.service.push import PushContents
from embedded_server.modules.standard import ModuleSettings, StandardModules
from embedded_server.modules.uploads.upload_module import UploadSettings
from embedded_server.network.admission import Admission
from embedded_server.network.errors import CertificateUnusableError
from embedded_server.network.http.http_context import HttpContext
from embedded_server.network.http.names import ServedNames
from embedded_server.network.http.routes import Route
from embedded_server.network.http.web_listener import WebListener
from embedded_server.network.http.web_site import WebSite
from embedded_server.network.listener import Listener
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.socks.relay import Relay
from embedded_server.network.tls import ALPN_OF_HTTP, ServerTls
from embedded_server.plugin_api.attachments import Attachments
from embedded_server.routing.host import Host
from embedded_server.routing.questions import AccountDeleted, HostStopping
from embedded_server.sessions.carriers.bosh.bosh_streams import BoshStreams
from embedded_server.sessions.carriers.websocket_streams import WebSocketStreams
from embedded_server.sessions.client_streams import ClientStreams
from embedded_server.sessions.continuity.waiting_sessions import WaitingSessions
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.stream_context import StreamSettings
from embedded_server.sessions.stream_host import LoginSources
from embedded_server.sessions.task_owner import TaskOwner
from shared_protocol.addresses import BareJid
from shared_protocol.control.control_endpoint import PublicPorts
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.stanzas.entity.external_services import ExternalService
from shared_protocol.stanzas.entity.software_version import SoftwareVersion
from shared_protocol.version import VERSION

_logger = logging.getLogger(__name__)
_NAME = "Parlour"
_UPLOAD_FOLDER = "uploads"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - an office is for the computers around it
_LOGIN_SECONDS = 5.0  # who needs longer makes room where there is none
_DAY_SECONDS = 86_400.0


def make_server(
    office: OpenOffice,
    request_stop: Callable[[], None],
    request_restart: Callable[[], None] | None = None,
) -> "Server":
    """Make the server of an office that is open; ``administration.office_run`` runs it."""
    return Server(office, request_stop, request_restart)


class Server:
    """A running office. ``start`` opens it, ``stop`` closes it; the office's store stays open.

    Args of the constructor:
        office: Open; whoever opened it closes it after ``stop``.
        request_stop: Called when an administrator asks for the end; must return at once.
        request_restart: The same for an end that is a new beginning; without it, it is the end.
    """

    def __init__(
        self,
        office: OpenOffice,
        request_stop: Callable[[], None],
        request_restart: Callable[[], None] | None = None,
    ) -> None:
        self._office = office
        self._request_stop = request_stop
        self._request_restart = request_restart or request_stop
        self._ending: asyncio.TimerHandle | None = None
        self._version = VERSION
        self._domain = office.settings.server.domain
        self._directory = SessionDirectory()
        http = office.settings.http
        self._web = WebSite(
            self._domain, public_url=http.public_url, origins=frozenset(http.origins)
        )
        self._host = Host(
            domain=self._domain,
            accounts=office.accounts,
            sessions=self._directory,
            web=self._web,
        )
        self._notices = NoticesModule(office.notices)
        self._components = ComponentDoor(office.settings.components, office.settings.limits)
        self._operations = office_operations(
            office, notices=self._notices, sessions=self._directory, control=self
        )
        self._relay: Relay | None = None
        self._modules = StandardModules(self._module_settings())
        self._tasks = TaskOwner()
        self._streams: ClientStreams | None = None
        self._waiting: WaitingSessions | None = None
        self._network: NetworkLoop | None = None
        self._listeners: tuple[Listener, ...] = ()
        self._web_listener: WebListener | None = None
        self._control: ControlChannel | None = None
        self._forget_accounts = Attachments()
        self._tls = _Certificate(office.folder)
        self._started_at = time.monotonic()

    @property
    def ports(self) -> PublicPorts:
        """Where it listens; 0 where it does not."""
        clear, direct = (
            (listener.port for listener in self._listeners) if self._listeners else (0, 0)
        )
        http = self._web_listener.port if self._web_listener is not None else 0
        return PublicPorts(c2s=clear, direct_tls=direct, http=http)

    async def start(self) -> None:
        """Open all ports; after an error call ``stop`` as well.

        Raises:
            NetworkError: A port is taken, or an address is not there.
            SetupError: The certificate is bad, or the control line cannot be opened.
        """
        self._tls.load()
        accounts = self._office.accounts
        self._forget_accounts.add(
            accounts.on_deleted(self._on_account_deleted),
            accounts.on_disabled(self._on_account_disabled),
        )
        await self._notices.load()
        self._modules.attach(self._host)
        self._network = NetworkLoop(asyncio.get_running_loop())
        self._streams = self._make_streams(self._network)
        self._waiting = WaitingSessions(
            keeper=self._streams.keeper, host=self._host, repository=self._office.sessions
        )
        await self._waiting.restore()
        self._open_web_streams(self._network, self._streams)
        self._listeners = self._make_listeners(self._network, self._streams)
        for listener in self._listeners:
            await listener.start()
        self._web_listener = self._make_web_listener(self._network)
        await self._web_listener.start()
        self._web.listens_on(self._web_listener.port)
        if self._relay is not None:
            await self._relay.start(self._network)
        await self._components.open(self._network)
        self._control = ControlChannel(
            folder=self._office.folder,
            operations=self._operations,
            version=self._version,
        )
        await self._control.start(self.ports)
        self._tasks.spawn(self._renew_daily(), "renew the certificate")
        self._tasks.spawn(self._office.messages.remove_former_archives(), "remove old archives")

    async def stop(self) -> None:
        """Take no more connections, end all streams, and undo what ``start`` did."""
        if self._ending is not None:
            self._ending.cancel()
        for listener in self._listeners:
            listener.stop()
        self._components.stop()
        if self._web_listener is not None:
            self._web_listener.stop()
        if self._control is not None:
            await self._control.stop()
        self._host.hooks.tell(HostStopping())
        if self._streams is not None:
            await self._streams.stop()
        if self._waiting is not None:
            await self._waiting.save()
        if self._web_listener is not None:
            self._web_listener.abort()
        if self._relay is not None:
            self._relay.stop()
        await self._tasks.stop()
        await self._host.stop()
        self._modules.detach()
        self._forget_accounts.undo()
        if self._network is not None:
            self._network.stop()

    @property
    def relay_port(self) -> int:
        """Where byte streams are relayed; 0 if they are not."""
        return self._relay.port if self._relay is not None else 0

    @property
    def component_port(self) -> int:
        """Where it listens for components; 0 where it does not."""
        return self._components.port

    @property
    def routes(self) -> tuple[Route, ...]:
        """What answers over HTTPS."""
        return tuple(self._web.routes)

    def reload_certificate(self) -> None:
        """Show what lies in the data folder to all who come from now on.

        Raises:
            CertificateUnusableError: It cannot be read; the former one stays.
        """
        self._tls.load()

    def request_stop(self, *, is_restart: bool = False, delay_seconds: int = 0) -> None:
        """Begin to stop, or to start anew, as an administrator wants; the last wish counts."""
        request = self._request_restart if is_restart else self._request_stop
        if self._ending is not None:
            self._ending.cancel()
        if delay_seconds:
            loop = asyncio.get_running_loop()
            self._ending = loop.call_later(delay_seconds, request)
        else:
            request()

    def status(self) -> dict[str, object]:
        """Tell how the server is; the values have a form in JSON."""
        ports = self.ports
        trouble = self._office.storage.trouble
        return {
            "version": self._version,
            "domain": self._domain,
            "ports": {"c2s": ports.c2s, "direct_tls": ports.direct_tls, "http": ports.http},
            "sessions": len(self._directory),
            "sessions_without_stream": self._sessions_without_stream,
            "accounts": len(self._office.accounts.names()),
            "uptime_seconds": round(time.monotonic() - self._started_at),
            "storage": "ok" if trouble is None else str(trouble),
        }

    @property
    def _sessions_without_stream(self) -> int:
        return self._streams.keeper.without_stream_count if self._streams is not None else 0

    def _make_streams(self, network: NetworkLoop) -> ClientStreams:
        limits = self._office.settings.limits
        return ClientStreams(
            network=network,
            host=self._host,
            logins=LoginSources(self._office.accounts, self._office.tokens),
            directory=self._directory,
            tls=self._tls.current,
            settings=StreamSettings(
                client=limits.stream(),
                rates=limits.rates(),
                negotiation_seconds=limits.connections().negotiation_seconds,
                fake_salt_secret=self._office.accounts.fake_salt_secret,
            ),
        )

    def _make_listeners(
        self, network: NetworkLoop, streams: ClientStreams
    ) -> tuple[Listener, Listener]:
        settings = self._office.settings
        admission = Admission(
            settings.limits.connections(),
            counts_loopback=settings.limits.counts_loopback,
            patience_seconds=_LOGIN_SECONDS,
        )
        hosts = settings.server.listen or _EVERYWHERE
        return (
            Listener(
                network,
                hosts=hosts,
                port=settings.server.port,
                make_receiver=streams.in_clear,
                admission=admission,
            ),
            Listener(
                network,
                hosts=hosts,
                port=settings.server.tls_port,
                make_receiver=streams.in_tls,
                admission=admission,
                tls=self._tls.current,
            ),
        )

    def _make_proxy(self) -> ProxyModule | None:
        settings, limits = self._office.settings, self._office.settings.limits
        if not settings.proxy.enabled:
            return None
        self._relay = Relay(
            hosts=settings.server.listen or _EVERYWHERE,
            port=settings.proxy.port,
            connections=limits.connections(),
            counts_loopback=limits.counts_loopback,
        )
        return ProxyModule(self._relay, host=settings.proxy.host)

    def _open_web_streams(self, network: NetworkLoop, streams: ClientStreams) -> None:
        limits = self._office.settings.limits
        admission = Admission(limits.connections(), counts_loopback=limits.counts_loopback)
        WebSocketStreams(streams, self._web).open()
        BoshStreams(streams, self._web, network, domain=self._domain, admission=admission).open()

    def _make_web_listener(self, network: NetworkLoop) -> WebListener:
        settings = self._office.settings
        covered = [self._domain, *(f"{name}.{self._domain}" for name in SUB_DOMAINS)]
        context = HttpContext(
            network=network,
            routes=self._web.routes,
            names=ServedNames([self._web.name, *covered]),
            spawn=self._tasks.spawn,
        )
        return WebListener(
            context,
            hosts=settings.server.listen or _EVERYWHERE,
            port=settings.server.http_port,
            tls=self._tls.current_for_http,
            limits=settings.limits.connections(),
            counts_loopback=settings.limits.counts_loopback,
        )

    def _module_settings(self) -> ModuleSettings:
        office, limits = self._office, self._office.settings.limits
        commands = AdHocCommandsModule(
            office_commands(self._operations, self._domain),
            is_administrator=office.accounts.is_administrator,
        )
        return ModuleSettings(
            further=(self._notices, commands, self._components.module),
            rosters=office.rosters,
            blocks=office.blocks,
            push=office.push,
            push_contents=PushContents(
                office.settings.push.tells_sender, office.settings.push.tells_text
            ),
            activities=office.activities,
            pubsub=office.pubsub,
            profiles=office.profiles,
            rooms=self._room_settings(),
            messages=office.messages,
            archive_key=office.archive_key,
            archive_preferences=office.archive_preferences,
            accounts=office.accounts,
            version=SoftwareVersion(_NAME, self._version),
            uploads=UploadSettings(
                repository=office.uploads,
                folder=office.folder / _UPLOAD_FOLDER,
                limits=limits.uploads(),
            ),
            relays=self._relay_settings(),
            contact_addresses=office.settings.contact.by_kind(),
            roster_limits=limits.rosters(),
            is_registration_open=office.settings.registration.open,
            registrations_per_hour=limits.registrations_per_address_per_hour,
            proxy=self._make_proxy(),
        )

    def _relay_settings(self) -> RelaySettings:
        settings = self._office.settings.external_services
        return RelaySettings(
            services=[
                ExternalService(one.type, one.host, one.port, one.transport)
                for one in settings.parted()
            ],
            secret=settings.secret,
            lifetime_seconds=settings.lifetime_seconds,
        )

    def _room_settings(self) -> RoomSettings:
        return RoomSettings(
            repository=self._office.rooms,
            archive=self._office.room_archive,
            limits=self._office.settings.rooms.limits(),
            may_create=self._may_create_rooms,
            administrators=self._administrators,
        )

    def _administrators(self) -> list[BareJid]:
        accounts = self._office.accounts
        names = (name for name in accounts.names() if accounts.is_administrator(name))
        return [BareJid(name, self._domain) for name in names]

    def _may_create_rooms(self, account: BareJid) -> bool:
        if account.domainpart != self._domain:
            return False
        is_for_all = self._office.settings.rooms.creation == EVERYBODY
        return is_for_all or self._office.accounts.is_administrator(account.localpart)

    async def _on_account_deleted(self, localpart: str) -> None:
        """End what the account had; its own streams one turn later, so that answers leave."""
        self._office.messages.forget(localpart)
        self._tasks.spawn(self._end_account(localpart), f"end the streams of {localpart}")

    async def _on_account_disabled(self, localpart: str) -> None:
        """End its sessions one turn later, so that an administrator's own answer leaves."""
        error = StreamError(StreamCondition.NOT_AUTHORIZED, "the account is disabled")
        self._tasks.spawn(self._end_sessions(localpart, error), f"end the streams of {localpart}")

    async def _end_sessions(self, localpart: str, error: StreamError) -> None:
        for session in self._directory.sessions_of(localpart):
            session.close(error)

    async def _end_account(self, localpart: str) -> None:
        account = BareJid(localpart, self._domain)
        error = StreamError(StreamCondition.NOT_AUTHORIZED, "the account was deleted")
        await self._end_sessions(localpart, error)
        self._tasks.spawn(self._office.messages.remove_former_archives(), "remove an archive")
        await self._modules.subscriptions.forget(account, self._office.accounts.names())
        self._host.hooks.tell(AccountDeleted(account))

    async def _renew_daily(self) -> None:
        while True:
            await asyncio.sleep(_DAY_SECONDS)
            try:
                if await asyncio.to_thread(renew_if_due, self._office.folder, self._domain):
                    self.reload_certificate()
            except (CertificateError, CertificateUnusableError) as error:
                _logger.error("the certificate was not renewed: %s", error)  # noqa: TRY400 - one line


class _Certificate:
    """The server's certificate, which may be renewed while it runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tls: ServerTls | None = None
        self._tls_for_http: ServerTls | None = None

    def load(self) -> None:
        """Read it from the data folder.

        Raises:
            CertificateUnusableError: It cannot be read.
        """
        chain, key = self._folder / SERVER_CHAIN, self._folder / SERVER_KEY
        tls, tls_for_http = ServerTls.load(chain, key), ServerTls.load(chain, key, ALPN_OF_HTTP)
        self._tls, self._tls_for_http = tls, tls_for_http

    def current(self) -> ServerTls:
        """Return what the next stream begins with."""
        return _loaded(self._tls)

    def current_for_http(self) -> ServerTls:
        """Return what the next connection for HTTPS begins with."""
        return _loaded(self._tls_for_http)


def _loaded(tls: ServerTls | None) -> ServerTls:
    if tls is None:
        message = "load comes first"
        raise RuntimeError(message)
    return tls
