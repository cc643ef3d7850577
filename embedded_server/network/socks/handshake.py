"""The server's side of SOCKS5 (RFC 1928), as far as XEP-0065 uses it. No input or output.

Example, a client that is to be joined to another under a name of forty letters::

    C: 05 01 00                        S: 05 00
    C: 05 01 00 03 28 <name> 00 00     S: 05 00 00 03 28 <name> 00 00
"""

import re
from enum import Enum, auto

_VERSION = 5
_NO_AUTHENTICATION, _NO_METHOD = 0, 0xFF
_CONNECT, _DOMAIN_NAME = 1, 3
_NAME_BYTES = 40
_NAME = re.compile(rb"[0-9a-f]{40}")
_GREETING_BYTES = 2
_REQUEST_BYTES = 5 + _NAME_BYTES + 2


class _State(Enum):
    GREETING = auto()
    REQUEST = auto()
    JOINED = auto()
    REFUSED = auto()


class SocksRefusedError(Exception):
    """The client wants what is not spoken here.

    Attributes:
        answer: What it is told before the end; may be empty.
    """

    def __init__(self, answer: bytes = b"") -> None:
        super().__init__("a SOCKS5 request that is not taken")
        self.answer = answer


class SocksHandshake:
    """One client, until it has said under which name it waits.

    Attributes:
        name: SHA-1 of stream id and both addresses, as 40 hexadecimal digits; empty until known.
    """

    def __init__(self) -> None:
        self.name = ""
        self._state = _State.GREETING
        self._buffer = b""

    def receive(self, data: bytes) -> bytes:
        """Take bytes of the client; returns what is answered at once.

        Raises:
            SocksRefusedError: It is no SOCKS5, or another request than to be joined by name.
        """
        if self._state in {_State.JOINED, _State.REFUSED}:
            raise SocksRefusedError  # it speaks before it was joined
        self._buffer += data
        answer = self._greet() if self._state is _State.GREETING else b""
        if self._state is _State.REQUEST:
            try:
                self._read_request()
            except SocksRefusedError as error:
                raise SocksRefusedError(answer + error.answer) from None
        return answer

    def accepted(self) -> bytes:
        """Return the answer to the request (XEP-0065, section 6.3.2: the name is given back)."""
        return bytes((_VERSION, 0, 0, _DOMAIN_NAME, _NAME_BYTES)) + self.name.encode() + bytes(2)

    def _greet(self) -> bytes:
        buffer = self._buffer
        if buffer[:1] != bytes((_VERSION,)):
            self._refuse()
        if len(buffer) < _GREETING_BYTES or len(buffer) < _GREETING_BYTES + buffer[1]:
            return b""
        methods = buffer[_GREETING_BYTES : _GREETING_BYTES + buffer[1]]
        if _NO_AUTHENTICATION not in methods:
            self._refuse(bytes((_VERSION, _NO_METHOD)))
        self._buffer = buffer[_GREETING_BYTES + buffer[1] :]
        self._state = _State.REQUEST
        return bytes((_VERSION, _NO_AUTHENTICATION))

    def _read_request(self) -> None:
        buffer = self._buffer
        head = bytes((_VERSION, _CONNECT, 0, _DOMAIN_NAME, _NAME_BYTES))
        if not head.startswith(buffer[: len(head)]):
            self._refuse(bytes((_VERSION, 7, 0, 1)) + bytes(6))  # command not supported
        if len(buffer) < _REQUEST_BYTES:
            return
        name, port = buffer[5:-2].lower(), buffer[-2:]
        if len(buffer) > _REQUEST_BYTES or not _NAME.fullmatch(name) or port != bytes(2):
            self._refuse(bytes((_VERSION, 2, 0, 1)) + bytes(6))  # not allowed
        self.name = name.decode()
        self._state = _State.JOINED

    def _refuse(self, answer: bytes = b"") -> None:
        self._state = _State.REFUSED
        raise SocksRefusedError(answer)
