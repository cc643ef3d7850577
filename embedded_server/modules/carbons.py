"""Copies of messages for the other devices of an account (XEP-0280 1.0.1).

A copy comes on top of the delivery (RFC 6121, section 8.5) and is none itself: it is not stored,
and a client that does not read what it is sent gets none, since its archive has the message.
"""

from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from embedded_server.modules.message_stamps import forwarded
from embedded_server.plugin_api import (
    Accepts,
    Attachments,
    Entity,
    Inbound,
    IqHandler,
    IqRequest,
    ModuleHost,
    Session,
    SessionClosed,
    SessionRestored,
    SessionSaving,
    to_attribute,
)
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StanzaCondition
from shared_protocol.namespaces import CARBONS, CARBONS_RULES, MUC_USER
from shared_protocol.xml.writer import attribute

Identified = Callable[[BareJid], bytes]

_ENABLE = f"{{{CARBONS}}}enable"
_ROOM_MARK = f"{MUC_USER} x"


class CarbonsModule:
    """Knows who wants copies, and writes them."""

    def __init__(self) -> None:
        self._enabled: dict[str, tuple[Session, ...]] = {}
        self._attached = Attachments()

    def attach(self, host: ModuleHost) -> None:
        """Announce copies, and let clients ask for them."""
        hooks = host.hooks
        self._attached.add(
            host.features.add(Entity.SERVER, CARBONS, CARBONS_RULES),
            host.binding.add(CARBONS, self._begin_with),
            hooks.listen(SessionClosed, self._on_session_closed),
            hooks.answer(SessionSaving, self._on_session_saving),
            hooks.listen(SessionRestored, self._on_session_restored),
            *(
                host.add_iq_handler(
                    IqHandler(
                        payload=f"{CARBONS} {name}",
                        entity=entity,
                        accepts=Accepts.OWN_ACCOUNT,
                        handle=handle,
                        types=frozenset({"set"}),
                        refusal=StanzaCondition.NOT_ALLOWED,  # sections 4.1 and 5.1
                    )
                )
                for entity in Entity
                for name, handle in (("enable", self._on_enable), ("disable", self._on_disable))
            ),
        )

    def detach(self) -> None:
        """Take everything back."""
        self._attached.undo()

    def copy(self, inbound: Inbound, receivers: Sequence[Session], identified: Identified) -> None:
        """Copy a message that is worth it to the other devices of both sides.

        Args:
            inbound: The message; its kind is one that is copied.
            receivers: Who gets it itself.
            identified: Writes it, with its id in the archive of an account.
        """
        origin, to = inbound.origin, inbound.to.bare
        watchers: Sequence[Session] = ()
        if isinstance(origin, Session):
            sender = origin.full_jid.bare
            watchers = self._watchers(sender.localpart, origin, receivers)
            if watchers:
                _send(watchers, "sent", inbound, sender, identified)
            if to == sender:
                return  # one copy is enough of what somebody writes to himself
        elif _is_of_room(inbound):
            return
        watchers = self._watchers(to.localpart, None, receivers)
        if watchers:
            _send(watchers, "received", inbound, to, identified)

    def copy_sent(self, inbound: Inbound, identified: Identified) -> None:
        """Copy a message to an address of no account here to the sender's other devices."""
        session = inbound.session
        sender = session.full_jid.bare
        watchers = self._watchers(sender.localpart, session, ())
        if watchers:
            _send(watchers, "sent", inbound, sender, identified)

    def _watchers(
        self, localpart: str, origin: Session | None, receivers: Sequence[Session]
    ) -> Sequence[Session]:
        """Return who of an account gets a copy: mostly nobody, since most have one device."""
        enabled = self._enabled.get(localpart)
        if enabled is None or (len(enabled) == 1 and enabled[0] in (origin, *receivers)):
            return ()
        return [
            session
            for session in enabled
            if session is not origin and session not in receivers and not session.is_congested
        ]

    def _on_enable(self, request: IqRequest) -> None:
        """Asking twice is no error (section 10.1)."""
        self._add(request.inbound.session)

    def _on_disable(self, request: IqRequest) -> None:
        self._remove(request.inbound.session)

    def _begin_with(self, session: Session, wanted: Element) -> bytes:
        """Copies from the moment of binding; nothing is answered (XEP-0386 1.1.0, section 3.2)."""
        if wanted.tag == _ENABLE:
            self._add(session)
        return b""

    def _on_session_closed(self, fact: SessionClosed) -> None:
        self._remove(fact.session)

    def _on_session_saving(self, question: SessionSaving) -> None:
        session = question.session
        if session in self._enabled.get(session.full_jid.localpart, ()):
            question.notes[CARBONS] = ""

    def _on_session_restored(self, fact: SessionRestored) -> None:
        if CARBONS in fact.notes:
            self._add(fact.session)

    def _add(self, session: Session) -> None:
        localpart = session.full_jid.localpart
        before = self._enabled.get(localpart, ())
        if session not in before:
            self._enabled[localpart] = (*before, session)

    def _remove(self, session: Session) -> None:
        localpart = session.full_jid.localpart
        left = tuple(one for one in self._enabled.get(localpart, ()) if one is not session)
        if left:
            self._enabled[localpart] = left
        else:
            self._enabled.pop(localpart, None)


def _is_of_room(inbound: Inbound) -> bool:
    """Whether a service says what it tells each device itself, or refuses what one device said.

    Section 6.1: an occupant's private messages, and errors of rooms, which answer what is not
    copied.
    """
    if inbound.type == "error":
        return True
    return isinstance(inbound.sender, FullJid) and _ROOM_MARK in inbound.frame.children


def _send(
    watchers: Sequence[Session],
    direction: str,
    inbound: Inbound,
    account: BareJid,
    identified: Identified,
) -> None:
    """Write the copy once; only the address differs (sections 7 and 8)."""
    shown_type = attribute("type", inbound.type) if inbound.type else ""
    content = forwarded(identified(account))
    rest = f"{attribute('from', str(account))}{shown_type}><{direction} xmlns='{CARBONS}'>".encode()
    tail = b"%b%b</%b></message>" % (rest, content, direction.encode())
    for session in watchers:
        session.send(b"<message%b%b" % (to_attribute(session.full_jid), tail))
