"""What an administrator does to accounts."""

from embedded_server.accounts.accounts import Accounts
from embedded_server.accounts.credentials import checked_name, made_password
from embedded_server.administration.operations import JsonResult, operation

_SCOPE = "accounts:admin"


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

    @operation("accounts.list", scope="accounts:read")
    async def list(self) -> JsonResult:
        """Tell the accounts, sorted by name."""
        accounts = [
            {
                "name": name,
                "jid": f"{name}@{self._domain}",
                "is_administrator": self._accounts.is_administrator(name),
            }
            for name in self._accounts.names()
        ]
        return {"accounts": accounts}

    def _result(self, name: str, *, made: str = "") -> JsonResult:
        result: JsonResult = {"jid": f"{checked_name(name)}@{self._domain}"}
        if made:
            result["password"] = made
        return result
