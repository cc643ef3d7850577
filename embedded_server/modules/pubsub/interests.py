"""Which events each client wants: features that end in ``+notify`` (XEP-0163 1.2.2, section 4.3).

A client announces a hash of its features with its presence (XEP-0115). What a hash stands for is
asked once, of the first who announces it. Only an answer that fits the hash counts for others.
"""

import json
from collections import OrderedDict
from typing import ClassVar

from embedded_server.plugin_api import (
    Attachments,
    Fact,
    ModuleHost,
    PresenceBroadcast,
    Session,
    SessionRestored,
    SessionSaving,
    SessionUnavailable,
)
from shared_protocol.errors import RemoteProtocolError, StanzaError
from shared_protocol.limits import InterestLimits
from shared_protocol.namespaces import CAPS, DISCO_INFO, PUBSUB_EVENT
from shared_protocol.stanzas import disco
from shared_protocol.stanzas.caps import Capabilities, capabilities_of, is_genuine
from shared_protocol.xml.elements import element_of
from shared_protocol.xml.writer import attribute

Names = frozenset[str]
_Key = tuple[str, str]

_NOTIFY = "+notify"
_CAPS = f"{CAPS} c"
_NOTHING: Names = frozenset()


class InterestGained(Fact):
    """A session wants the events of more nodes than before."""

    __slots__ = ("names", "session")
    public_name: ClassVar[str] = "pubsub.interest_gained"

    def __init__(self, session: Session, names: Names) -> None:
        self.session = session
        self.names = names


class InterestModule:
    """Knows of each available session which nodes it wants to hear of."""

    def __init__(self, *, limits: InterestLimits | None = None) -> None:
        self._limits = limits or InterestLimits()
        self._by_session: dict[Session, Names] = {}
        self._known: OrderedDict[_Key, Names] = OrderedDict()  # the latest last
        self._waiting: dict[_Key, list[tuple[Session, Capabilities]]] = {}
        self._attached = Attachments()
        self._host: ModuleHost

    def attach(self, host: ModuleHost) -> None:
        """Listen to presence."""
        self._host = host
        self._attached.add(
            host.hooks.listen(PresenceBroadcast, self._on_presence),
            host.hooks.listen(SessionUnavailable, self._on_unavailable),
            host.hooks.answer(SessionSaving, self._on_session_saving),
            host.hooks.listen(SessionRestored, self._on_session_restored),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def of(self, session: Session) -> Names:
        """Return the names of the nodes that a session wants to hear of."""
        return self._by_session.get(session, _NOTHING)

    def _on_presence(self, fact: PresenceBroadcast) -> None:
        session = fact.session
        capabilities = None
        if _CAPS in fact.inbound.frame.children:
            capabilities = capabilities_of(element_of(fact.inbound.frame.raw))
        if capabilities is None:
            self._by_session.pop(session, None)
            return
        key = (capabilities.hash, capabilities.version)
        names = self._known.get(key)
        if names is not None:
            self._known.move_to_end(key)
            self._settle(session, names)
            return
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append((session, capabilities))
        else:
            self._waiting[key] = [(session, capabilities)]
            self._host.spawn(self._ask_for(key), "ask for the features of a client")

    def _on_unavailable(self, fact: SessionUnavailable) -> None:
        self._by_session.pop(fact.session, None)

    def _on_session_saving(self, question: SessionSaving) -> None:
        names = self.of(question.session)
        if names:
            question.notes[PUBSUB_EVENT] = json.dumps(sorted(names))

    def _on_session_restored(self, fact: SessionRestored) -> None:
        """Nothing is gained by that: what was published meanwhile waits for the session."""
        if PUBSUB_EVENT in fact.notes:
            self._by_session[fact.session] = frozenset(json.loads(fact.notes[PUBSUB_EVENT]))

    async def _ask_for(self, key: _Key) -> None:
        """Ask one after the other of those who announce a hash, until an answer fits it."""
        waiting = self._waiting[key]
        try:
            while waiting:
                session, capabilities = waiting.pop(0)
                info = await self._asked(session, capabilities)
                if info is None:
                    continue
                names = self._names(info)
                if is_genuine(capabilities, info):
                    self._remember(key, names)
                    waiting.append((session, capabilities))
                    break
                self._settle(session, names)  # it says something about its sender only
        finally:
            del self._waiting[key]
        known = self._known.get(key)
        for session, _capabilities in waiting if known is not None else ():
            self._settle(session, known or _NOTHING)

    async def _asked(self, session: Session, capabilities: Capabilities) -> disco.DiscoInfo | None:
        if session.is_closed or not session.is_available:
            return None
        node = attribute("node", capabilities.disco_node)
        query = f"<query xmlns='{DISCO_INFO}'{node}/>".encode()
        try:
            answer = await self._host.ask(session.full_jid, query)
            return disco.info_from_element(answer[0]) if len(answer) else None
        except (StanzaError, RemoteProtocolError):
            return None

    def _remember(self, key: _Key, names: Names) -> None:
        self._known[key] = names
        while len(self._known) > self._limits.known_capabilities:
            self._known.popitem(last=False)

    def _names(self, info: disco.DiscoInfo) -> Names:
        wanted = (one.removesuffix(_NOTIFY) for one in info.features if one.endswith(_NOTIFY))
        return frozenset(list(wanted)[: self._limits.nodes])

    def _settle(self, session: Session, names: Names) -> None:
        if session.is_closed or not session.is_available:
            return
        gained = names - self._by_session.get(session, _NOTHING)
        self._by_session[session] = names
        if gained:
            self._host.hooks.tell(InterestGained(session, gained))
