"""Debian's Prosody on loopback, with a folder, ports, accounts and certificate of its own."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.foreign_programs import LOOPBACK, free_port, require_program
from tests.helpers.private_authority import IssuedCertificate, PrivateAuthority

START_SECONDS = 20.0
STOP_SECONDS = 10.0
MODULES = (
    "blocklist",
    "carbons",
    "disco",
    "offline",
    "pep",
    "ping",
    "roster",
    "saslauth",
    "time",
    "tls",
    "version",
)
STREAM_MANAGEMENT = "smacks"


@dataclass(frozen=True)
class Prosody:
    """A running server."""

    domain: str
    authority: PrivateAuthority
    c2s_port: int
    direct_tls_port: int
    config: Path

    def add_account(self, name: str, password: str) -> None:
        """Make an account."""
        command = ["prosodyctl", *_root(), "--config", str(self.config)]
        subprocess.run(
            [*command, "register", name, self.domain, password],
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def running_prosody(
    folder: Path,
    domain: str = "verona.example",
    *,
    modules: Sequence[str] = (*MODULES, STREAM_MANAGEMENT),
    tls_protocol: str = "tlsv1_2+",
) -> Iterator[Prosody]:
    """Start Prosody; skip the test where it is missing."""
    program = require_program("prosody", "prosody")
    authority = PrivateAuthority(folder)
    certificate = authority.issue(domain, "localhost", LOOPBACK)
    prosody = Prosody(domain, authority, free_port(), free_port(), folder / "prosody.cfg.lua")
    (folder / "data").mkdir()
    prosody.config.write_text(_configuration(prosody, folder, certificate, modules, tls_protocol))
    with (folder / "out.log").open("w") as output:
        process = subprocess.Popen(
            [program, "--config", str(prosody.config), *_root(), "-F"],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_it_listens(process, prosody.c2s_port, folder / "out.log")
        yield prosody
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _root() -> list[str]:
    return ["--root"] if os.getuid() == 0 else []


def _configuration(
    prosody: Prosody,
    folder: Path,
    certificate: IssuedCertificate,
    modules: Sequence[str],
    tls_protocol: str,
) -> str:
    names = ", ".join(f'"{name}"' for name in modules)
    return f"""
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
interfaces = {{ "{LOOPBACK}" }}
c2s_ports = {{ {prosody.c2s_port} }}
c2s_direct_tls_ports = {{ {prosody.direct_tls_port} }}
modules_enabled = {{ {names} }}
modules_disabled = {{ "s2s" }}
allow_registration = false
c2s_require_encryption = true
authentication = "internal_hashed"
storage = "internal"
certificates = "{folder}"
ssl = {{ key = "{certificate.key}", certificate = "{certificate.chain}",
  protocol = "{tls_protocol}" }}
c2s_direct_tls_ssl = {{ key = "{certificate.key}", certificate = "{certificate.chain}" }}
log = {{ debug = "{folder}/debug.log" }}
VirtualHost "{prosody.domain}"
"""


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            message = f"Prosody ended: {log.read_text()}"
            raise RuntimeError(message)
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.05)
    message = f"Prosody does not listen on port {port}: {log.read_text()}"
    raise TimeoutError(message)
