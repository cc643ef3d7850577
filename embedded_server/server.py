"""The composition root: builds the parts of a running office once, and takes them down again.

It listens for clients that begin with STARTTLS and for those that begin with TLS. The port for
HTTPS is accepted in the settings, but nothing listens there yet, and none is published.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from embedded_server.administration.account_operations import AccountOperations
from embedded_server.administration.certificates import SERVER_CHAIN, SERVER_KEY, renew_if_due
from embedded_server.administration.control_channel import ControlChannel
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.operations import OperationRegistry
from embedded_server.administration.server_operations import ServerOperations
from embedded_server.administration.setup_errors import CertificateError
from embedded_server.modules.standard import ModuleSettings, StandardModules
from embedded_server.network.admission import Admission
from embedded_server.network.errors import CertificateUnusableError
from embedded_server.network.listener import Listener
from embedded_server.network.network_loop import NetworkLoop
from embedded_server.network.tls import ServerTls
from embedded_server.routing.host import Host
from embedded_server.routing.questions import AccountDeleted
from embedded_server.sessions.client_streams import ClientStreams
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.stream_context import StreamSettings
from embedded_server.sessions.task_owner import TaskOwner
from shared_protocol.addresses import BareJid
from shared_protocol.control.control_endpoint import PublicPorts
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.stanzas.entity.software_version import SoftwareVersion
from shared_protocol.version import VERSION

_logger = logging.getLogger(__name__)
_NAME = "Parlour"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - an office is for the computers around it
_DAY_SECONDS = 86_400.0


def make_server(office: OpenOffice, request_stop: Callable[[], None]) -> "Server":
    """Make the server of an office that is open; ``administration.office_run`` runs it."""
    return Server(office, request_stop)


class Server:
    """A running office. ``start`` opens it, ``stop`` closes it; the office's store stays open.

    Args of the constructor:
        office: Open; whoever opened it closes it after ``stop``.
        request_stop: Called when an administrator asks for the end; must return at once.
    """

    def __init__(self, office: OpenOffice, request_stop: Callable[[], None]) -> None:
        self._office = office
        self._request_stop = request_stop
        self._version = VERSION
        self._domain = office.settings.server.domain
        limits = office.settings.limits
        self._directory = SessionDirectory()
        self._host = Host(domain=self._domain, accounts=office.accounts, sessions=self._directory)
        self._modules = StandardModules(
            ModuleSettings(
                rosters=office.rosters,
                spool=office.spool,
                accounts=office.accounts,
                version=SoftwareVersion(_NAME, self._version),
                roster_limits=limits.rosters(),
                is_registration_open=office.settings.registration.open,
                registrations_per_hour=limits.registrations_per_address_per_hour,
            )
        )
        self._tasks = TaskOwner()
        self._streams: ClientStreams | None = None
        self._network: NetworkLoop | None = None
        self._listeners: tuple[Listener, ...] = ()
        self._control: ControlChannel | None = None
        self._forget_deletions: Callable[[], None] | None = None
        self._tls = _Certificate(office.folder)
        self._started_at = time.monotonic()

    @property
    def ports(self) -> PublicPorts:
        """Where it listens; 0 where it does not."""
        clear, direct = (
            (listener.port for listener in self._listeners) if self._listeners else (0, 0)
        )
        return PublicPorts(c2s=clear, direct_tls=direct)

    async def start(self) -> None:
        """Open all ports; after an error call ``stop`` as well.

        Raises:
            NetworkError: A port is taken, or an address is not there.
            SetupError: The certificate is bad, or the control line cannot be opened.
        """
        self._tls.load()
        self._forget_deletions = self._office.accounts.on_deleted(self._on_account_deleted)
        self._modules.attach(self._host)
        self._network = NetworkLoop(asyncio.get_running_loop())
        self._streams = self._make_streams(self._network)
        self._listeners = self._make_listeners(self._network, self._streams)
        for listener in self._listeners:
            await listener.start()
        self._control = ControlChannel(
            folder=self._office.folder,
            operations=OperationRegistry(
                AccountOperations(accounts=self._office.accounts, domain=self._domain),
                ServerOperations(self),
            ),
            version=self._version,
        )
        await self._control.start(self.ports)
        self._tasks.spawn(self._renew_daily(), "renew the certificate")

    async def stop(self) -> None:
        """Take no more connections, end all streams, and undo what ``start`` did."""
        for listener in self._listeners:
            listener.stop()
        if self._control is not None:
            await self._control.stop()
        if self._streams is not None:
            await self._streams.stop()
        await self._tasks.stop()
        await self._host.stop()
        self._modules.detach()
        if self._forget_deletions is not None:
            self._forget_deletions()
            self._forget_deletions = None
        if self._network is not None:
            self._network.stop()

    def request_stop(self) -> None:
        """Begin to stop, as an administrator wants."""
        self._request_stop()

    def status(self) -> dict[str, object]:
        """Tell how the server is; the values have a form in JSON."""
        ports = self.ports
        trouble = self._office.storage.trouble
        return {
            "version": self._version,
            "domain": self._domain,
            "ports": {"c2s": ports.c2s, "direct_tls": ports.direct_tls, "http": ports.http},
            "sessions": len(self._directory),
            "accounts": len(self._office.accounts.names()),
            "uptime_seconds": round(time.monotonic() - self._started_at),
            "storage": "ok" if trouble is None else str(trouble),
        }

    def _make_streams(self, network: NetworkLoop) -> ClientStreams:
        limits = self._office.settings.limits
        return ClientStreams(
            network=network,
            host=self._host,
            accounts=self._office.accounts,
            directory=self._directory,
            tls=self._tls.current,
            settings=StreamSettings(
                client=limits.stream(),
                rates=limits.rates(),
                fake_salt_secret=self._office.accounts.fake_salt_secret,
            ),
        )

    def _make_listeners(
        self, network: NetworkLoop, streams: ClientStreams
    ) -> tuple[Listener, Listener]:
        settings = self._office.settings
        limits = settings.limits.connections()
        admission = Admission(limits, counts_loopback=settings.limits.counts_loopback)
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

    async def _on_account_deleted(self, localpart: str) -> None:
        """End what the account had; its own streams one turn later, so that answers leave."""
        self._office.spool.forget(localpart)
        self._tasks.spawn(self._end_account(localpart), f"end the streams of {localpart}")

    async def _end_account(self, localpart: str) -> None:
        account = BareJid(localpart, self._domain)
        error = StreamError(StreamCondition.NOT_AUTHORIZED, "the account was deleted")
        for session in self._directory.sessions_of(localpart):
            session.close(error)
        await self._modules.subscriptions.forget(account, self._office.accounts.names())
        self._host.hooks.tell(AccountDeleted(account))

    async def _renew_daily(self) -> None:
        while True:
            await asyncio.sleep(_DAY_SECONDS)
            try:
                if await asyncio.to_thread(renew_if_due, self._office.folder, self._domain):
                    self._tls.load()
            except (CertificateError, CertificateUnusableError) as error:
                _logger.error("the certificate was not renewed: %s", error)  # noqa: TRY400 - one line


class _Certificate:
    """The server's certificate, which may be renewed while it runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tls: ServerTls | None = None

    def load(self) -> None:
        """Read it from the data folder.

        Raises:
            CertificateUnusableError: It cannot be read.
        """
        self._tls = ServerTls.load(self._folder / SERVER_CHAIN, self._folder / SERVER_KEY)

    def current(self) -> ServerTls:
        """Return what the next stream begins with."""
        if self._tls is None:
            message = "load comes first"
            raise RuntimeError(message)
        return self._tls
