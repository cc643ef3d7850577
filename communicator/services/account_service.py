"""Signing in for the first time: to an office or to any server with an XMPP address."""

import re
from dataclasses import replace
from enum import Enum

from communicator.services.password_service import PasswordService
from communicator.session.ports import ConnectionSession
from communicator.state.account import Account
from communicator.state.preferences import PasswordKeeping, PreferencesState
from communicator.storage.errors import CredentialStoreMissingError
from shared_protocol.addresses import BareJid, prepare_domainpart, prepare_localpart


class SignInStep(Enum):
    """What comes after a sign-in that the server accepted."""

    DONE = "done"
    CHOOSE_KEEPING = "choose-keeping"  # no password store: ask, then ``choose_keeping``


class AccountService:
    """Checks an account by connecting with it, then remembers it and its password."""

    def __init__(
        self,
        *,
        session: ConnectionSession,
        passwords: PasswordService,
        preferences: PreferencesState,
    ) -> None:
        self._session = session
        self._passwords = passwords
        self._preferences = preferences
        self._pending: tuple[Account, str] | None = None  # accepted, password not yet kept

    async def sign_in(self, account: Account, password: str) -> SignInStep:
        """Check an account by connecting with it, and remember it.

        The connection is ended again; the connection service makes the lasting one. After
        a certificate was compared, call again with ``authority_pem`` set.

        Raises:
            ConnectionFailedError: Its ``trouble`` says why; nothing was remembered.
            CredentialError: The password could not be kept though there is a store.
        """
        self._pending = None
        await self._session.connect(account, password)
        await self._session.disconnect()
        return await self.remember(account, password)

    async def remember(self, account: Account, password: str) -> SignInStep:
        """Remember an account that is known to be right. Raises CredentialError."""
        self._pending = (account, password)
        try:
            await self._keep(PasswordKeeping.KEYRING, "")
        except CredentialStoreMissingError:
            return SignInStep.CHOOSE_KEEPING
        return SignInStep.DONE

    async def choose_keeping(self, keeping: PasswordKeeping, pass_phrase: str = "") -> None:
        """Finish a sign-in on a computer without password store. Raises CredentialError."""
        await self._keep(keeping, pass_phrase)

    def give_up(self) -> None:
        """Forget a sign-in that was not finished."""
        self._pending = None

    async def _keep(self, keeping: PasswordKeeping, pass_phrase: str) -> None:
        if self._pending is None:
            return
        account, password = self._pending
        await self._passwords.choose(
            keeping, jid=account.jid, password=password, pass_phrase=pass_phrase
        )
        self._pending = None
        self._preferences.put(replace(self._preferences.preferences, account=account))


def account_with_address(address: str, *, host: str = "", port: int = 0) -> Account:
    """Return the account of an address that the user typed.

    Raises:
        AddressError: It is no address of an account; says which part is wrong and why.
    """
    name, _, domain = address.strip().removeprefix("xmpp:").partition("@")
    return _account(domain, name.strip(), host, port)


def spoken_name(localpart: str) -> str:
    """Return a name to show for a localpart: ``bo.meyer`` is Bo Meyer."""
    words = [word for word in re.split(r"[._\s]+", localpart) if word]
    return " ".join(word[:1].upper() + word[1:] for word in words) or localpart


def account_in_office(domain: str, name: str, *, host: str = "", port: int = 0) -> Account:
    """Return the account of a name in an office.

    Raises:
        AddressError: One of the two cannot be part of an address.
    """
    localpart = ".".join(name.split())  # a space is never part of it: the full name was typed
    return _account(domain, localpart, host, port)


def _account(domain: str, localpart: str, host: str, port: int) -> Account:
    jid = BareJid(prepare_localpart(localpart), prepare_domainpart(domain.strip()))
    return Account(jid).placed_at(host.strip(), port)
