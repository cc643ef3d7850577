"""Ad-hoc commands (XEP-0050 1.3.0).

Example, a command that asks::

    <command xmlns='http://jabber.org/protocol/commands' sessionid='config:20020923T213616Z-700'
             node='config' status='executing'>
      <actions execute='complete'><complete/></actions>
      <x xmlns='jabber:x:data' type='form'>
        <field var='service' label='Service' type='text-single'/>
      </x>
      <note type='warn'>This will restart the service.</note>
    </command>
"""

from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, SubElement

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import COMMANDS
from shared_protocol.stanzas.data_forms import DataForm, form_of
from shared_protocol.stanzas.data_forms import to_element as form_to_element

COMMAND = f"{{{COMMANDS}}}command"
_ACTIONS = f"{{{COMMANDS}}}actions"
_NOTE = f"{{{COMMANDS}}}note"


class CommandAction(Enum):
    """What who asks wants to be done with a command (section 5.1)."""

    EXECUTE = "execute"
    CANCEL = "cancel"
    PREVIOUS = "prev"
    NEXT = "next"
    COMPLETE = "complete"


class CommandStatus(Enum):
    """How far a command has come."""

    EXECUTING = "executing"
    COMPLETED = "completed"
    CANCELED = "canceled"


class NoteKind(Enum):
    """How serious a note is."""

    INFO = "info"
    WARNING = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CommandNote:
    """A sentence for people about what became of a command."""

    text: str
    kind: NoteKind = NoteKind.INFO


@dataclass(frozen=True, slots=True)
class CommandPayload:
    """What one side says about the execution of a command.

    Attributes:
        node: Names the command.
        session_id: Names the execution; empty at its begin.
        action: What is wanted; None if this is an answer.
        status: How far it is; None if this is a request.
        actions: What may be done next, the default first; empty if there is one stage only.
    """

    node: str
    session_id: str = ""
    action: CommandAction | None = None
    status: CommandStatus | None = None
    actions: tuple[CommandAction, ...] = ()
    form: DataForm | None = None
    notes: tuple[CommandNote, ...] = ()


def from_element(element: Element) -> CommandPayload:
    """Read a request or an answer.

    Raises:
        MalformedStanzaError: It is none, has no node, or a value that nobody knows.
    """
    if element.tag != COMMAND:
        message = f"expected {COMMAND}, got {element.tag}"
        raise MalformedStanzaError(message)
    node = element.get("node", "")
    if not node:
        message = "expected the node of a command"
        raise MalformedStanzaError(message)
    try:
        action, status = element.get("action"), element.get("status")
        return CommandPayload(
            node=node,
            session_id=element.get("sessionid", ""),
            action=None if action is None else CommandAction(action),
            status=None if status is None else CommandStatus(status),
            actions=_actions(element.find(_ACTIONS)),
            form=form_of(element),
            notes=tuple(
                CommandNote(one.text or "", NoteKind(one.get("type", "info")))
                for one in element.iterfind(_NOTE)
            ),
        )
    except ValueError as error:
        raise MalformedStanzaError(str(error)) from error


def to_element(payload: CommandPayload) -> Element:
    """Write a request or an answer."""
    element = Element(COMMAND, node=payload.node)
    if payload.session_id:
        element.set("sessionid", payload.session_id)
    if payload.action is not None:
        element.set("action", payload.action.value)
    if payload.status is not None:
        element.set("status", payload.status.value)
    if payload.actions:
        actions = SubElement(element, _ACTIONS, execute=payload.actions[0].value)
        for action in payload.actions:
            SubElement(actions, f"{{{COMMANDS}}}{action.value}")
    if payload.form is not None:
        element.append(form_to_element(payload.form))
    for note in payload.notes:
        SubElement(element, _NOTE, type=note.kind.value).text = note.text
    return element


def _actions(element: Element | None) -> tuple[CommandAction, ...]:
    if element is None:
        return ()
    found = [CommandAction(one.tag.rpartition("}")[2]) for one in element]
    default = CommandAction(element.get("execute", "next"))
    return tuple(sorted(found, key=lambda one: one is not default))
