"""Plays plain-text scenarios: named clients send XML to a real office and expect XML.

In the spirit of Prosody's scansion. A scenario begins with a line ``# What it shows``, settings
and clients, then a line of dashes, then acts::

    # A message reaches the one it is for
    office: registration open
    Romeo: romeo/orchard
    Juliet: juliet/balcony, acknowledging

    ---

    Romeo connects
    Romeo sends:
        <message to='juliet@montague.lit'><body>Hi</body></message>
    Juliet receives:
        <message from='{Romeo}' to='*'><body>Hi</body></message>
    Juliet receives nothing
    Juliet is cut off
    Juliet resumes
    the office restarts

A client that is ``resumable`` may be cut off and resume: then it goes on as before, and gets what
it has not acknowledged. One that is ``forgetful`` acknowledges nothing.

What is indented is XML. In what is expected, ``*`` as an attribute's value or as a text stands for
anything, ``{name}`` for what had that place when the name first stood somewhere (the name of a
client is its full JID), and a child ``<any/>`` for any further children. One ``receives`` expects
its stanzas in any order, and nothing before they are complete; requests for acknowledgement, their
answers and the answers to roster pushes are not counted. Ids that an archive of the office gave to
a message (XEP-0359) count only where what is expected has such an id.

After each ``sends`` the runner asks the server for a pong on the same stream: then all that
follows from it has been done, since a session's stanzas are dealt with in their order.
"""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element, fromstring, tostring

from embedded_server.config import Settings
from shared_protocol.namespaces import CLIENT, STREAM_MANAGEMENT
from shared_protocol.stanzas.message_parts.stanza_ids import STANZA_ID
from shared_protocol.stanzas.stream_management import FAILED, RESUMED
from tests.helpers.office import Carrier, RunningOffice, office_settings, running_office
from tests.helpers.wire_client import LoginRefusedError, StreamEndedError, WireClient

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    _Act = Callable[..., Coroutine[Any, Any, None]]

_DASHES = re.compile(r"-{3,}\s*")
_NAME = re.compile(r"\{([^{}]+)\}")
_ARCHIVE_ID = re.compile(r"[0-9a-f]{32}")
_PONG = "scenario-pong"
_SILENT = frozenset({f"{{{STREAM_MANAGEMENT}}}{name}" for name in ("r", "a")})
_SECONDS = 5.0


class ScenarioError(AssertionError):
    """A scenario did not go as it says; names the line."""


class Line(NamedTuple):
    """One act with the XML below it."""

    number: int
    text: str
    xml: str


@dataclass
class Scenario:
    """A scenario as it was read.

    Attributes:
        title: What it shows.
        clients: By name: ``romeo/orchard`` and the words behind it.
    """

    title: str = ""
    is_registration_open: bool = False
    clients: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    acts: list[Line] = field(default_factory=list)


class Player:
    """One client of a scenario."""

    def __init__(self, name: str, address: str, traits: frozenset[str]) -> None:
        self.name = name
        self.address = address
        self.traits = traits
        self.arrived: list[Element] = []
        self._client: WireClient | None = None
        self._pongs = 0
        self._awaited = ""
        self._session_id = ""
        self._handled = 0  # stanzas on earlier streams of the session
        self._uncounted = 0  # stanzas on this stream before the session counted

    @property
    def client(self) -> WireClient:
        """The connection."""
        assert self._client is not None, f"{self.name} is not connected"
        return self._client

    async def connect(self, office: RunningOffice) -> None:
        """Log in."""
        is_direct = "direct" in self.traits
        if "stranger" in self.traits:
            self._client = await office.connect(is_direct=True)
            await self._client.open_stream()
            return
        language = next((one.split()[1] for one in self.traits if "speaking " in one), "")
        self._client = await office.log_in(self.address, is_direct=is_direct, language=language)
        self._handled = 0
        if "acknowledging" in self.traits:
            await self._client.enable_acknowledgement()
        if "resumable" in self.traits:
            self._session_id = await self._client.enable_resumption()
        self._uncounted = self._stanzas

    async def resume(self, office: RunningOffice) -> None:
        """Log in and get the session back."""
        handled = 0 if "forgetful" in self.traits else self._count
        account = self.address.partition("/")[0]
        client = await office.log_in(f"{account}/*", is_direct="direct" in self.traits)
        answer = await client.resume(self._session_id, handled)
        assert answer.tag == RESUMED, f"{self.name} was not resumed"
        client.jid, self._client = self.client.jid, client
        self._handled, self._uncounted = handled, 0

    async def cannot_resume(self, office: RunningOffice) -> None:
        """Try the same, and be refused; then the client binds its resource anew."""
        account, _, resource = self.address.partition("/")
        client = await office.log_in(f"{account}/*", is_direct="direct" in self.traits)
        answer = await client.resume(self._session_id, 0)
        assert answer.tag == FAILED, f"{self.name} was resumed"
        await client.bind(resource)
        self._client = client
        self._handled, self._uncounted = 0, self._stanzas

    async def catch_up(self) -> None:
        """Read all that the server sent until now."""
        if "stranger" in self.traits:
            return
        self._pongs += 1
        wanted = self._awaited = f"{_PONG}-{self._pongs}"
        self.client.send(f"<iq type='get' id='{wanted}'><ping xmlns='urn:xmpp:ping'/></iq>")
        while (arrived := await self.next()).get("id") != wanted:
            self.arrived.append(arrived)
        self._awaited = ""

    async def next(self) -> Element:
        """Return the next stanza; acknowledge and answer what a client has to."""
        while True:
            element = await self.client.receive(seconds=_SECONDS)
            if element.tag in _SILENT:
                if element.tag.endswith("}r") and "forgetful" not in self.traits:
                    self._acknowledge()
                continue
            if _PONG in element.get("id", "") and element.get("id") != self._awaited:
                continue  # of a former stream: it was not acknowledged
            return element

    def _acknowledge(self) -> None:
        self.client.send(f"<a xmlns='{STREAM_MANAGEMENT}' h='{self._count}'/>")

    @property
    def _stanzas(self) -> int:
        return sum(one.tag.startswith(f"{{{CLIENT}}}") for one in self.client.received)

    @property
    def _count(self) -> int:
        return self._handled + self._stanzas - self._uncounted


def read_scenario(path: Path) -> Scenario:
    """Read a scenario.

    Raises:
        ScenarioError: A line is not understood.
    """
    scenario = Scenario()
    is_head = True
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or (line.startswith("#") and scenario.title):
            continue
        if line.startswith("#"):
            scenario.title = line.removeprefix("#").strip()
        elif _DASHES.fullmatch(line):
            is_head = False
        elif is_head:
            _read_head(scenario, number, line)
        elif line[0].isspace():
            last = scenario.acts[-1]
            scenario.acts[-1] = last._replace(xml=f"{last.xml}{line.strip()}\n")
        else:
            scenario.acts.append(Line(number, line.strip(), ""))
    return scenario


def _read_head(scenario: Scenario, number: int, line: str) -> None:
    name, colon, value = (part.strip() for part in line.partition(":"))
    if not colon:
        raise ScenarioError(f"line {number}: expected 'Name: account/resource'")
    if name == "office":
        assert value == "registration open", f"line {number}: unknown setting {value}"
        scenario.is_registration_open = True
    else:
        address, *traits = (part.strip() for part in value.split(","))
        scenario.clients[name] = (address, frozenset(traits))


class ScenarioRunner:
    """Plays one scenario in one office."""

    def __init__(self, scenario: Scenario, office: RunningOffice) -> None:
        self._scenario = scenario
        self._office = office
        self._players = {
            name: Player(name, address, traits)
            for name, (address, traits) in scenario.clients.items()
        }
        self._names = {
            name: f"{address.partition('/')[0]}@{office.domain}/{address.partition('/')[2]}"
            for name, (address, _traits) in scenario.clients.items()
        }
        self._acts: list[tuple[re.Pattern[str], _Act]] = [
            (re.compile(r"the office restarts"), self._restart),
            (re.compile(r"(\w+) connects"), self._connect),
            (re.compile(r"(\w+) resumes"), self._resume),
            (re.compile(r"(\w+) cannot resume"), self._cannot_resume),
            (re.compile(r"(\w+) disconnects"), self._disconnect),
            (re.compile(r"(\w+) is cut off"), self._cut),
            (re.compile(r"(\w+) sends:"), self._send),
            (re.compile(r"(\w+) sends last:"), self._send_last),
            (re.compile(r"(\w+) receives:"), self._receive),
            (re.compile(r"(\w+) receives nothing"), self._receive_nothing),
            (re.compile(r"(\w+) is told (\S+) and disconnected"), self._ended),
            (re.compile(r"(\w+) can log in with '(.*)'"), self._can_log_in),
            (re.compile(r"(\w+) cannot log in with '(.*)'"), self._cannot_log_in),
        ]

    async def play(self) -> None:
        """Play all acts.

        Raises:
            ScenarioError: One did not go as it says.
        """
        for act in self._scenario.acts:
            try:
                await self._play(act)
            except (AssertionError, TimeoutError, StreamEndedError) as error:
                reason = str(error) or type(error).__name__
                raise ScenarioError(f"line {act.number}: {act.text}\n{reason}") from error

    async def _play(self, act: Line) -> None:
        for pattern, method in self._acts:
            if match := pattern.fullmatch(act.text):
                names = match.groups()
                await (method(*names, act.xml) if act.xml else method(*names))
                return
        raise ScenarioError("nobody knows what this means")

    async def _restart(self) -> None:
        await self._office.restart()
        for player in self._players.values():
            player.arrived.clear()

    async def _connect(self, name: str) -> None:
        await self._players[name].connect(self._office)

    async def _resume(self, name: str) -> None:
        await self._players[name].resume(self._office)

    async def _cannot_resume(self, name: str) -> None:
        await self._players[name].cannot_resume(self._office)

    async def _disconnect(self, name: str) -> None:
        await self._office.end(self._players[name].client)

    async def _cut(self, name: str) -> None:
        sessions = self._sessions()
        await self._office.end(self._players[name].client, is_cut=True)
        async with asyncio.timeout(_SECONDS):
            while self._sessions() == sessions:  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(0)

    def _sessions(self) -> object:
        status = self._office.server.status()
        return status["sessions"], status["sessions_without_stream"]

    async def _send(self, name: str, xml: str) -> None:
        player = self._players[name]
        player.client.send(self._filled(xml))
        await player.catch_up()

    async def _send_last(self, name: str, xml: str) -> None:
        self._players[name].client.send(self._filled(xml))

    async def _receive(self, name: str, xml: str) -> None:
        player = self._players[name]
        expected = list(fromstring(f"<x xmlns='{CLIENT}'>{xml}</x>"))  # noqa: S314 - our own text
        arrived = player.arrived[: len(expected)]
        del player.arrived[: len(expected)]
        while len(arrived) < len(expected):
            arrived.append(await player.next())
        for wanted in expected:
            fitting = next((one for one in arrived if self._fits(wanted, one)), None)
            assert fitting is not None, f"expected {_shown(wanted)}\narrived {_all(arrived)}"
            arrived.remove(fitting)

    async def _receive_nothing(self, name: str) -> None:
        player = self._players[name]
        await player.catch_up()
        assert not player.arrived, f"expected nothing\narrived {_all(player.arrived)}"

    async def _ended(self, name: str, condition: str) -> None:
        told = await self._players[name].client.wait_for_end(seconds=_SECONDS)
        assert told == condition, f"told {told or 'nothing'}"

    async def _can_log_in(self, account: str, password: str) -> None:
        client = await self._office.log_in(account, password=password)
        await self._office.end(client)

    async def _cannot_log_in(self, account: str, password: str) -> None:
        try:
            await self._office.log_in(account, password=password)
        except LoginRefusedError:
            return
        raise AssertionError("the login was taken")

    def _filled(self, text: str) -> str:
        return _NAME.sub(lambda match: self._names.get(match[1], match[0]), text)

    def _fits(self, wanted: Element, arrived: Element) -> bool:
        names = dict(self._names)
        if _fits(wanted, arrived, names):
            self._names = names
            return True
        return False


def _fits(wanted: Element, arrived: Element, names: dict[str, str]) -> bool:
    if wanted.tag != arrived.tag or set(wanted.keys()) != set(arrived.keys()):
        return False
    values = [(wanted.get(key, ""), arrived.get(key, "")) for key in wanted.attrib]
    values.append(((wanted.text or "").strip(), (arrived.text or "").strip()))
    if not all(_is_value(expected, value, names) for expected, value in values):
        return False
    children = [child for child in wanted if not child.tag.endswith("}any")]
    has_stanza_id = any(child.tag == STANZA_ID for child in children)
    rest = [child for child in arrived if has_stanza_id or not _is_of_our_archive(child)]
    if len(children) == len(wanted) and len(children) != len(rest):
        return False
    for child in children:
        fitting = next((one for one in rest if _fits(child, one, names)), None)
        if fitting is None:
            return False
        rest.remove(fitting)
    return True


def _is_of_our_archive(child: Element) -> bool:
    return child.tag == STANZA_ID and bool(_ARCHIVE_ID.fullmatch(child.get("id", "")))


def _is_value(expected: str, value: str, names: dict[str, str]) -> bool:
    if expected == "*":
        return True
    match = _NAME.fullmatch(expected)
    if match is not None and match[1] not in names:
        names[match[1]] = value
        return True
    return _NAME.sub(lambda found: names.get(found[1], found[0]), expected) == value


def _shown(element: Element) -> str:
    return tostring(element, encoding="unicode").strip()


def _all(elements: list[Element]) -> str:
    return "\n        ".join(map(_shown, elements)) or "nothing"


def settings_of(scenario: Scenario) -> Settings:
    """The settings of the office that a scenario plays in."""
    return office_settings(is_registration_open=scenario.is_registration_open)


async def play_scenario(path: Path, folder: Path, carrier: Carrier = Carrier.TCP) -> None:
    """Play a scenario in an office of its own, with clients that come in in one way."""
    scenario = read_scenario(path)
    async with running_office(folder / "office", settings=settings_of(scenario)) as office:
        office.carrier = carrier
        await ScenarioRunner(scenario, office).play()
