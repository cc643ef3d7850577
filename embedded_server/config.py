"""The office's settings: the file ``parlour.toml`` in its data folder, typed and checked.

Each setting is declared once, as a field with its default, bounds and explanation: reading,
checking and the documented file that ``init`` writes come from there.
"""

import difflib
import ipaddress
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from embedded_server.service_sections import (
    ComponentSettings,
    ContactSettings,
    ExternalServiceSettings,
    PushSettings,
)
from embedded_server.setting_sections import (
    HIGHEST,
    HIGHEST_PORT,
    HttpSettings,
    ProxySettings,
    number,
    setting,
)
from shared_protocol.addresses import AddressError, prepare_domainpart
from shared_protocol.limits import (
    BEFORE_LOGIN,
    CLIENT_STREAM,
    ConnectionLimits,
    RateLimits,
    RoomLimits,
    RosterLimits,
    SpoolLimits,
    StreamLimits,
    UploadLimits,
)

SETTINGS_FILE = "parlour.toml"
DATABASE_FILE = "parlour.db"
EVERYBODY, ADMINISTRATORS = "everybody", "administrators"
ROOM_CREATORS = (EVERYBODY, ADMINISTRATORS)
LOG_LEVELS = ("debug", "info", "warning", "error")

_HIGHEST_SIZE = 2**50
_LONGEST_DOMAIN = 240  # "conference." in front of it must fit into the 253 characters of a name
_LONGEST_NAME = 100
_FOR_OTHERS = 0o077
_SQLITE_URL = "sqlite:///"

S = TypeVar("S")


class SettingsError(Exception):
    """The settings are wrong; one sentence that says what and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Section ``[server]``.

    Attributes:
        domain: In its normal form.
        listen: IP addresses; empty for all of this computer.
    """

    domain: str = field(metadata={"explanation": "Domain of the office and of its addresses."})
    office_name: str = setting("Name of the office, as people see it.", default="")
    listen: tuple[str, ...] = setting("IP addresses to listen on; [] for all.", default=())
    port: int = number(
        "Port for clients that begin with STARTTLS; 0 for any free one.", 5222, 0, HIGHEST_PORT
    )
    tls_port: int = number(
        "Port for clients that begin with TLS; 0 for any free one.", 5223, 0, HIGHEST_PORT
    )
    http_port: int = number("Port for HTTPS; 0 for any free one.", 5443, 0, HIGHEST_PORT)
    log_level: str = setting(f"What is logged: {', '.join(LOG_LEVELS)}.", default="info")


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """Section ``[limits]``; 0 lifts a limit, but for the size of a stanza."""

    stanza_bytes: int = number(
        "Longest stanza of a client, in bytes; this limit cannot be lifted.",
        CLIENT_STREAM.stanza_bytes,
        BEFORE_LOGIN.stanza_bytes,
        16_777_216,
    )
    stanzas_per_second: int = number(
        "Stanzas per second of one client; beyond, reading pauses.",
        RateLimits().stanzas_per_second,
        0,
    )
    bytes_per_second: int = number(
        "Bytes per second of one client; beyond, reading pauses.", RateLimits().bytes_per_second, 0
    )
    connections_before_login: int = number(
        "Connections in all that have not logged in.", ConnectionLimits().before_login, 0
    )
    connections_before_login_per_address: int = number(
        "The same from one IP address.", ConnectionLimits().per_address_before_login, 0
    )
    counts_loopback: bool = setting(
        "Whether that counts connections from this computer.", default=True
    )
    offline_messages: int = number(
        "Messages that wait for one account that is away.", SpoolLimits().messages, 0
    )
    offline_bytes: int = number("The same in bytes.", SpoolLimits().size_bytes, 0)
    upload_file_bytes: int = number(
        "Largest file that can be uploaded, in bytes.", UploadLimits().file_bytes, 0, _HIGHEST_SIZE
    )
    upload_day_bytes: int = number(
        "What one account may upload in 24 hours, in bytes.",
        UploadLimits().day_bytes,
        0,
        _HIGHEST_SIZE,
    )
    upload_total_bytes: int = number(
        "What all uploaded files together may take, in bytes.",
        UploadLimits().total_bytes,
        0,
        _HIGHEST_SIZE,
    )
    upload_days: int = number("For how many days they are kept.", UploadLimits().keep_days, 0)
    roster_items: int = number("Contacts of one account.", RosterLimits().items, 0)
    registrations_per_address_per_hour: int = number(
        "Accounts that one IP address may make in an hour, where registration is open.", 5, 0
    )

    def stream(self) -> StreamLimits:
        """Return the limits of a client's stream after login."""
        return replace(CLIENT_STREAM, stanza_bytes=self.stanza_bytes)

    def connections(self) -> ConnectionLimits:
        """Return the limits of connections."""
        return ConnectionLimits(
            before_login=self.connections_before_login,
            per_address_before_login=self.connections_before_login_per_address,
        )

    def rates(self) -> RateLimits:
        """Return the limits of a client's rate."""
        return RateLimits(
            bytes_per_second=self.bytes_per_second, stanzas_per_second=self.stanzas_per_second
        )

    def rosters(self) -> RosterLimits:
        """Return the limits of a roster."""
        return RosterLimits(items=self.roster_items)

    def uploads(self) -> UploadLimits:
        """Return the limits of uploaded files."""
        return UploadLimits(
            file_bytes=self.upload_file_bytes,
            day_bytes=self.upload_day_bytes,
            total_bytes=self.upload_total_bytes,
            keep_days=self.upload_days,
        )

    def spool(self) -> SpoolLimits:
        """Return the limits of what waits for an account."""
        return SpoolLimits(messages=self.offline_messages, size_bytes=self.offline_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationSettings:
    """Section ``[registration]``."""

    open: bool = setting(
        "Whether strangers may make themselves accounts (XEP-0077).", default=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsSettings:
    """Section ``[rooms]``; 0 lifts a limit."""

    creation: str = setting(f"Who may make rooms: {' or '.join(ROOM_CREATORS)}.", default=EVERYBODY)
    rooms: int = number("Rooms in all.", RoomLimits().rooms, 0)
    rooms_of_one_owner: int = number(
        "Rooms that one account may have.", RoomLimits().rooms_of_one_owner, 0
    )
    occupants: int = number("People in one room.", RoomLimits().occupants, 0)
    history_messages: int = number(
        "Earlier messages for somebody who enters.", RoomLimits().history_messages, 0
    )
    events_per_second: int = number(
        "Messages and changes per second of somebody who is no member of the room.",
        int(RoomLimits().events_per_second),
        0,
    )

    def limits(self) -> RoomLimits:
        """Return the limits of rooms."""
        return RoomLimits(
            rooms=self.rooms,
            rooms_of_one_owner=self.rooms_of_one_owner,
            occupants=self.occupants,
            history_messages=self.history_messages,
            events_per_second=self.events_per_second,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """Section ``[storage]``."""

    url: str = setting(
        f'Where the database lies, as "{_SQLITE_URL}FILE"; "" for {DATABASE_FILE} in this folder.',
        default="",
    )

    def database_path(self, folder: Path) -> Path:
        """Return the database's file; a relative one lies in the data folder."""
        return folder / (self.url.removeprefix(_SQLITE_URL) or DATABASE_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of an office, one attribute for each section."""

    server: ServerSettings
    limits: LimitSettings = LimitSettings()
    registration: RegistrationSettings = RegistrationSettings()
    storage: StorageSettings = StorageSettings()
    rooms: RoomsSettings = RoomsSettings()
    http: HttpSettings = field(default_factory=HttpSettings)
    proxy: ProxySettings = field(default_factory=ProxySettings)
    contact: ContactSettings = field(default_factory=ContactSettings)
    components: ComponentSettings = field(default_factory=ComponentSettings)
    external_services: ExternalServiceSettings = field(default_factory=ExternalServiceSettings)
    push: PushSettings = field(default_factory=PushSettings)


_SECTIONS: Mapping[str, type[Any]] = {
    "server": ServerSettings,
    "limits": LimitSettings,
    "registration": RegistrationSettings,
    "storage": StorageSettings,
    "rooms": RoomsSettings,
    "http": HttpSettings,
    "proxy": ProxySettings,
    "contact": ContactSettings,
    "components": ComponentSettings,
    "external_services": ExternalServiceSettings,
    "push": PushSettings,
}


def load_settings(folder: Path) -> Settings:
    """Read and check the settings of an office.

    Raises:
        SettingsError: The file cannot be read, or something in it is wrong.
    """
    path = folder / SETTINGS_FILE
    try:
        settings = settings_from_text(path.read_text(encoding="utf-8"))
        _require_privacy(path, settings)
    except OSError as error:
        message = f"The settings {path} cannot be read: {error.strerror}."
        raise SettingsError(message) from error
    except UnicodeDecodeError as error:
        message = f"The settings {path} are not UTF-8: save them as UTF-8."
        raise SettingsError(message) from error
    except SettingsError as error:
        message = f"{path}: {error}"
        raise SettingsError(message) from error
    return settings


def _require_privacy(path: Path, settings: Settings) -> None:
    """Secrets are for the owner of the file only; Windows keeps its own lists of who may read."""
    is_open = os.name == "posix" and path.stat().st_mode & _FOR_OTHERS
    has_secrets = settings.components.secrets or settings.external_services.secret
    if has_secrets and is_open:
        message = f"it holds secrets, and others may read it: chmod 600 {path}."
        raise SettingsError(message)


def settings_from_text(text: str) -> Settings:
    """Read and check settings.

    Raises:
        SettingsError: Something in them is wrong.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"This is no TOML: {error}."
        raise SettingsError(message) from error
    for name, value in document.items():
        _require_known(name, _SECTIONS, "section")
        if not isinstance(value, dict):
            message = f"{name} must be a section: write [{name}] above its settings."
            raise SettingsError(message)
    sections = {
        name: _section(name, kind, document.get(name, {})) for name, kind in _SECTIONS.items()
    }
    settings = Settings(**sections)
    return checked_settings(settings)


def checked_settings(settings: Settings) -> Settings:
    """Return settings whose values are known to be right, the domain in its normal form.

    Raises:
        SettingsError: One is wrong.
    """
    server = settings.server
    domain = checked_domain(server.domain)
    for one in fields(server):
        if "lowest" in one.metadata:
            _require_number(f"server.{one.name}", getattr(server, one.name), one.metadata)
    for address in server.listen:
        _require_ip_address(address)
    if server.log_level not in LOG_LEVELS:
        message = (
            f"server.log_level is {server.log_level!r}, expected one of {', '.join(LOG_LEVELS)}."
        )
        raise SettingsError(message)
    if len(server.office_name) > _LONGEST_NAME or not server.office_name.isprintable():
        message = f"server.office_name must be one line of at most {_LONGEST_NAME} characters."
        raise SettingsError(message)
    if settings.rooms.creation not in ROOM_CREATORS:
        expected = " or ".join(map(repr, ROOM_CREATORS))
        message = f"rooms.creation is {settings.rooms.creation!r}, expected {expected}."
        raise SettingsError(message)
    url = settings.storage.url
    if url and (not url.startswith(_SQLITE_URL) or url == _SQLITE_URL):
        message = f'storage.url must begin with "{_SQLITE_URL}" and name a file: no other kind yet.'
        raise SettingsError(message)
    problems = (
        settings.http.problem(),
        settings.proxy.problem(),
        settings.contact.problem(),
        settings.components.problem(),
        settings.external_services.problem(),
    )
    for problem in problems:
        if problem:
            raise SettingsError(problem)
    return replace(settings, server=replace(server, domain=domain))


def checked_domain(text: str) -> str:
    """Return a domain in its normal form.

    Raises:
        SettingsError: It is none, an IP address, below ``.local``, or too long.
    """
    if _is_ip_address(text.strip("[]")):
        message = f"{text} is an IP address: take a name, such as office.internal."
        raise SettingsError(message)
    try:
        domain = prepare_domainpart(text)
    except AddressError as error:
        message = f"{text!r} is no domain: take a name such as office.internal."
        raise SettingsError(message) from error
    if domain == "local" or domain.endswith(".local"):
        message = f"{domain}: names below .local belong to mDNS; take {_internal(domain)} instead."
        raise SettingsError(message)
    if len(domain.encode()) > _LONGEST_DOMAIN:
        message = f"The domain is longer than {_LONGEST_DOMAIN} bytes: take a shorter one."
        raise SettingsError(message)
    return domain


def settings_file_text(settings: Settings) -> str:
    """Return the documented file with these settings; what has its default is a comment."""
    lines = ["# Settings of this Parlour office. Restart the server after a change.", ""]
    for name, kind in _SECTIONS.items():
        section = getattr(settings, name)
        lines.append(f"[{name}]")
        for one in fields(kind):
            value = getattr(section, one.name)
            mark = "# " if value == one.default else ""
            lines += [f"# {_explained(one.metadata)}", f"{mark}{one.name} = {_toml(value)}", ""]
    return "\n".join(lines)


def _explained(metadata: Mapping[str, Any]) -> str:
    explanation = str(metadata["explanation"])
    if "lowest" not in metadata:
        return explanation
    lowest, highest = metadata["lowest"], metadata["highest"]
    if highest >= HIGHEST:
        return explanation if lowest else f"{explanation} 0 lifts the limit."
    return f"{explanation} From {lowest} to {highest}."


def _toml(value: Any) -> str:
    """Write a value; JSON's texts, numbers and lists are TOML's as well."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _section(name: str, kind: type[S], values: Mapping[str, Any]) -> S:
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]  # all are dataclasses
    for key, value in values.items():
        _require_known(key, known, f"setting of [{name}]")
        _require_type(f"{name}.{key}", value, known[key].type, known[key].metadata)
    if kind is ServerSettings and "domain" not in values:
        message = 'The domain is missing: write domain = "..." below [server].'
        raise SettingsError(message)
    given = {key: tuple(one) if isinstance(one, list) else one for key, one in values.items()}
    return kind(**given)


def _require_known(name: str, known: Mapping[str, object], what: str) -> None:
    if name in known:
        return
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    advice = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(known)}."
    message = f"{name!r} is no {what}: {advice}"
    raise SettingsError(message)


def _require_type(name: str, value: Any, kind: Any, bounds: Mapping[str, Any]) -> None:
    if kind is bool and not isinstance(value, bool):
        message = f"{name} must be true or false."
        raise SettingsError(message)
    if kind is str and not isinstance(value, str):
        message = f"{name} must be a text in quotes."
        raise SettingsError(message)
    if kind is int:
        _require_number(name, value, bounds)
    if kind == tuple[str, ...] and not (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    ):
        message = f'{name} must be a list of texts, such as ["192.168.1.20"].'
        raise SettingsError(message)


def _require_number(name: str, value: Any, bounds: Mapping[str, Any]) -> None:
    lowest, highest = bounds["lowest"], bounds["highest"]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not lowest <= value <= highest:
        message = f"{name} is {value!r}, expected a whole number from {lowest} to {highest}."
        raise SettingsError(message)


def _require_ip_address(text: str) -> None:
    if not _is_ip_address(text):
        message = f"{text!r} is no IP address to listen on: take one such as 192.168.1.20."
        raise SettingsError(message)


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _internal(domain: str) -> str:
    name = domain.removesuffix("local").removesuffix(".") or "office"
    return f"{name}.internal"
