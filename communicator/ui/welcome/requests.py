"""What the user asked for on a form of the first run."""

from dataclasses import dataclass, field

from communicator.state.preferences import PasswordKeeping


@dataclass(frozen=True, slots=True)
class StartOfficeRequest:
    """Start an office on this computer."""

    office_name: str
    own_name: str


@dataclass(frozen=True, slots=True)
class JoinOfficeRequest:
    """Sign in to an office with what its host told.

    Attributes:
        office_address: The office's domain, like ``capulet.internal``.
        name: The user's name there: the part before the @.
        host: Computer on which the office server runs, name or number; empty if it can be found.
        port: Port of that computer; 0 for the usual one.
    """

    office_address: str
    name: str
    password: str = field(repr=False)
    host: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """Sign in with an address of any XMPP server.

    Attributes:
        address: As it was typed; the receiver checks it.
        host: Where to connect if the domain doesn't say; empty otherwise. port: 0 for the usual
            one.
    """

    address: str
    password: str = field(repr=False)
    host: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class PasswordKeepingChoice:
    """The user's choice; ``pass_phrase`` is empty unless a file is encrypted with it."""

    keeping: PasswordKeeping
    pass_phrase: str = field(default="", repr=False)
