"""The address under which others on the network reach this computer."""

import socket

_DOCUMENTATION_ADDRESS = ("192.0.2.1", 9)  # RFC 5737: chooses the route, nothing is sent


def own_address() -> str:
    """Return the IPv4 address of the usual network; the loopback one where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_DOCUMENTATION_ADDRESS)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
