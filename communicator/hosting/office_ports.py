"""Which ports an office uses: the usual ones, else others, and always the same afterwards.

The office must open even when something else sits on 5222; colleagues remember where they found
it, so a choice is kept in the data folder.
"""

import json
import logging
import socket
from dataclasses import dataclass
from pathlib import Path

NEIGHBOURS = 20
FILE_NAME = "ports.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OfficePorts:
    """One port for each way in."""

    c2s: int
    direct_tls: int
    http: int

    def arguments(self) -> list[str]:
        """Return them as the server's command takes them."""
        return [
            "--port",
            str(self.c2s),
            "--tls-port",
            str(self.direct_tls),
            "--http-port",
            str(self.http),
        ]


USUAL_PORTS = OfficePorts(c2s=5222, direct_tls=5223, http=5443)


def ports_of(folder: Path, usual: OfficePorts = USUAL_PORTS) -> OfficePorts:
    """Return the ports of an office: those of the last time, or free ones, which are kept then."""
    file = folder / FILE_NAME
    try:
        return OfficePorts(**json.loads(file.read_text(encoding="ascii")))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError) as error:
        _log.warning("%s is not read: %s", file, error)
    c2s = _free_port(usual.c2s, ())
    direct_tls = _free_port(usual.direct_tls, (c2s,))
    chosen = OfficePorts(c2s, direct_tls, _free_port(usual.http, (c2s, direct_tls)))
    try:
        file.write_text(
            json.dumps({"c2s": chosen.c2s, "direct_tls": chosen.direct_tls, "http": chosen.http}),
            encoding="ascii",
        )
    except OSError as error:
        _log.warning("%s is not written: %s", file, error)
    return chosen


def _free_port(usual: int, taken: tuple[int, ...]) -> int:
    """Return the usual port, the next free one, or any free one."""
    for port in range(usual, usual + NEIGHBOURS):
        if port not in taken and _is_free(port):
            return port
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("", port)):
            return True
    except OSError:
        return False
