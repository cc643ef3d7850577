"""Ad-hoc commands that count and list people (XEP-0133 1.3.1, sections 4.13 to 4.22).

Who is on line and away on all resources is idle; who is there on one is active. A short list is
shown at once, a long one after the question how much of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from embedded_server.administration.ad_hoc.operation_caller import (
    OperationCaller,
    fact,
    question,
    result,
)
from embedded_server.administration.operations import JsonResult
from embedded_server.modules.service.ad_hoc_commands import Command, Outcome
from embedded_server.plugin_api import Session
from shared_protocol.addresses import parse_jid
from shared_protocol.namespaces import ADMINISTRATION
from shared_protocol.stanzas.data_forms import DataForm, FieldOption, FieldType, FormField
from shared_protocol.stanzas.entity.commands import CommandNote, NoteKind
from shared_protocol.stanzas.form_answers import FormAnswers

_SIZES = ("25", "50", "75", "100", "150", "200")
_SHORT = 200
_LONGEST = 2_000  # addresses in one stanza


@dataclass(frozen=True, slots=True)
class _Kind:
    """Whom to list, and what XEP-0133 calls the nodes and fields, which is irregular."""

    name: str
    list_node: str
    number_node: str
    list_field: str
    number_field: str
    operation: str
    select: Callable[[JsonResult], list[str]]


def _registered(listed: JsonResult) -> list[str]:
    return [one["jid"] for one in listed["accounts"]]


def _disabled(listed: JsonResult) -> list[str]:
    return [one["jid"] for one in listed["accounts"] if one["is_disabled"]]


def _online(listed: JsonResult) -> list[str]:
    return list(_is_away_by_account(listed))


def _active(listed: JsonResult) -> list[str]:
    return [jid for jid, is_away in _is_away_by_account(listed).items() if not is_away]


def _idle(listed: JsonResult) -> list[str]:
    return [jid for jid, is_away in _is_away_by_account(listed).items() if is_away]


def _is_away_by_account(listed: JsonResult) -> dict[str, bool]:
    accounts: dict[str, bool] = {}
    for session in listed["sessions"]:
        if session["is_available"]:
            account = str(parse_jid(session["jid"]).bare)
            accounts[account] = accounts.get(account, True) and session["is_away"]
    return accounts


_KINDS = (
    _Kind(
        "registered",
        "get-registered-users-list",
        "get-registered-users-num",
        "registereduserjids",
        "registeredusersnum",
        "accounts.list",
        _registered,
    ),
    _Kind(
        "disabled",
        "get-disabled-users-list",
        "get-disabled-users-num",
        "disableduserjids",
        "disabledusersnum",
        "accounts.list",
        _disabled,
    ),
    _Kind(
        "online",
        "get-online-users-list",
        "get-online-users-num",
        "onlineuserjids",
        "onlineusersnum",
        "sessions.list",
        _online,
    ),
    _Kind(
        "active",
        "get-active-users",
        "get-active-users-num",
        "activeuserjids",
        "activeusersnum",
        "sessions.list",
        _active,
    ),
    _Kind(
        "idle",
        "get-idle-users",
        "get-idle-users-num",
        "activeuserjids",  # as printed in section 4.22
        "idleusersnum",
        "sessions.list",
        _idle,
    ),
)


class ListCommands:
    """Makes the commands, and does them."""

    def __init__(self, caller: OperationCaller) -> None:
        self._caller = caller

    def all(self) -> list[Command]:
        """Return the commands, in the order in which they are listed."""
        numbers = [
            Command(
                f"{ADMINISTRATION}#{kind.number_node}",
                f"Number of {kind.name} users",
                partial(self._count, kind),
                operations=(kind.operation,),
            )
            for kind in _KINDS
        ]
        lists = [
            Command(
                f"{ADMINISTRATION}#{kind.list_node}",
                f"List of {kind.name} users",
                partial(self._list, kind),
                partial(self._ask, kind),
                (kind.operation,),
            )
            for kind in _KINDS
        ]
        return numbers + lists

    async def _found(self, kind: _Kind) -> list[str]:
        return kind.select(await self._caller.call(None, kind.operation))

    async def _count(self, kind: _Kind, _session: Session, _answers: FormAnswers) -> Outcome:
        count = len(await self._found(kind))
        return Outcome(result(fact(kind.number_field, f"Number of {kind.name} users", count)))

    async def _ask(self, kind: _Kind) -> DataForm | None:
        if len(await self._found(kind)) <= _SHORT:
            return None
        options = tuple(FieldOption(size, size) for size in _SIZES)
        size = FormField(
            "max_items",
            ("100",),
            FieldType.LIST_SINGLE,
            "Maximum number of items to show",
            options=(*options, FieldOption("none", "None")),
        )
        return question(f"List of {kind.name} users", size)

    async def _list(self, kind: _Kind, _session: Session, answers: FormAnswers) -> Outcome:
        found = await self._found(kind)
        size = answers.text("max_items", "none")
        shown = found[: _LONGEST if size == "none" else int(size)]
        label = f"List of {kind.name} users"
        listed = fact(kind.list_field, label, *shown, kind=FieldType.JID_MULTI)
        if len(shown) == len(found):
            return Outcome(result(listed))
        note = CommandNote(f"{len(shown)} of {len(found)} are shown.", NoteKind.WARNING)
        return Outcome(result(listed), (note,))
