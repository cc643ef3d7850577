"""What can go wrong on a control line. Each ends the line; nothing is answered."""

from shared_protocol.errors import RemoteProtocolError


class ControlError(RemoteProtocolError):
    """The other end of a control line did what it must not."""


class MalformedControlError(ControlError):
    """A line or file is no JSON, or has not the form that is expected; never quotes its values."""


class ControlLineTooLongError(ControlError):
    """A line is longer than allowed."""


class ProofRejectedError(ControlError):
    """The other end does not know the token: a stranger, or a program that took an old address."""
