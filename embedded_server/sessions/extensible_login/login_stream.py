"""What a login that does more than logging in needs of its stream."""

from collections.abc import Coroutine
from typing import Any, Protocol

from embedded_server.sessions.continuity.stream_resumption import ResumingStream
from embedded_server.sessions.session import Session
from shared_protocol.addresses import FullJid
from shared_protocol.stanzas.stream_management import Enable
from shared_protocol.stream.receiving import Input


class LoginStream(ResumingStream, Protocol):
    """The stream; ``ClientStream`` is one."""

    def advance(self, given: Input) -> None:
        """Go on in the negotiation.

        Raises:
            StreamError: That is not the next step.
        """

    def work(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do what takes a while; nothing more is taken from the client until it is done."""

    def log_in(self, localpart: str) -> None:
        """The client has shown who it is; it sends no further header."""

    def begin_session(self, jid: FullJid) -> Session:
        """Bind a resource; the client is told by the caller."""

    def enable_acknowledgement(self, wanted: Enable) -> bytes:
        """Begin to count, on a session that has just begun; returns what the client is told."""

    def go_on_with(self, session: Session) -> None:
        """A session that was resumed goes on over this stream."""

    def write_features(self) -> None:
        """Tell what the stream offers where it stands now."""
