"""How a running server is found: the file ``control.json`` in its data folder.

It is written whole, with mode 0600, and is gone after a clean end. Reading and writing the file is
the business of the two ends.

Example::

    {"format": 1, "pid": 4711, "version": "0.1.0",
     "address": "unix:/run/user/1000/parlour/4711.sock",
     "token": "0f0e0d0c0b0a09080706050403020100f0e0d0c0b0a090807060504030201000",
     "ports": {"c2s": 5222, "direct_tls": 5223, "http": 5280}}
"""

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath

from shared_protocol.control.control_errors import MalformedControlError
from shared_protocol.control.json_lines import number_in, object_from_line, object_in, text_in
from shared_protocol.errors import LocalProtocolError

FILE_NAME = "control.json"
FORMAT = 1
LONGEST_SOCKET_PATH_BYTES = 107  # sun_path has 108 bytes on Linux with its final zero

_HIGHEST_PORT = 65_535
_TOKEN = re.compile(r"[0-9a-f]{64}")
_LOOPBACK = re.compile(r"tcp:127\.0\.0\.1:([0-9]{1,5})")
_UNIX = "unix:"


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A Unix socket; its folder belongs to the user alone.

    Raises:
        LocalProtocolError: The path is not absolute, or too long for a socket.
    """

    path: str

    def __post_init__(self) -> None:
        size_bytes = len(self.path.encode(errors="surrogatepass"))
        is_path = PurePosixPath(self.path).is_absolute() and "\0" not in self.path
        if not is_path or size_bytes > LONGEST_SOCKET_PATH_BYTES:
            message = (
                f"expected an absolute path of at most {LONGEST_SOCKET_PATH_BYTES} bytes,"
                f" got {self.path!r}"
            )
            raise LocalProtocolError(message)

    def __str__(self) -> str:
        return f"{_UNIX}{self.path}"


@dataclass(frozen=True, slots=True)
class LoopbackAddress:
    """A TCP port of 127.0.0.1, where there are no Unix sockets.

    Raises:
        LocalProtocolError: The port is not from 1 to 65,535.
    """

    port: int

    def __post_init__(self) -> None:
        if not 0 < self.port <= _HIGHEST_PORT:
            message = f"expected a port from 1 to {_HIGHEST_PORT}, got {self.port}"
            raise LocalProtocolError(message)

    def __str__(self) -> str:
        return f"tcp:127.0.0.1:{self.port}"


ControlAddress = UnixAddress | LoopbackAddress


@dataclass(frozen=True, slots=True)
class PublicPorts:
    """Where others reach the server; 0 where it does not listen."""

    c2s: int = 0
    direct_tls: int = 0
    http: int = 0


@dataclass(frozen=True, slots=True)
class ControlEndpoint:
    """A running server: where its control line is, and what proves the right to it.

    Attributes:
        version: That of the program.
        token: 64 hexadecimal digits, new with each start.
    """

    pid: int
    version: str
    address: ControlAddress
    token: str = field(repr=False)
    ports: PublicPorts = PublicPorts()
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the text of the file."""
        value = {**asdict(self), "address": str(self.address)}
        return json.dumps(value, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: bytes | str) -> "ControlEndpoint":
        """Read the text of the file.

        Raises:
            MalformedControlError: It has not the form, or a newer one.
        """
        value = object_from_line(text)
        if number_in(value, "format") != FORMAT:
            message = f"expected format {FORMAT} of {FILE_NAME}, got {value['format']}"
            raise MalformedControlError(message)
        token = text_in(value, "token")
        if not _TOKEN.fullmatch(token):
            message = "expected a token of 64 hexadecimal digits"
            raise MalformedControlError(message)
        return cls(
            pid=number_in(value, "pid"),
            version=text_in(value, "version"),
            address=address_from_text(text_in(value, "address")),
            token=token,
            ports=_ports(object_in(value, "ports")),
        )


def address_from_text(text: str) -> ControlAddress:
    """Read an address such as ``unix:/run/user/1000/parlour/1.sock`` or ``tcp:127.0.0.1:49152``.

    Raises:
        MalformedControlError: It is none, or not on this machine.
    """
    try:
        if text.startswith(_UNIX):
            return UnixAddress(text.removeprefix(_UNIX))
        if found := _LOOPBACK.fullmatch(text):
            return LoopbackAddress(int(found[1]))
    except LocalProtocolError as error:
        raise MalformedControlError(str(error)) from error
    message = f"expected a Unix socket or a loopback port, got {text[:100]!r}"
    raise MalformedControlError(message)


def _ports(value: dict[str, object]) -> PublicPorts:
    known = ("c2s", "direct_tls", "http")
    ports = {name: number_in(value, name) for name in known if name in value}
    if any(port > _HIGHEST_PORT for port in ports.values()):
        message = f"expected ports up to {_HIGHEST_PORT}"
        raise MalformedControlError(message)
    return PublicPorts(**ports)
