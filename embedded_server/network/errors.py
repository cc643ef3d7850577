"""What can go wrong with the sockets of the server."""


class NetworkError(Exception):
    """A socket could not be had as it was asked for."""


class PortTakenError(NetworkError):
    """Another program listens where this one wants to.

    Attributes:
        address: The IP address or name.
        port: The port.
    """

    def __init__(self, address: str, port: int) -> None:
        super().__init__(f"another program uses port {port} of {address}")
        self.address = address
        self.port = port


class AddressUnusableError(NetworkError):
    """This machine has no such address, or lets this program not use the port."""


class CertificateUnusableError(NetworkError):
    """The certificate or its key cannot be read, or they do not belong together."""
