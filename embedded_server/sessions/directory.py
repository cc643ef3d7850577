"""Who is bound at this host."""

from collections.abc import Iterator

from embedded_server.sessions.session import Session
from shared_protocol.addresses import FullJid


class SessionDirectory:
    """The sessions of one host, by account.

    An account's sessions are kept as a tuple in the order of binding: it is asked for every message
    and changes seldom.
    """

    def __init__(self) -> None:
        self._by_localpart: dict[str, tuple[Session, ...]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Session]:
        """All sessions; a copy, so that they may be closed on the way."""
        return iter([session for group in self._by_localpart.values() for session in group])

    def add(self, session: Session) -> None:
        """Enter a session.

        Raises:
            ValueError: Its address is in use.
        """
        jid = session.full_jid
        if self.get(jid) is not None:
            message = f"{jid} is bound already"
            raise ValueError(message)
        self._by_localpart[jid.localpart] = (*self.sessions_of(jid.localpart), session)
        self._count += 1

    def remove(self, session: Session) -> None:
        """Strike a session out; nothing happens if it is not there."""
        localpart = session.full_jid.localpart
        before = self.sessions_of(localpart)
        after = tuple(one for one in before if one is not session)
        if after:
            self._by_localpart[localpart] = after
        else:
            self._by_localpart.pop(localpart, None)
        self._count -= len(before) - len(after)

    def get(self, jid: FullJid) -> Session | None:
        """Return the session of an address of this host, available or not."""
        for session in self._by_localpart.get(jid.localpart, ()):
            if session.full_jid.resourcepart == jid.resourcepart:
                return session
        return None

    def sessions_of(self, localpart: str) -> tuple[Session, ...]:
        """Return an account's sessions, available or not, in the order of binding."""
        return self._by_localpart.get(localpart, ())

    def available_of(self, localpart: str) -> tuple[Session, ...]:
        """Return an account's sessions that have sent available presence."""
        sessions = self._by_localpart.get(localpart, ())
        if len(sessions) == 1:  # nearly always
            return sessions if sessions[0].presence is not None else ()
        return tuple(session for session in sessions if session.is_available)
