"""Ad-hoc commands at the address of the server (XEP-0050 1.3.0).

A command asks one form at most, then does its work. Who may run it is asked again at every stage.
Executions that are not finished are few for each resource, and are forgotten after a while.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    IqHandler,
    IqRequest,
    ModuleHost,
    Session,
    SessionClosed,
)
from shared_protocol.addresses import Jid
from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.limits import CommandLimits
from shared_protocol.namespaces import COMMANDS, DATA_FORMS
from shared_protocol.stanzas.data_forms import DataForm
from shared_protocol.stanzas.disco import DiscoInfo, DiscoItem, Identity
from shared_protocol.stanzas.entity.commands import (
    CommandAction,
    CommandNote,
    CommandPayload,
    CommandStatus,
    from_element,
    to_element,
)
from shared_protocol.stanzas.form_answers import FormAnswers, checked_answers

_ID_BYTES = 12
_GOING_ON = frozenset({None, CommandAction.EXECUTE, CommandAction.NEXT, CommandAction.COMPLETE})
_BEGINNING = frozenset({None, CommandAction.EXECUTE})


class Outcome(NamedTuple):
    """What became of a command: a form of results, sentences, or both."""

    form: DataForm | None = None
    notes: tuple[CommandNote, ...] = ()


Perform = Callable[[Session, FormAnswers], Awaitable[Outcome]]
Ask = Callable[[], Awaitable[DataForm | None]]


async def _ask_nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        node: Names it.
        name: As people see it.
        perform: Does it, for a session that may; raises ``StanzaError``.
        ask: Makes the form; None if there is nothing to ask.
        operations: The operations of the office that it does, for the documents.
        is_for_everybody: Whether it takes no administrator.
    """

    node: str
    name: str
    perform: Perform
    ask: Ask = _ask_nothing
    operations: tuple[str, ...] = ()
    is_for_everybody: bool = False


class _Execution(NamedTuple):
    node: str
    form: DataForm
    begun_at: float


class AdHocCommandsModule:
    """Lists commands to those who may run them, and runs them."""

    def __init__(
        self,
        commands: Sequence[Command],
        *,
        is_administrator: Callable[[str], bool],
        limits: CommandLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._commands = {command.node: command for command in commands}
        self._is_administrator = is_administrator
        self._limits = limits or CommandLimits()
        self._clock = clock
        self._executions: dict[Session, dict[str, _Execution]] = {}
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Answer for the server, and announce it."""
        self._host = host
        handler = IqHandler(
            payload=f"{COMMANDS} command",
            entity=Entity.SERVER,
            accepts=Accepts.OWN_ACCOUNT,
            handle=self._on_command,
            types=frozenset({"set"}),
            refusal=StanzaCondition.FORBIDDEN,
        )
        self._attached.add(
            host.add_iq_handler(handler),
            host.features.add(Entity.SERVER, COMMANDS),
            host.features.add_node_source(self),
            host.hooks.listen(SessionClosed, self._on_session_closed),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()
        self._executions.clear()

    # What discovery asks (section 2).

    def info_of(self, node: str, asker: Jid) -> DiscoInfo | None:
        """Describe the list of commands, or a command; None for other nodes.

        Raises:
            StanzaError: ``forbidden``: it is not for who asks.
        """
        if node == COMMANDS:
            return DiscoInfo((Identity("automation", "command-list"),), (), node)
        command = self._commands.get(node)
        if command is None:
            return None
        if not self._may_run(command, asker):
            raise StanzaError(StanzaCondition.FORBIDDEN)
        identity = Identity("automation", "command-node", command.name)
        return DiscoInfo((identity,), (COMMANDS, DATA_FORMS), node)

    def items_of(self, node: str, asker: Jid) -> tuple[DiscoItem, ...] | None:
        """List the commands that are for who asks; None for other nodes."""
        if node != COMMANDS:
            return None
        return tuple(
            DiscoItem(self._host.jid, command.name, command.node)
            for command in self._commands.values()
            if self._may_run(command, asker)
        )

    def _may_run(self, command: Command, asker: Jid) -> bool:
        is_ours = asker.domainpart == self._host.domain
        return is_ours and (command.is_for_everybody or self._is_administrator(asker.localpart))

    def _on_command(self, request: IqRequest) -> Element | Coroutine[Any, Any, Element]:
        session = request.inbound.session
        wanted = _wanted(request.payload)
        command = self._commands.get(wanted.node)
        if command is None:
            raise StanzaError(StanzaCondition.ITEM_NOT_FOUND)
        if not self._may_run(command, session.full_jid):
            raise StanzaError(StanzaCondition.FORBIDDEN)
        if not wanted.session_id:
            if wanted.action not in _BEGINNING:
                raise _bad("bad-action", "a command begins with execute")
            return self._begin(session, command)
        execution = self._execution(session, wanted)
        if wanted.action is CommandAction.CANCEL:
            del self._executions[session][wanted.session_id]
            return _answer(wanted, CommandStatus.CANCELED)
        if wanted.action not in _GOING_ON:
            raise _bad("bad-action", "there is no stage before this one")
        return self._go_on(session, command, wanted, execution)

    async def _begin(self, session: Session, command: Command) -> Element:
        """Section 2.4: ask, or do it at once where there is nothing to ask."""
        session_id = secrets.token_hex(_ID_BYTES)
        begun = CommandPayload(command.node, session_id)
        form = await command.ask()
        if form is None:
            outcome = await command.perform(session, FormAnswers(()))
            return _answer(begun, CommandStatus.COMPLETED, outcome)
        if not session.is_closed:
            self._keep(session, session_id, _Execution(command.node, form, self._clock()))
        return to_element(
            CommandPayload(
                command.node,
                session_id,
                status=CommandStatus.EXECUTING,
                actions=(CommandAction.COMPLETE,),
                form=form,
            )
        )

    async def _go_on(
        self, session: Session, command: Command, wanted: CommandPayload, execution: _Execution
    ) -> Element:
        """The form has come back; what cannot be taken of it may be sent again."""
        if wanted.form is None:
            raise _bad("bad-payload", "the form is missing")
        try:
            answers = checked_answers(wanted.form, execution.form)
        except StanzaError as error:
            raise _bad("bad-payload", error.text) from error
        self._executions[session].pop(wanted.session_id, None)
        outcome = await command.perform(session, answers)
        return _answer(wanted, CommandStatus.COMPLETED, outcome)

    def _keep(self, session: Session, session_id: str, execution: _Execution) -> None:
        kept = self._executions.setdefault(session, {})
        kept[session_id] = execution
        while len(kept) > self._limits.executions:
            del kept[next(iter(kept))]

    def _execution(self, session: Session, wanted: CommandPayload) -> _Execution:
        """Return what was begun; section 5.4 names the errors."""
        kept = self._executions.get(session, {})
        execution = kept.get(wanted.session_id)
        oldest = self._clock() - self._limits.execution_seconds
        if execution is None or execution.begun_at < oldest:
            kept.pop(wanted.session_id, None)
            detail = f"<session-expired xmlns='{COMMANDS}'/>".encode()
            raise StanzaError(StanzaCondition.NOT_ALLOWED, detail=detail)
        if execution.node != wanted.node:
            raise _bad("bad-sessionid", "this is another command")
        return execution

    def _on_session_closed(self, fact: SessionClosed) -> None:
        self._executions.pop(fact.session, None)


def _wanted(element: Element) -> CommandPayload:
    """Read a request; an action that nobody knows is told from other faults (section 5.4)."""
    known = {action.value for action in CommandAction}
    if element.get("action", "execute") not in known:
        raise _bad("malformed-action", "unknown action")
    try:
        return from_element(element)
    except MalformedStanzaError as error:
        raise _bad("bad-payload", str(error)) from error


def _bad(condition: str, text: str) -> StanzaError:
    detail = f"<{condition} xmlns='{COMMANDS}'/>".encode()
    return StanzaError(StanzaCondition.BAD_REQUEST, text, detail=detail)


def _answer(
    request: CommandPayload, status: CommandStatus, outcome: Outcome | None = None
) -> Element:
    outcome = outcome or Outcome()
    return to_element(
        CommandPayload(
            request.node,
            request.session_id,
            status=status,
            form=outcome.form,
            notes=outcome.notes,
        )
    )
