"""Gajim or Dino on a virtual screen, in an office of its own: what does it get, and what do we?

``python -m tests.helpers.desktop_stage PROGRAM FOLDER`` runs below ``unshare --net --mount`` as
root: the machine's names and authorities are replaced for this process alone, and the office takes
the usual ports. It prints one line of JSON: what was found, by name.
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import pwd
import secrets
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from embedded_server.config import LimitSettings, ServerSettings, Settings
from tests.helpers.office import DOMAIN, LOOPBACK, PASSWORD, RunningOffice, running_office
from tests.helpers.wire_client import WireClient

ROOM = f"coven@conference.{DOMAIN}"
USER = "juliet"
SAID = (
    "When shall we three meet again?",
    "When the hurlyburly's done.",
    "That will be ere sunset.",
)
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_RUN_AS = "games"  # a user that every Debian has; Gajim refuses root
_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_OPENING_SECONDS = 30
_MUC = "http://jabber.org/protocol/muc"
_WIDTH = 32


def picture(red: int) -> bytes:
    """Return a PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4)
        return len(data).to_bytes(4) + kind + data + check

    head = _WIDTH.to_bytes(4) * 2 + bytes((8, 2, 0, 0, 0))
    rows = b"".join(b"\0" + bytes((red, 64, 128)) * _WIDTH for _ in range(_WIDTH))
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def settings() -> Settings:
    """An office on the usual ports."""
    return Settings(
        server=ServerSettings(domain=DOMAIN, listen=(LOOPBACK,)),
        limits=LimitSettings(counts_loopback=False),
    )


def replace_names(folder: Path, authority: Path) -> None:
    """Let the office's names mean this computer, and trust its authority; here alone."""
    names = " ".join(["localhost", DOMAIN, *(f"{one}.{DOMAIN}" for one in _SUB_DOMAINS)])
    hosts, trusted = folder / "hosts", folder / "trusted.pem"
    hosts.write_text(f"127.0.0.1 {names}\n", encoding="ascii")
    trusted.write_bytes(_AUTHORITIES.read_bytes() + authority.read_bytes())
    for mine, theirs in ((hosts, "/etc/hosts"), (trusted, str(_AUTHORITIES))):
        mine.chmod(0o644)
        subprocess.run(["mount", "--bind", str(mine), theirs], check=True)
    # Without another address and a route, programs believe that there is no network.
    for command in (
        "link set lo up",
        "link add quiet type veth peer name quieter",
        "address add 10.99.99.99/24 dev quiet",
        "link set quiet up",
        "link set quieter up",
        "route add default via 10.99.99.1",
    ):
        subprocess.run(["ip", *command.split()], check=True)


_SUB_DOMAINS = ("conference", "upload", "pubsub", "proxy", "directory")


async def set_the_scene(romeo: WireClient, office: RunningOffice) -> dict[str, str]:
    """Prepare what the program shall find; returns the hashes of the pictures."""
    avatar = picture(200)
    digest = hashlib.sha1(avatar).hexdigest()  # noqa: S324 - XEP-0084, section 4.1
    data = base64.b64encode(avatar).decode()
    await _ask(
        romeo,
        _published(
            "urn:xmpp:avatar:data", digest, f"<data xmlns='urn:xmpp:avatar:data'>{data}</data>"
        ),
    )
    await _ask(
        romeo,
        _published(
            "urn:xmpp:avatar:metadata",
            digest,
            f"<metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='{len(avatar)}' id='{digest}' "
            f"type='image/png' width='{_WIDTH}' height='{_WIDTH}'/></metadata>",
        ),
    )
    romeo.send(f"<presence to='{ROOM}/romeo'><x xmlns='{_MUC}'/></presence>")
    await romeo.receive(lambda one: one.find(f".//{{{_MUC}#user}}status[@code='110']") is not None)
    await _ask(
        romeo,
        f"<iq type='set' id='ID' to='{ROOM}'><query xmlns='{_MUC}#owner'><x xmlns='jabber:x:data' "
        "type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig"
        "</value></field><field var='muc#roomconfig_persistentroom'><value>1</value></field>"
        "<field var='muc#roomconfig_whois'><value>anyone</value></field>"
        "<field var='muc#roomconfig_membersonly'><value>0</value></field></x></query></iq>",
    )
    for line in SAID:
        romeo.send(f"<message type='groupchat' to='{ROOM}'><body>{line}</body></message>")
        await romeo.receive(lambda one, line=line: one.findtext("{jabber:client}body") == line)
    juliet = await office.log_in(f"{USER}/setup")
    juliet.send("<presence/>")
    await _ask(
        juliet,
        _published(
            "urn:xmpp:bookmarks:1",
            ROOM,
            f"<conference xmlns='urn:xmpp:bookmarks:1' autojoin='true' name='Coven'>"
            f"<nick>{USER}</nick></conference>",
            options={"pubsub#access_model": "whitelist", "pubsub#max_items": "max"},
        ),
    )
    for sender, receiver in ((juliet, romeo), (romeo, juliet)):
        sender.send(f"<presence type='subscribe' to='{receiver.jid.split('/')[0]}'/>")
        await receiver.receive(lambda one: one.get("type") == "subscribe")
        receiver.send(f"<presence type='subscribed' to='{sender.jid.split('/')[0]}'/>")
    await office.end(juliet)
    return {"avatar": digest}


async def send_a_file(romeo: WireClient, office: RunningOffice) -> str:
    """Upload a picture and tell the program where it is; returns its digest."""
    data = picture(40)
    asked = await _ask(
        romeo,
        f"<iq type='get' id='ID' to='upload.{DOMAIN}'><request xmlns='urn:xmpp:http:upload:0' "
        f"filename='garden.png' size='{len(data)}' content-type='image/png'/></iq>",
    )
    upload = "{urn:xmpp:http:upload:0}"
    put, get = (asked.find(f".//{upload}{name}") for name in ("put", "get"))
    assert put is not None
    assert get is not None
    (office.folder.parent / "garden.png").write_bytes(data)
    process = await asyncio.create_subprocess_exec(
        *("curl", "-sS", "--fail", "-T", str(office.folder.parent / "garden.png")),
        *("-H", "Content-Type: image/png", put.attrib["url"]),
    )
    assert await process.wait() == 0
    url = get.attrib["url"]
    romeo.send(
        f"<message type='chat' to='{USER}@{DOMAIN}' id='file-1'><body>{url}</body>"
        f"<x xmlns='jabber:x:oob'><url>{url}</url></x></message>"
    )
    return hashlib.sha256(data).hexdigest()


def prepare_gajim(home: Path) -> list[str]:
    """Write Gajim's settings with one account; returns its command."""
    config = home / ".config/gajim"
    config.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(config / "settings.sqlite")) as database:
        database.executescript(
            "CREATE TABLE settings (name TEXT UNIQUE, settings TEXT);"
            "CREATE TABLE account_settings (account TEXT UNIQUE, settings TEXT);"
            "PRAGMA user_version=5;"
        )
        workspace = {"w1": {"name": "Home", "color": "", "avatar_sha": "", "chats": []}}
        app = {"use_keyring": False, "check_for_update": False, "workspace_order": ["w1"]}
        for name, value in (
            ("app", app),
            ("soundevents", {}),
            ("status_presets", {}),
            ("proxies", {}),
            ("plugins", {}),
            ("workspaces", workspace),
        ):
            database.execute("INSERT INTO settings VALUES (?, ?)", (name, json.dumps(value)))
        account = {
            "name": USER,
            "hostname": DOMAIN,
            "address": f"{USER}@{DOMAIN}",
            "account_label": "Office",
            "resource": "gajim",
            "password": PASSWORD,
            "savepass": True,
            "active": True,
            "autoconnect": True,
        }
        kinds = {"account": account, "contact": {}, "group_chat": {}}
        database.execute(
            "INSERT INTO account_settings VALUES (?, ?)", ("office", json.dumps(kinds))
        )
        database.commit()
    return ["gajim", "-v", "-l", "gajim=INFO,nbxmpp=INFO"]


def prepare_dino(home: Path) -> list[str]:
    """Let Dino make its database, and put an account into it; returns its command."""
    (home / ".local/share/dino").mkdir(parents=True)
    return ["dino-im"]


def add_dino_account(home: Path) -> None:
    """Write the account into the database that Dino has made."""
    with contextlib.closing(sqlite3.connect(home / ".local/share/dino/dino.db")) as database:
        database.execute(
            "INSERT INTO account (bare_jid, resourcepart, password, alias, enabled) "
            "VALUES (?, 'dino', ?, '', 1)",
            (f"{USER}@{DOMAIN}", PASSWORD),
        )
        database.commit()


@contextlib.contextmanager
def on_a_screen(home: Path, command: list[str], log: Path) -> Iterator[None]:
    """Run a program on a virtual screen with a window manager and a message bus."""
    user = pwd.getpwnam(_RUN_AS)
    for path in (home, *home.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "XDG_RUNTIME_DIR": str(home),
        "GDK_BACKEND": "x11",
        "G_MESSAGES_DEBUG": "all",
    }
    opening = f"(sleep {_OPENING_SECONDS}; {command[0]} xmpp:romeo@{DOMAIN}?message)"
    script = f"openbox & {opening} & exec {' '.join(command)}"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                *("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"),
                *("xvfb-run", "-a", "-s", "-screen 0 1280x800x24", "dbus-run-session", "--"),
                *("sh", "-c", script),
            ],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        process.wait(10)


async def until(is_there: Callable[[], bool], seconds: float = _SECONDS) -> bool:
    """Wait until something is there; False if it does not come."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        if is_there():
            return True
        await asyncio.sleep(_LOOK_SECONDS)
    return False


def has_file(folder: Path, *, sha1: str = "", sha256: str = "") -> bool:
    """Whether a file with a digest lies anywhere below a folder."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_size < 1_000_000:
            data = path.read_bytes()
            if sha1 and hashlib.sha1(data).hexdigest() == sha1:  # noqa: S324 - as above
                return True
            if sha256 and hashlib.sha256(data).hexdigest() == sha256:
                return True
    return False


def has_text(folder: Path, pattern: str, text: str) -> bool:
    """Whether a database below a folder, or its log, has a text."""
    return any(text.encode() in path.read_bytes() for path in folder.rglob(pattern))


@contextlib.asynccontextmanager
async def the_program(name: str, home: Path, log: Path) -> AsyncIterator[None]:
    """Run Gajim or Dino with its account."""
    prepare = {"gajim": prepare_gajim, "dino-im": prepare_dino}[name]
    command = prepare(home)
    if name == "dino-im":
        with on_a_screen(home, command, log):
            await until((home / ".local/share/dino/dino.db").exists, 30)
            await asyncio.sleep(2)
        add_dino_account(home)
    with on_a_screen(home, command, log):
        yield


async def play(name: str, folder: Path) -> dict[str, bool]:
    """Let everything happen; returns what was found."""
    home = folder / "home"
    home.mkdir()
    found: dict[str, bool] = {}
    async with running_office(folder / "office", settings=settings()) as office:
        replace_names(folder, office.folder / "ca.pem")
        romeo = await office.log_in("romeo/orchard")
        romeo.send("<presence/>")
        scene = await set_the_scene(romeo, office)
        romeo.received.clear()
        async with the_program(name, home, folder / "program.log"):
            found["joins the room"] = await _sees(romeo, f"{ROOM}/{USER}")
            digest = await send_a_file(romeo, office)
            found["gets the history"] = await until(lambda: has_text(home, "*.db*", SAID[0]))
            found["gets the avatar"] = await until(lambda: has_file(home, sha1=scene["avatar"]))
            found["gets the file"] = await until(lambda: has_file(home, sha256=digest))
    return found


async def _sees(romeo: WireClient, occupant: str) -> bool:
    with contextlib.suppress(TimeoutError):
        await romeo.receive(
            lambda one: one.get("from") == occupant and one.get("type") is None, seconds=_SECONDS
        )
        return True
    return False


async def _ask(client: WireClient, iq: str) -> Element:
    identity = secrets.token_hex(4)
    client.send(iq.replace("id='ID'", f"id='{identity}'"))
    answer = await client.receive_id(identity)
    if answer.get("type") != "result":
        raise AssertionError(tostring(answer))
    return answer


def _published(node: str, item: str, payload: str, options: dict[str, str] | None = None) -> str:
    """Write what publishes an item at the own account (XEP-0163)."""
    fields = "".join(
        f"<field var='{name}'><value>{value}</value></field>"
        for name, value in {
            "FORM_TYPE": "http://jabber.org/protocol/pubsub#publish-options",
            **(options or {}),
        }.items()
    )
    form = f"<publish-options><x xmlns='jabber:x:data' type='submit'>{fields}</x></publish-options>"
    return (
        "<iq type='set' id='ID'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<publish node='{node}'><item id='{item}'>{payload}</item></publish>"
        f"{form if options else ''}</pubsub></iq>"
    )


def main() -> None:
    """Play, and print what was found."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    sys.stdout.write(json.dumps(asyncio.run(play(name, folder))) + "\n")


if __name__ == "__main__":
    main()
