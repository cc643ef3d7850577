"""A room on the stage of the modules' tests, and what its occupants see, as values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from shared_protocol.addresses import BareJid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.iq import error_from_element
from shared_protocol.stanzas.rooms.room_payload import RoomItem, payload_of
from shared_protocol.xml.elements import element_of
from tests.helpers.module_stage import DOMAIN, Client, Stage

ROOMS = f"conference.{DOMAIN}"
COVEN = f"coven@{ROOMS}"
_ARCHIVE = "urn:xmpp:mam:2"
_BODY = "{jabber:client}body"
_SUBJECT = "{jabber:client}subject"


@dataclass(frozen=True)
class Seen:
    """A stanza, with what tests look at.

    Attributes:
        nickname: Of the occupant it comes from; empty if it is from the room itself.
        item: What the room says about the occupant.
        error: The condition and its type, ``cancel item-not-found``; empty without one.
    """

    name: str
    type: str
    nickname: str
    id: str = ""
    item: RoomItem | None = None
    codes: frozenset[int] = frozenset()
    body: str | None = None
    subject: str | None = None
    error: str = ""
    element: Element = field(default_factory=lambda: Element("x"), compare=False)

    @property
    def rank(self) -> str:
        """``affiliation role``."""
        assert self.item is not None
        return f"{self.item.affiliation.value} {self.item.role.value}"

    @property
    def jid(self) -> str:
        """The real JID that is shown; empty if none is."""
        return str(self.item.jid) if self.item and self.item.jid else ""

    def child(self, path: str) -> Element | None:
        """Find a child by its path, with namespaces in braces."""
        return self.element.find(path)


def seen(stanza: str) -> Seen:
    """Read what arrived."""
    return seen_element(element_of(stanza.encode()))


def seen_element(element: Element) -> Seen:
    """Read a stanza."""
    try:
        payload = payload_of(element)
    except MalformedStanzaError:
        payload = None
    error = ""
    if element.get("type") == "error":
        found = error_from_element(element)
        error = f"{found.type.value} {found.condition.value}"
    return Seen(
        element.tag.rpartition("}")[2],
        element.get("type", ""),
        element.get("from", "").partition("/")[2],
        element.get("id", ""),
        None if payload is None else payload.item,
        frozenset() if payload is None else payload.codes,
        element.findtext(_BODY),
        element.findtext(_SUBJECT),
        error,
        element,
    )


def all_seen(client: Client) -> list[Seen]:
    """Read all that has arrived since the last look."""
    return [seen(stanza) for stanza in client.take()]


class Coven:
    """One room and its people."""

    def __init__(self, stage: Stage, jid: str = COVEN) -> None:
        self.stage = stage
        self.jid = jid

    async def made_by(
        self, owner: Client, nickname: str, **answers: str | Iterable[str]
    ) -> "Coven":
        """Let somebody make the room, configure it, and forget what arrived."""
        await self.enter(owner, nickname)
        answer = await self.configure(owner, **answers)
        assert answer.type == "result", answer
        owner.take()
        return self

    async def enter(
        self, client: Client, nickname: str, wish: str = "", more: str = ""
    ) -> list[Seen]:
        """Enter, and return what the client sees."""
        client.take()
        await client.say(
            f"<presence to='{self.jid}/{nickname}'>{more}"
            f"<x xmlns='http://jabber.org/protocol/muc'>{wish}</x></presence>"
        )
        return all_seen(client)

    async def leave(self, client: Client, nickname: str) -> list[Seen]:
        """Leave, and return what the client sees."""
        client.take()
        await client.say(f"<presence type='unavailable' to='{self.jid}/{nickname}'/>")
        return all_seen(client)

    async def say(self, client: Client, body: str, stanza_id: str = "m") -> list[Seen]:
        """Say something to all, and return what the speaker sees."""
        client.take()
        await client.say(
            f"<message type='groupchat' id='{stanza_id}' to='{self.jid}'>"
            f"<body>{body}</body></message>"
        )
        return all_seen(client)

    async def configure(self, client: Client, **answers: str | Iterable[str]) -> Seen:
        """Submit the owner's form; names are those of fields without their prefix."""
        fields = []
        for name, answer in answers.items():
            var = f"muc#{name}" if name == "maxhistoryfetch" else f"muc#roomconfig_{name}"
            values = (answer,) if isinstance(answer, str) else answer
            written = "".join(f"<value>{value}</value>" for value in values)
            fields.append(f"<field var='{var}'>{written}</field>")
        kind = "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>"
        form = (
            f"<x xmlns='jabber:x:data' type='submit'>{kind if fields else ''}{''.join(fields)}</x>"
        )
        return await self.set(
            client, f"<query xmlns='http://jabber.org/protocol/muc#owner'>{form}</query>"
        )

    async def change(self, client: Client, *items: str) -> Seen:
        """Send items of ``muc#admin``, as ``affiliation='member' jid='a@b'``."""
        written = "".join(f"<item {item}/>" for item in items)
        return await self.set(
            client, f"<query xmlns='http://jabber.org/protocol/muc#admin'>{written}</query>"
        )

    async def listed(self, client: Client, rank: str) -> list[str]:
        """Ask for a list, as ``role='visitor'``; return JIDs or nicknames, or the error."""
        answer = await self.get(
            client, f"<query xmlns='http://jabber.org/protocol/muc#admin'><item {rank}/></query>"
        )
        if answer.error:
            return [answer.error]
        items = answer.element[0]
        return [one.get("jid" if "affiliation" in rank else "nick", "") for one in items]

    async def archived(self, client: Client, query: str = "") -> "Archived":
        """Ask the archive of the room; the query is what stands inside."""
        client.take()
        answer = await self.set(client, f"<query xmlns='{_ARCHIVE}'>{query}</query>")
        return Archived(answer, [element_of(one.encode()) for one in client.take()])

    async def set(self, client: Client, payload: str, to: str = "") -> Seen:
        """Send a set; return its answer, and leave all else that arrived."""
        return await self._ask(client, "set", payload, to)

    async def get(self, client: Client, payload: str, to: str = "") -> Seen:
        """Send a get; return its answer, and leave all else that arrived."""
        return await self._ask(client, "get", payload, to)

    async def _ask(self, client: Client, kind: str, payload: str, to: str) -> Seen:
        await client.say(f"<iq type='{kind}' id='asked' to='{to or self.jid}'>{payload}</iq>")
        arrived = client.take()
        answers = [one for one in arrived if "id='asked'" in one and one.startswith("<iq")]
        client.stream.written[:0] = [one for one in arrived if one not in answers]
        assert len(answers) == 1, arrived
        return seen(answers[0])


class Archived:
    """What an archive has answered.

    Attributes:
        answer: To the query.
        results: One for each message, oldest first.
        messages: What they forward.
    """

    def __init__(self, answer: Seen, arrived: list[Element]) -> None:
        self.answer = answer
        self.results = [one[0] for one in arrived if one[0].tag == f"{{{_ARCHIVE}}}result"]
        self.messages = [seen_element(one[0][1]) for one in self.results]

    @property
    def bodies(self) -> list[str | None]:
        return [one.body for one in self.messages]


def account(name: str) -> BareJid:
    """The address of one of the cast."""
    return BareJid(name, DOMAIN)
