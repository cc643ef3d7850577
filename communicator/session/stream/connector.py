"""Makes connections: which address, in which mode, trusting whom; and says why there is none."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from communicator.session.errors import ConnectionFailedError, NotConnectedError, SessionError
from communicator.session.stream.certificates import is_for, presented_chain, summary_of
from communicator.session.stream.negotiation import (
    FormerSession,
    Negotiated,
    Negotiation,
    NegotiationTask,
    NoEncryptionError,
    server_name_of,
)
from communicator.session.stream.safe_client import SafeClient
from communicator.session.stream.server_lookup import Endpoint, endpoints_of
from communicator.session.stream.tls_context import context_of, unverified_context
from communicator.session.stream.troubles import kind_of
from communicator.state.account import Account
from communicator.state.connection import CertificateSummary, ConnectionTrouble, TroubleKind
from shared_protocol.errors import ProtocolError

if TYPE_CHECKING:
    from shared_protocol.addresses import BareJid

ADDRESS_SECONDS = 10.0
LOGIN_SECONDS = 30.0

_CERTIFICATE_KINDS = frozenset(
    {
        TroubleKind.CERTIFICATE_UNTRUSTED,
        TroubleKind.CERTIFICATE_OTHER_NAME,
        TroubleKind.CERTIFICATE_EXPIRED,
        TroubleKind.CERTIFICATE_WEAK,
    }
)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A stream that is logged in and has a resource.

    Attributes:
        rest: Elements that came since and that nobody has looked at.
    """

    client: SafeClient
    negotiated: Negotiated
    endpoint: Endpoint
    rest: list[Element]


class Connector:
    """Connects accounts. Remembers which had SCRAM, so that none is talked into less."""

    def __init__(
        self, *, address_seconds: float = ADDRESS_SECONDS, login_seconds: float = LOGIN_SECONDS
    ) -> None:
        self._address_seconds = address_seconds
        self._login_seconds = login_seconds
        self._had_scram: set[BareJid] = set()

    async def connect(
        self,
        account: Account,
        password: str,
        resource: str,
        former: FormerSession | None = None,
    ) -> OpenSession:
        """Connect and log in; nothing is left open if that fails or is cancelled.

        Args:
            account: Whose session it becomes.
            password: The account's.
            resource: What is asked for.
            former: A session of the account that shall go on, where the server still has it.

        Raises:
            ConnectionFailedError: It failed.
        """
        attempt = _Attempt(account, self._address_seconds, self._login_seconds)
        make_task = partial(
            NegotiationTask,
            account.jid,
            password,
            requires_scram=account.jid in self._had_scram,
            resource=resource,
            former=former,
        )
        try:
            opened = await attempt.run(make_task)
        except (OSError, ProtocolError, NoEncryptionError, SessionError) as error:
            raise ConnectionFailedError(await attempt.trouble_of(error)) from error
        if opened.negotiated.had_scram:
            self._had_scram.add(account.jid)
        return opened


class _Attempt:
    """One try to connect an account."""

    def __init__(self, account: Account, address_seconds: float, login_seconds: float) -> None:
        self._account = account
        self._address_seconds = address_seconds
        self._login_seconds = login_seconds
        self._endpoint: Endpoint | None = None
        self._is_reached = False

    async def run(self, make_task: Callable[[ssl.SSLContext], NegotiationTask]) -> OpenSession:
        """Try every address, then log in where somebody answers."""
        account = self._account
        endpoints = await endpoints_of(account)
        client, endpoint, context = await self._open_first(endpoints)
        self._is_reached = True
        try:
            async with asyncio.timeout(self._login_seconds):
                negotiation = Negotiation(client, make_task(context))
                await negotiation.encrypt()
                negotiated = await negotiation.log_in()
        except NotConnectedError:
            raise client.reason or ConnectionResetError("the server closed") from None
        except BaseException:
            client.cut(None)
            raise
        return OpenSession(client, negotiated, endpoint, negotiation.rest())

    async def trouble_of(self, error: Exception) -> ConnectionTrouble:
        """Say what went wrong; for a certificate, look at it first."""
        kind = kind_of(error)
        summary: CertificateSummary | None = None
        if kind in _CERTIFICATE_KINDS:
            summary = await self._look_at_certificate()
            kind = self._certificate_kind(kind, summary)
        endpoint = self._endpoint
        if kind is TroubleKind.TIMED_OUT and not self._is_reached:
            kind = TroubleKind.HOST_OFF if endpoint is not None and endpoint.is_near else kind
        return ConnectionTrouble(
            kind=kind,
            host=self._name_for(kind),
            port=endpoint.port if endpoint is not None else self._account.port,
            details=f"{type(error).__name__}: {error}",
            certificate=summary,
            is_pinned=self._account.authority_pem is not None,
        )

    def _name_for(self, kind: TroubleKind) -> str:
        """Return the name that the user knows: of the computer, or what a certificate must hold."""
        domain = self._account.jid.domainpart
        is_name_wrong = kind is TroubleKind.CERTIFICATE_OTHER_NAME
        return domain if is_name_wrong else self._account.host or domain

    async def _open_first(
        self, endpoints: list[Endpoint]
    ) -> tuple[SafeClient, Endpoint, ssl.SSLContext]:
        """Open the first address that answers. What TLS says there is final: no other is tried."""
        failure: OSError | None = None
        for endpoint in endpoints:
            self._endpoint = endpoint
            # In a thread: the authorities of the system take some 70 ms to load.
            context = await asyncio.to_thread(
                context_of, self._account, is_direct_tls=endpoint.is_direct_tls
            )
            try:
                return await self._open(endpoint, context), endpoint, context
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
        raise failure or OSError("there is no address to try")

    async def _open(self, endpoint: Endpoint, context: ssl.SSLContext) -> SafeClient:
        client = SafeClient(self._account.jid)
        is_direct = endpoint.is_direct_tls
        async with asyncio.timeout(self._address_seconds):
            await asyncio.get_running_loop().create_connection(
                lambda: client,
                endpoint.address,
                endpoint.port,
                ssl=context if is_direct else None,
                server_hostname=server_name_of(self._account.jid) if is_direct else None,
            )
        return client

    async def _look_at_certificate(self) -> CertificateSummary | None:
        """Fetch the certificate by a handshake that trusts anybody; no password follows."""
        endpoint = self._endpoint
        if endpoint is None:
            return None
        context = unverified_context(is_direct_tls=endpoint.is_direct_tls)
        task = NegotiationTask(self._account.jid, "", context, requires_scram=True, resource="")
        try:
            client = await self._open(endpoint, context)
            try:
                async with asyncio.timeout(self._address_seconds):
                    await Negotiation(client, task).encrypt()
                chain = presented_chain(client.tls) if client.tls is not None else []
            finally:
                client.cut(None)
            return summary_of(chain) if chain else None
        except (OSError, ProtocolError, NoEncryptionError, SessionError, ValueError):
            return None

    def _certificate_kind(
        self, kind: TroubleKind, summary: CertificateSummary | None
    ) -> TroubleKind:
        if kind is not TroubleKind.CERTIFICATE_UNTRUSTED:
            return kind
        if self._account.authority_pem is not None:
            return TroubleKind.CERTIFICATE_CHANGED
        if summary is not None and not is_for(summary, server_name_of(self._account.jid)):
            return TroubleKind.CERTIFICATE_OTHER_NAME
        return kind
