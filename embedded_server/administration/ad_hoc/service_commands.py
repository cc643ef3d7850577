"""All ad-hoc commands of an office; those on the service itself (XEP-0133, 4.23 to 4.32)."""

from functools import partial

from embedded_server.administration.ad_hoc.account_commands import AccountCommands
from embedded_server.administration.ad_hoc.list_commands import ListCommands
from embedded_server.administration.ad_hoc.operation_caller import (
    OperationCaller,
    fact,
    field,
    question,
    result,
)
from embedded_server.administration.operations import OperationRegistry
from embedded_server.modules.service.ad_hoc_commands import Command, Outcome
from embedded_server.plugin_api import Session
from shared_protocol.namespaces import ADMINISTRATION
from shared_protocol.stanzas.data_forms import DataForm, FieldOption, FieldType, FormField
from shared_protocol.stanzas.entity.commands import CommandNote
from shared_protocol.stanzas.form_answers import FormAnswers

STATUS = "urn:parlour:server:0#status"
_DELAYS = {"30": "30 seconds", "60": "60 seconds", "120": "2 minutes", "300": "5 minutes"}
_DAY = "motd"


def office_commands(registry: OperationRegistry, domain: str) -> list[Command]:
    """Make the commands, in the order in which they are listed."""
    caller = OperationCaller(registry, domain)
    return [
        *AccountCommands(caller).all(),
        *ListCommands(caller).all(),
        *ServiceCommands(caller).all(),
    ]


class ServiceCommands:
    """Announcements, the message of the day, the end and the state of the server."""

    def __init__(self, caller: OperationCaller) -> None:
        self._caller = caller

    def all(self) -> list[Command]:
        """Return the commands, in the order in which they are listed."""
        return [
            Command(
                f"{ADMINISTRATION}#announce",
                "Send an announcement to online users",
                self._announce,
                _ask_announcement,
                ("server.announce",),
            ),
            Command(
                f"{ADMINISTRATION}#set-motd",
                "Set the message of the day",
                partial(self._put_day, "motd.set"),
                _ask_day,
                ("motd.set",),
            ),
            Command(
                f"{ADMINISTRATION}#edit-motd",
                "Edit the message of the day",
                partial(self._put_day, "motd.edit"),
                self._ask_day_again,
                ("motd.show", "motd.edit"),
            ),
            Command(
                f"{ADMINISTRATION}#delete-motd",
                "Delete the message of the day",
                self._delete_day,
                operations=("motd.delete",),
            ),
            self._ending("restart", "Restart the service", "server.restart"),
            self._ending("shutdown", "Shut down the service", "server.stop"),
            Command(STATUS, "Status of the service", self._status, operations=("server.status",)),
        ]

    async def _announce(self, session: Session, answers: FormAnswers) -> Outcome:
        done = await self._caller.call(
            session,
            "server.announce",
            text=answers.text("announcement"),
            subject=answers.text("subject"),
        )
        return Outcome(notes=(CommandNote(f"It has reached {done['reached']} resources."),))

    async def _put_day(self, operation: str, session: Session, answers: FormAnswers) -> Outcome:
        await self._caller.call(session, operation, text=answers.text(_DAY))
        return Outcome(notes=(CommandNote("The message of the day is set."),))

    async def _ask_day_again(self) -> DataForm:
        current = (await self._caller.call(None, "motd.show"))["text"]
        return await _ask_day(tuple(str(current).splitlines()))

    async def _delete_day(self, session: Session, _answers: FormAnswers) -> Outcome:
        await self._caller.call(session, "motd.delete")
        return Outcome(notes=(CommandNote("There is no message of the day any more."),))

    def _ending(self, node: str, name: str, operation: str) -> Command:
        """Sections 4.31 and 4.32: first the announcement, then the end after a while."""

        async def perform(session: Session, answers: FormAnswers) -> Outcome:
            text, delay = answers.text("announcement"), int(answers.text("delay"))
            if text.strip():
                await self._caller.call(session, "server.announce", text=text)
            await self._caller.call(session, operation, delay_seconds=delay)
            return Outcome(notes=(CommandNote(f"It begins in {delay} seconds."),))

        async def ask() -> DataForm:
            options = tuple(FieldOption(value, label) for value, label in _DELAYS.items())
            delay = FormField(
                "delay",
                ("30",),
                FieldType.LIST_SINGLE,
                "Delay",
                options=options,
                is_required=True,
            )
            label = "Announcement"
            return question(
                name, delay, field("announcement", FieldType.TEXT_MULTI, label, is_required=False)
            )

        operations = ("server.announce", operation)
        return Command(f"{ADMINISTRATION}#{node}", name, perform, ask, operations)

    async def _status(self, session: Session, _answers: FormAnswers) -> Outcome:
        status = await self._caller.call(session, "server.status")
        return Outcome(result(*(fact(name, name, value) for name, value in status.items())))


async def _ask_announcement() -> DataForm:
    return question(
        "Announcement",
        field("subject", FieldType.TEXT_SINGLE, "Subject", is_required=False),
        field("announcement", FieldType.TEXT_MULTI, "Announcement"),
    )


async def _ask_day(current: tuple[str, ...] = ()) -> DataForm:
    return question(
        "Message of the day",
        field(_DAY, FieldType.TEXT_MULTI, "Message of the day", values=current),
    )
