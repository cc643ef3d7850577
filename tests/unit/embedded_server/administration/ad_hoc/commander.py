"""An administrator who runs commands over a real connection."""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from shared_protocol.namespaces import ADMINISTRATION, COMMANDS, DATA_FORMS
from shared_protocol.stanzas.entity.commands import COMMAND, CommandPayload, from_element
from tests.helpers.wire_client import WireClient

Answers = Mapping[str, str | Sequence[str]]


class Commander:
    """Runs commands at the address of the server."""

    def __init__(self, client: WireClient, domain: str) -> None:
        self.client = client
        self._domain = domain
        self._count = 0

    async def ask(self, payload: str, *, kind: str = "get") -> Element:
        """Send an IQ to the server; return the answer."""
        self._count += 1
        stanza_id = f"c{self._count}"
        head = f"<iq type='{kind}' id='{stanza_id}' to='{self._domain}'>"
        self.client.send(f"{head}{payload}</iq>")
        return await self.client.receive_id(stanza_id)

    async def send(self, node: str, attributes: str = "", payload: str = "") -> Element:
        """Send a command; return the whole answer."""
        element = (
            f"<command xmlns='{COMMANDS}' node='{_full(node)}'{attributes}>{payload}</command>"
        )
        return await self.ask(element, kind="set")

    async def begin(self, node: str) -> CommandPayload:
        """Begin a command."""
        return payload_of(await self.send(node))

    async def submit(self, begun: CommandPayload, answers: Answers) -> Element:
        """Send a filled in form; return the whole answer."""
        session = f" sessionid='{begun.session_id}' action='complete'"
        return await self.send(begun.node, session, form(answers))

    async def run(self, node: str, answers: Answers) -> CommandPayload:
        """Do both; it must be completed."""
        return payload_of(await self.submit(await self.begin(node), answers))

    async def fail(self, node: str, answers: Answers) -> str:
        """Do both; return the condition of the error that comes of it."""
        return condition_of(await self.submit(await self.begin(node), answers))


def form(answers: Answers) -> str:
    """Write a filled in form."""
    element = Element(f"{{{DATA_FORMS}}}x", type="submit")
    for var, given in answers.items():
        field = SubElement(element, f"{{{DATA_FORMS}}}field", var=var)
        for value in [given] if isinstance(given, str) else given:
            SubElement(field, f"{{{DATA_FORMS}}}value").text = value
    return tostring(element, encoding="unicode")


def payload_of(answer: Element) -> CommandPayload:
    """Return the command in an answer that is no error."""
    assert answer.get("type") == "result", tostring(answer)
    command = answer.find(COMMAND)
    assert command is not None
    return from_element(command)


def condition_of(answer: Element) -> str:
    """Return the condition of an error, and the command's own, if there is one."""
    assert answer.get("type") == "error", tostring(answer)
    (error,) = answer.iter("{jabber:client}error")
    names = [child.tag.rpartition("}")[2] for child in error]
    return " ".join(name for name in names if name != "text")


def _full(node: str) -> str:
    return node if ":" in node else f"{ADMINISTRATION}#{node}"
