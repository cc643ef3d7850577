"""Ad-hoc commands on accounts (XEP-0133 1.3.1, sections 4.1 to 4.10 and 4.28)."""

from functools import partial

from embedded_server.administration.ad_hoc.operation_caller import (
    OperationCaller,
    fact,
    field,
    question,
    result,
    same_password,
)
from embedded_server.modules.service.ad_hoc_commands import Command, Outcome, Perform
from embedded_server.plugin_api import Session
from shared_protocol.errors import StanzaCondition, StanzaError
from shared_protocol.namespaces import ADMINISTRATION
from shared_protocol.stanzas.data_forms import DataForm, FieldType, FormField
from shared_protocol.stanzas.entity.commands import CommandNote
from shared_protocol.stanzas.form_answers import FormAnswers

OWN_PASSWORD = "urn:parlour:account:0#change-password"  # noqa: S105 - a node, no password
_ACCOUNT = "accountjid"
_ACCOUNTS = "accountjids"
_PASSWORD = field("password", FieldType.TEXT_PRIVATE, "Password")
_AGAIN = field("password-verify", FieldType.TEXT_PRIVATE, "The password again")


class AccountCommands:
    """Makes the commands, and does them."""

    def __init__(self, caller: OperationCaller) -> None:
        self._caller = caller

    def all(self) -> list[Command]:
        """Return the commands, in the order in which they are listed."""
        return [
            self._on_one("add-user", "Add a user", self._add, "accounts.create", _PASSWORD, _AGAIN),
            self._on_many("delete-user", "Delete users", "accounts.delete"),
            self._on_many("disable-user", "Disable users", "accounts.disable"),
            self._on_many("reenable-user", "Re-enable users", "accounts.enable"),
            self._end_session(),
            self._on_one(
                "change-user-password",
                "Change the password of a user",
                self._change_password,
                "accounts.set-password",
                _PASSWORD,
            ),
            self._last_login(),
            self._on_one(
                "user-stats", "Statistics of a user", self._show_statistics, "accounts.show"
            ),
            Command(
                f"{ADMINISTRATION}#edit-admin",
                "Edit the list of administrators",
                self._edit_administrators,
                self._ask_administrators,
                ("accounts.list", "accounts.set-administrator"),
            ),
            Command(
                OWN_PASSWORD,
                "Change my password",
                self._change_own_password,
                partial(_asked, "Change my password", _PASSWORD, _AGAIN, form_type=OWN_PASSWORD),
                ("accounts.set-password",),
                is_for_everybody=True,
            ),
        ]

    def _on_one(
        self, node: str, name: str, perform: Perform, operation: str, *more: FormField
    ) -> Command:
        address = field(_ACCOUNT, FieldType.JID_SINGLE, "Address of the account")
        ask = partial(_asked, name, address, *more)
        return Command(f"{ADMINISTRATION}#{node}", name, perform, ask, (operation,))

    def _on_many(self, node: str, name: str, operation: str) -> Command:
        async def perform(session: Session, answers: FormAnswers) -> Outcome:
            addresses = answers.jids(_ACCOUNTS)
            if operation != "accounts.enable":
                names = {self._caller.name_of(jid) for jid in addresses}
                await self._require_administrator_besides(names)
            return await self._caller.call_for_each(session, operation, addresses)

        addresses = field(_ACCOUNTS, FieldType.JID_MULTI, "Addresses of the accounts")
        ask = partial(_asked, name, addresses)
        return Command(f"{ADMINISTRATION}#{node}", name, perform, ask, (operation,))

    async def _add(self, session: Session, answers: FormAnswers) -> Outcome:
        """Section 4.1."""
        (jid,) = answers.jids(_ACCOUNT)
        name, password = self._caller.name_of(jid), same_password(answers)
        await self._caller.call(session, "accounts.create", name=name, password=password)
        return Outcome(notes=(CommandNote(f"{jid} is made."),))

    async def _change_password(self, session: Session, answers: FormAnswers) -> Outcome:
        """Section 4.7."""
        (jid,) = answers.jids(_ACCOUNT)
        name, password = self._caller.name_of(jid), same_password(answers)
        await self._caller.call(session, "accounts.set-password", name=name, password=password)
        return Outcome(notes=(CommandNote(f"{jid} has another password."),))

    async def _change_own_password(self, session: Session, answers: FormAnswers) -> Outcome:
        name, password = session.full_jid.localpart, same_password(answers)
        await self._caller.call(session, "accounts.set-password", name=name, password=password)
        return Outcome(notes=(CommandNote("Your password is another one now."),))

    def _end_session(self) -> Command:
        """Section 4.5: a full address ends one session, a bare one all of an account."""

        async def perform(session: Session, answers: FormAnswers) -> Outcome:
            ended = 0
            for jid in answers.jids(_ACCOUNTS):
                done = await self._caller.call(session, "sessions.end", name=str(jid))
                ended += int(done["ended"])
            return Outcome(notes=(CommandNote(f"{ended} sessions have ended."),))

        label = "Addresses of accounts or of single sessions"
        ask = partial(_asked, "End sessions", field(_ACCOUNTS, FieldType.JID_MULTI, label))
        node = f"{ADMINISTRATION}#end-user-session"
        return Command(node, "End sessions of users", perform, ask, ("sessions.end",))

    def _last_login(self) -> Command:
        """Section 4.9; in the order of the accounts, empty for who never was there."""

        async def perform(session: Session, answers: FormAnswers) -> Outcome:
            jids = answers.jids(_ACCOUNTS)
            shown = [
                await self._caller.call(session, "accounts.show", name=self._caller.name_of(jid))
                for jid in jids
            ]
            return Outcome(
                result(
                    fact(_ACCOUNTS, "Accounts", *jids, kind=FieldType.JID_MULTI),
                    fact("lastlogin", "Last login", *(one["last_login"] for one in shown)),
                )
            )

        addresses = field(_ACCOUNTS, FieldType.JID_MULTI, "Addresses of the accounts")
        ask = partial(_asked, "Last login of users", addresses)
        node = f"{ADMINISTRATION}#get-user-lastlogin"
        return Command(node, "Last login of users", perform, ask, ("accounts.show",))

    async def _show_statistics(self, session: Session, answers: FormAnswers) -> Outcome:
        """Section 4.10, as far as it is known."""
        (jid,) = answers.jids(_ACCOUNT)
        shown = await self._caller.call(session, "accounts.show", name=self._caller.name_of(jid))
        return Outcome(
            result(
                fact("rostersize", "Contacts", shown["contacts"]),
                fact(
                    "onlineresources",
                    "Resources on line",
                    *shown["resources"],
                    kind=FieldType.TEXT_MULTI,
                ),
                fact("waitingmessages", "Messages that wait", shown["waiting_messages"]),
            )
        )

    async def _ask_administrators(self) -> DataForm:
        current = [str(one["jid"]) for one in await self._accounts() if one["is_administrator"]]
        label = "Addresses of all administrators"
        return question(
            "Administrators", field("adminjids", FieldType.JID_MULTI, label, values=current)
        )

    async def _edit_administrators(self, session: Session, answers: FormAnswers) -> Outcome:
        """Section 4.28: what is sent is the whole list; somebody must be left to edit it."""
        wanted = {self._caller.name_of(jid) for jid in answers.jids("adminjids")}
        accounts = {one["name"]: one for one in await self._accounts()}
        if missing := sorted(wanted - accounts.keys()):
            text = f"There is no account {missing[0]!r}."
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND, text)
        if all(accounts[name]["is_disabled"] for name in wanted):
            raise _nobody_is_left()
        for name, account in accounts.items():
            if account["is_administrator"] is not (name in wanted):
                await self._caller.call(
                    session,
                    "accounts.set-administrator",
                    name=name,
                    is_administrator=name in wanted,
                )
        return Outcome(notes=(CommandNote("The list is changed."),))

    async def _require_administrator_besides(self, names: set[str]) -> None:
        """Refuse what would leave nobody who can run commands."""
        for one in await self._accounts():
            is_able = one["is_administrator"] and not one["is_disabled"]
            if is_able and one["name"] not in names:
                return
        raise _nobody_is_left()

    async def _accounts(self) -> list[dict[str, object]]:
        listed = await self._caller.call(None, "accounts.list")
        accounts: list[dict[str, object]] = listed["accounts"]
        return accounts


async def _asked(title: str, *fields: FormField, form_type: str = ADMINISTRATION) -> DataForm:
    return question(title, *fields, form_type=form_type)


def _nobody_is_left() -> StanzaError:
    return StanzaError(StanzaCondition.CONFLICT, "No administrator would be left.")
