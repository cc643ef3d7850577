"""The hooks that the router itself asks and tells."""

from collections.abc import Coroutine, Mapping
from typing import Any, ClassVar

from embedded_server.routing.hooks import Fact, Question
from embedded_server.routing.inbound import Inbound
from embedded_server.sessions.session import Session
from shared_protocol.addresses import BareJid
from shared_protocol.xml.frames import StanzaFrame


class MessageRouting(Question[bool]):
    """A message is about to be delivered. ``True`` ends its way: the handler has dealt with it.

    ``StanzaError`` refuses it. A handler for a payload is asked for messages with that child only.
    """

    __slots__ = ("inbound",)
    public_name: ClassVar[str] = "message.routing"

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound


class MessageDirected(Fact):
    """A service of this server has taken a message, as a room or a component.

    Attributes:
        inbound: The stanza.
    """

    __slots__ = ("inbound",)
    public_name: ClassVar[str] = "message.directed"

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound


class PresenceSharing(Question[bool]):
    """May an entity see that a session is on line (RFC 6121, section 8.5.3.1)?"""

    __slots__ = ("observer", "session")
    public_name: ClassVar[str] = "presence.sharing"

    def __init__(self, session: Session, observer: BareJid) -> None:
        self.session = session
        self.observer = observer


class PresenceDirecting(Question[bool]):
    """A session sends presence to a domain that is served here (RFC 6121, section 4.6).

    ``StanzaError`` refuses it.
    """

    __slots__ = ("inbound",)
    public_name: ClassVar[str] = "presence.directing"

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound


class PresenceAmending(Question[StanzaFrame]):
    """A client sends available presence, to everybody who sees it or to one (XEP-0398, section 4).

    A handler may answer with the stanza that is to go in its place.
    """

    __slots__ = ("inbound",)
    public_name: ClassVar[str] = "presence.amending"

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound


class SessionBound(Fact):
    """A client has bound its resource; it has sent nothing yet."""

    __slots__ = ("session",)
    public_name: ClassVar[str] = "session.bound"

    def __init__(self, session: Session) -> None:
        self.session = session


class SessionResumed(Fact):
    """A session that had lost its stream goes on over another one, as it was (XEP-0198)."""

    __slots__ = ("session",)
    public_name: ClassVar[str] = "session.resumed"

    def __init__(self, session: Session) -> None:
        self.session = session


class SessionSaving(Question[None]):
    """The office closes, and a session is written that its client may resume when it opens again.

    Handlers put into ``notes``, by a name of theirs, what they have to know of it then.
    """

    __slots__ = ("notes", "session")
    public_name: ClassVar[str] = "session.saving"

    def __init__(self, session: Session, notes: dict[str, str]) -> None:
        self.session = session
        self.notes = notes


class SessionRestored(Fact):
    """A session is back that waited while the office was closed; no client is connected yet.

    It is told instead of ``SessionBound`` and ``SessionAvailable``. Work that has to be done before
    the first client connects goes into ``work``.
    """

    __slots__ = ("notes", "session", "work")
    public_name: ClassVar[str] = "session.restored"

    def __init__(self, session: Session, notes: Mapping[str, str]) -> None:
        self.session = session
        self.notes = notes
        self.work: list[Coroutine[Any, Any, None]] = []


class SessionDetached(Fact):
    """A session has lost its stream, and waits for its client to resume it (XEP-0198)."""

    __slots__ = ("session",)
    public_name: ClassVar[str] = "session.detached"

    def __init__(self, session: Session) -> None:
        self.session = session


class MessageWaiting(Fact):
    """A message is kept for an account, and no client that has a stream takes it.

    Attributes:
        account: Whose it is.
        stanza: As it will be delivered.
    """

    __slots__ = ("account", "stanza")
    public_name: ClassVar[str] = "message.waiting"

    def __init__(self, account: BareJid, stanza: bytes) -> None:
        self.account = account
        self.stanza = stanza


class SessionClosed(Fact):
    """A session has ended; it is in no directory any more.

    What its client has not got is in ``Session.undelivered``.
    """

    __slots__ = ("session",)
    public_name: ClassVar[str] = "session.closed"

    def __init__(self, session: Session) -> None:
        self.session = session


class SessionAvailable(Fact):
    """A session has sent its first available presence, and the broadcast is out."""

    __slots__ = ("session",)
    public_name: ClassVar[str] = "session.available"

    def __init__(self, session: Session) -> None:
        self.session = session


class SessionUnavailable(Fact):
    """A session that was available is so no more, by its own word or by its end.

    Attributes:
        stanza: The presence that everybody was sent, without an address.
    """

    __slots__ = ("session", "stanza")
    public_name: ClassVar[str] = "session.unavailable"

    def __init__(self, session: Session, stanza: bytes) -> None:
        self.session = session
        self.stanza = stanza


class PriorityChanged(Fact):
    """An available session has another priority than before."""

    __slots__ = ("session",)
    public_name: ClassVar[str] = "session.priority_changed"

    def __init__(self, session: Session) -> None:
        self.session = session


class PresenceBroadcast(Fact):
    """A session's available presence has gone to all who see it.

    Attributes:
        inbound: The stanza.
    """

    __slots__ = ("inbound", "session")
    public_name: ClassVar[str] = "presence.broadcast"

    def __init__(self, session: Session, inbound: Inbound) -> None:
        self.session = session
        self.inbound = inbound


class PresenceGranted(Fact):
    """A contact sees an account's presence from now on."""

    __slots__ = ("account", "contact")
    public_name: ClassVar[str] = "presence.granted"

    def __init__(self, account: BareJid, contact: BareJid) -> None:
        self.account = account
        self.contact = contact


class HostStopping(Fact):
    """The server is about to end all streams; what is sent now still leaves."""

    __slots__ = ()
    public_name: ClassVar[str] = "host.stopping"


class AccountDeleted(Fact):
    """An account and all that it owned are gone; its sessions are closed."""

    __slots__ = ("account",)
    public_name: ClassVar[str] = "account.deleted"

    def __init__(self, account: BareJid) -> None:
        self.account = account
