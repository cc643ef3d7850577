"""What an administrator sees of those who are on line, and does to them."""

import time

from embedded_server.administration.operations import JsonResult, OperationError, operation
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Session
from shared_protocol.addresses import AddressError, FullJid, Jid, parse_jid
from shared_protocol.errors import StanzaCondition, StreamCondition, StreamError
from shared_protocol.namespaces import CLIENT
from shared_protocol.xml.elements import element_of

_AWAY = frozenset({"away", "xa"})
_SHOW = f"{{{CLIENT}}}show"


class SessionOperations:
    """Operations on the sessions of one domain."""

    def __init__(self, *, sessions: SessionDirectory, domain: str) -> None:
        self._sessions = sessions
        self._domain = domain

    @operation("sessions.list", scope="sessions:read")
    async def list(self) -> JsonResult:
        """Tell who is on line, in the order of names."""
        now = time.time()
        shown = [_shown(session, now) for session in self._sessions]
        return {"sessions": sorted(shown, key=lambda one: str(one["jid"]))}

    @operation("sessions.end", scope="sessions:admin", audit=True)
    async def end(self, name: str) -> JsonResult:
        """End one session by its full address, or all of an account by its name or address."""
        jid = self._address(name)
        sessions = list(self._sessions.sessions_of(jid.localpart))
        if isinstance(jid, FullJid):
            sessions = [session for session in sessions if session.full_jid == jid]
        if not sessions:
            raise OperationError(StanzaCondition.ITEM_NOT_FOUND, f"{name} is not on line.")
        error = StreamError(StreamCondition.POLICY_VIOLATION, "an administrator ended this session")
        for session in sessions:
            session.close(error)
        return {"ended": len(sessions)}

    def _address(self, name: str) -> Jid:
        try:
            jid = parse_jid(name if "@" in name else f"{name}@{self._domain}")
        except AddressError as error:
            text = f"{name!r} is no address of a session or an account."
            raise OperationError(StanzaCondition.NOT_ACCEPTABLE, text) from error
        if jid.domainpart != self._domain:
            text = f"{name} does not belong to {self._domain}."
            raise OperationError(StanzaCondition.NOT_ALLOWED, text)
        return jid


def _shown(session: Session, now: float) -> JsonResult:
    return {
        "jid": str(session.full_jid),
        "is_available": session.is_available,
        "is_away": _is_away(session),
        "priority": session.priority,
        "seconds": round(max(0.0, now - session.bound_at)),
    }


def _is_away(session: Session) -> bool:
    presence = session.presence
    if presence is None or b"show" not in presence:
        return False
    return element_of(presence).findtext(_SHOW, "") in _AWAY
