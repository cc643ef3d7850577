"""What an administrator does to accounts."""

from datetime import UTC, datetime
from typing import Protocol

from embedded_server.accounts.accounts import Accounts
from embedded_server.accounts.credentials import checked_name, made_password
from embedded_server.administration.operations import JsonResult, operation
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.storage.activity_repository import ActivityRepository
from embedded_server.storage.roster_repository import RosterRepository
from shared_protocol.stanzas.delay import moment_to_text

_SCOPE = "accounts:admin"
_READ = "accounts:read"


class WaitingMessages(Protocol):
    """How much waits for whom; ``storage.messages.message_store`` has one."""

    def count(self, localpart: str) -> int:
        """Return how many messages wait for an account."""


class AccountOperations:
    """Operations on the accounts of one domain.

    A password that is not given is made, and stands in the result: nowhere else, and once.
    """

    def __init__(self, *, accounts: Accounts, domain: str) -> None:
        self._accounts = accounts
        self._domain = domain

    @operation("accounts.create", scope=_SCOPE, audit=True)
    async def create(
        self, name: str, password: str | None = None, *, is_administrator: bool = False
    ) -> JsonResult:
        """Make an account."""
        made = made_password() if password is None else ""
        await self._accounts.create(name, password or made, is_administrator=is_administrator)
        return self._result(name, made=made)

    @operation("accounts.set-password", scope=_SCOPE, audit=True)
    async def set_password(self, name: str, password: str | None = None) -> JsonResult:
        """Give an account another password."""
        made = made_password() if password is None else ""
        await self._accounts.set_password(name, password or made)
        return self._result(name, made=made)

    @operation("accounts.delete", scope=_SCOPE, audit=True)
    async def delete(self, name: str) -> JsonResult:
        """Delete an account with all that it owns."""
        await self._accounts.delete(name)
        return self._result(name)

    @operation("accounts.disable", scope=_SCOPE, audit=True)
    async def disable(self, name: str) -> JsonResult:
        """Forbid an account to log in, and end its sessions; what it owns stays."""
        await self._accounts.set_disabled(name, is_disabled=True)
        return self._result(name)

    @operation("accounts.enable", scope=_SCOPE, audit=True)
    async def enable(self, name: str) -> JsonResult:
        """Let an account log in again."""
        await self._accounts.set_disabled(name, is_disabled=False)
        return self._result(name)

    @operation("accounts.set-administrator", scope=_SCOPE, audit=True)
    async def set_administrator(self, name: str, *, is_administrator: bool) -> JsonResult:
        """Let an account do everything that is done here, or no more."""
        await self._accounts.set_administrator(name, is_administrator=is_administrator)
        return self._result(name)

    @operation("accounts.list", scope=_READ)
    async def list(self) -> JsonResult:
        """Tell the accounts, sorted by name."""
        accounts = [
            {
                "name": name,
                "jid": f"{name}@{self._domain}",
                "is_administrator": self._accounts.is_administrator(name),
                "is_disabled": self._accounts.is_disabled(name),
            }
            for name in self._accounts.names()
        ]
        return {"accounts": accounts}

    def _result(self, name: str, *, made: str = "") -> JsonResult:
        result: JsonResult = {"jid": f"{checked_name(name)}@{self._domain}"}
        if made:
            result["password"] = made
        return result


class AccountReports:
    """What is known of one account, from all places that know something."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: SessionDirectory,
        rosters: RosterRepository,
        activities: ActivityRepository,
        waiting: WaitingMessages,
        domain: str,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._rosters = rosters
        self._activities = activities
        self._waiting = waiting
        self._domain = domain

    @operation("accounts.show", scope=_READ)
    async def show(self, name: str) -> JsonResult:
        """Tell what is known of an account, but nothing that it has written."""
        localpart = checked_name(name)
        created_at = self._accounts.created_at(localpart)
        roster = await self._rosters.load(localpart)
        last = await self._activities.of(localpart)
        sessions = self._sessions.sessions_of(localpart)
        came_at = max((one.bound_at for one in sessions), default=last.came_at if last else None)
        return {
            "jid": f"{localpart}@{self._domain}",
            "is_administrator": self._accounts.is_administrator(localpart),
            "is_disabled": self._accounts.is_disabled(localpart),
            "created_at": _moment(created_at),
            "last_login": _moment(came_at),
            "last_seen": _moment(last.left_at if last else None),
            "resources": [one.full_jid.resourcepart for one in sessions],
            "contacts": len(roster.items),
            "waiting_messages": self._waiting.count(localpart),
        }


def _moment(seconds: float | None) -> str:
    """Return a moment as XEP-0082 writes it; empty for none."""
    return "" if seconds is None else moment_to_text(datetime.fromtimestamp(int(seconds), UTC))
