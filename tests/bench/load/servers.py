"""The servers that are measured: each in a folder of its own, with its rate limits lifted."""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedded_server.administration.office_creation import create_office
from embedded_server.config import (
    LimitSettings,
    RegistrationSettings,
    ServerSettings,
    Settings,
)
from tests.bench.load.clients import LOOPBACK, Address
from tests.helpers.foreign_programs import free_port
from tests.helpers.private_authority import PrivateAuthority

DOMAIN = "localhost"
_START_SECONDS = 40.0
_STOP_SECONDS = 10.0
_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Yardstick:
    """A running server.

    Attributes:
        name: For the table.
        pid: Of its first process.
    """

    name: str
    address: Address
    pid: int


@contextmanager
def running_parlour(folder: Path, core: int, *, archive: bool) -> Iterator[Yardstick]:
    """Start this server."""
    port = free_port()
    limits = LimitSettings(
        stanzas_per_second=0,
        bytes_per_second=0,
        connections_before_login=0,
        connections_before_login_per_address=0,
        counts_loopback=False,
        offline_messages=0,
        offline_bytes=0,
        roster_items=0,
        registrations_per_address_per_hour=0,
    )
    settings = Settings(
        server=ServerSettings(
            domain=DOMAIN,
            listen=(LOOPBACK,),
            port=0,
            tls_port=port,
            http_port=0,
            log_level="warning",
        ),
        limits=limits,
        registration=RegistrationSettings(open=True),
    )
    asyncio.run(create_office(folder / "office", settings))
    command = [sys.executable, "-m", "embedded_server", "run", "--data", str(folder / "office")]
    with _running(command, folder, core, port) as pid:
        yield Yardstick("Parlour", Address(DOMAIN, port), pid)


@contextmanager
def running_prosody(folder: Path, core: int, *, archive: bool) -> Iterator[Yardstick]:
    """Start Debian's Prosody."""
    port = free_port()
    chain, key = _certificate(folder)
    config = folder / "prosody.cfg.lua"
    mam, room_mam = ('"mam";', '"muc_mam"') if archive else ("", "")
    config.write_text(
        f"""
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
network_backend = "epoll"
modules_enabled = {{ "disco"; "roster"; "saslauth"; "tls"; "blocklist"; "bookmarks"; "carbons";
  "pep"; "private"; "smacks"; "vcard4"; "vcard_legacy"; "csi_simple"; "ping"; "register"; "time";
  "uptime"; "version"; {mam} }}
modules_disabled = {{ "s2s" }}
allow_registration = true
interfaces = {{ "{LOOPBACK}" }}
c2s_ports = {{ }}
c2s_direct_tls_ports = {{ {port} }}
authentication = "internal_hashed"
ssl = {{ key = "{key}"; certificate = "{chain}" }}
c2s_direct_tls_ssl = {{ key = "{key}"; certificate = "{chain}" }}
log = {{ info = "{folder}/prosody.log" }}
VirtualHost "{DOMAIN}"
Component "conference.{DOMAIN}" "muc"
  modules_enabled = {{ {room_mam} }}
""",
        encoding="utf-8",
    )
    root = ["--root"] if os.getuid() == 0 else []
    with _running(["prosody", *root, "--config", str(config), "-F"], folder, core, port) as pid:
        yield Yardstick("Prosody", Address(DOMAIN, port), pid)


@contextmanager
def running_ejabberd(folder: Path, core: int, *, archive: bool) -> Iterator[Yardstick]:
    """Start Debian's ejabberd; as its own user, which only root can."""
    port = free_port()
    chain, key = _certificate(folder)
    both = folder / "both.pem"
    both.write_text(key.read_text() + chain.read_text(), encoding="ascii")
    mam = "mod_mam: {default: always, assume_mam_usage: true}" if archive else "mod_time: {}"
    for part in ("conf", "spool", "logs"):
        (folder / part).mkdir()
    (folder / "conf/ejabberd.yml").write_text(
        f"""
loglevel: info
hosts: [{DOMAIN}]
certfiles: ["{both}"]
listen:
  - {{port: {port}, ip: "{LOOPBACK}", module: ejabberd_c2s, backlog: 1000, access: c2s, tls: true,
      max_stanza_size: 262144}}
auth_password_format: scram
registration_timeout: infinity
acl: {{local: {{user_regexp: ""}}, loopback: {{ip: [127.0.0.0/8]}}}}
access_rules:
  local: {{allow: local}}
  c2s: {{allow: all}}
  register: {{allow: all}}
  trusted_network: {{allow: loopback}}
modules:
  mod_adhoc: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_last: {{}}
  {mam}
  mod_muc: {{access: [allow], access_create: local, min_message_interval: 0, max_users: 1000,
    default_room_options: {{mam: {str(archive).lower()}, max_users: 1000}}}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_pubsub: {{access_createnode: local, plugins: [flat, pep]}}
  mod_register: {{ip_access: trusted_network, access: register}}
  mod_roster: {{versioning: true}}
  mod_stream_mgmt: {{}}
  mod_vcard: {{search: false}}
  mod_version: {{}}
""",
        encoding="utf-8",
    )
    shutil.copy("/etc/ejabberd/inetrc", folder / "conf/inetrc")
    (folder / "conf/ejabberdctl.cfg").write_text(
        f"ERLANG_NODE=load{port}@localhost\nERL_DIST_PORT={free_port()}\n"
        "INET_DIST_INTERFACE=127.0.0.1\nERL_MAX_PORTS=60000\nERL_PROCESSES=250000\n"
        'ERL_OPTIONS="+S 1:1 -env ERL_CRASH_DUMP_BYTES 0"\n',
        encoding="utf-8",
    )
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "ejabberd", "ejabberd")
    command = [
        *("ejabberdctl", "-d", str(folder / "conf"), "-s", str(folder / "spool")),
        *("-l", str(folder / "logs"), "foreground"),
    ]
    with _running(command, folder, core, port, user="ejabberd") as pid:
        yield Yardstick("ejabberd", Address(DOMAIN, port), pid)


SERVERS = {
    "parlour": running_parlour,
    "prosody": running_prosody,
    "ejabberd": running_ejabberd,
}


def is_there(name: str) -> bool:
    """Whether a server can be started here."""
    if name == "ejabberd":
        return shutil.which("ejabberdctl") is not None and os.getuid() == 0
    return name == "parlour" or shutil.which(name) is not None


def _certificate(folder: Path) -> tuple[Path, Path]:
    issued = PrivateAuthority(folder).issue(DOMAIN, f"conference.{DOMAIN}", LOOPBACK)
    return issued.chain, issued.key


@contextmanager
def _running(
    command: Sequence[str], folder: Path, core: int, port: int, *, user: str = ""
) -> Iterator[int]:
    environment = dict(os.environ)
    if user:
        environment["HOME"] = str(folder / "spool")
    ids = pwd.getpwnam(user) if user else None
    with (folder / "out.log").open("wb") as log:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder if user else _ROOT,
            env=environment,
            start_new_session=True,
            user=ids.pw_uid if ids else None,
            group=ids.pw_gid if ids else None,
            extra_groups=[] if ids else None,
        )
    try:
        _wait_for(process, port, folder / "out.log")
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            message = f"the server ended:\n{log.read_text(errors='replace')}"
            raise RuntimeError(message)
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                time.sleep(1.0)  # it has other things to start as well
                return
        time.sleep(0.05)
    message = f"nothing listens on port {port}:\n{log.read_text(errors='replace')}"
    raise TimeoutError(message)
