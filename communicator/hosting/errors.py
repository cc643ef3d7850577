"""What can go wrong with the office server on this computer."""


class HostingError(Exception):
    """The office server could not do what was asked; the text is one sentence for the user."""


class ServerNotRunningError(HostingError):
    """There is no server that answers for this folder."""
