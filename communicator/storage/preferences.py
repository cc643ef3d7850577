"""The preferences as a small JSON file, read before the first paint.

What is missing or not understood takes its start value: a damaged file never keeps the program
from starting.
"""

import json
import logging
from dataclasses import replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from communicator.state.account import Account
from communicator.state.preferences import PasswordKeeping, Preferences, ThemeChoice
from communicator.state.presence import Availability, OwnPresence
from communicator.state.sentences import sentence
from communicator.storage.errors import StorageError
from communicator.storage.whole_file import write_whole
from shared_protocol.addresses import BareJid

E = TypeVar("E", bound=Enum)

_log = logging.getLogger(__name__)

_TEXTS = ("geometry", "splitter", "sections")
_SWITCHES = (
    "are_offline_shown",
    "office_outlives_window",
    "is_tray_hint_shown",
    "does_enter_send",
    "are_notifications_shown",
)
_TEXT_PERCENT = range(80, 201)


class PreferencesFile:
    """Reads and writes the preferences of a profile; both take well under a millisecond."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Preferences:
        """Return the kept preferences, or the start values."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Preferences()
        except (OSError, ValueError) as error:
            _log.warning("%s is not read: %s", self._path, error)
            return Preferences()
        return _preferences_of(kept) if isinstance(kept, dict) else Preferences()

    def save(self, preferences: Preferences) -> None:
        """Keep the preferences.

        Raises:
            StorageError: The folder cannot be written.
        """
        kept: dict[str, object] = {
            "account": None if preferences.account is None else _account_json(preferences.account),
            "password_keeping": preferences.password_keeping.value,
            "presence": _presence_json(preferences.presence),
            "theme": preferences.theme.value,
        }
        kept["text_percent"] = preferences.text_percent
        kept |= {name: getattr(preferences, name) for name in (*_TEXTS, *_SWITCHES)}
        try:
            write_whole(self._path, json.dumps(kept, indent=1).encode())
        except OSError as error:
            message = sentence("Sentences", "The settings could not be saved: {0}.").of(error)
            raise StorageError(message) from error


def _preferences_of(kept: dict[str, Any]) -> Preferences:
    preferences = Preferences(
        account=_account_of(kept.get("account")),
        password_keeping=_choice(kept.get("password_keeping"), PasswordKeeping.KEYRING),
        presence=_presence_of(kept.get("presence")),
        theme=_choice(kept.get("theme"), ThemeChoice.SYSTEM),
    )
    known = {name: kept[name] for name in _TEXTS if isinstance(kept.get(name), str)}
    known |= {name: kept[name] for name in _SWITCHES if isinstance(kept.get(name), bool)}
    if kept.get("text_percent") in _TEXT_PERCENT:
        known["text_percent"] = kept["text_percent"]
    return replace(preferences, **known)


def _choice(value: object, otherwise: E) -> E:
    try:
        return type(otherwise)(value)
    except ValueError:
        return otherwise


def _account_json(account: Account) -> dict[str, object]:
    return {
        "jid": str(account.jid),
        "display_name": account.display_name,
        "host": account.host,
        "port": account.port,
        "is_direct_tls": account.is_direct_tls,
        "authority_pem": account.authority_pem,
        "are_dates_ignored": account.are_dates_ignored,
        "is_office": account.is_office,
        "office_folder": None if account.office_folder is None else str(account.office_folder),
        "office_name": account.office_name,
    }


def _account_of(kept: object) -> Account | None:
    if not isinstance(kept, dict):
        return None
    try:
        folder = kept.get("office_folder")
        pem = kept.get("authority_pem")
        return Account(
            jid=BareJid.parse(str(kept["jid"])),
            display_name=str(kept.get("display_name", "")),
            host=str(kept.get("host", "")),
            port=int(kept.get("port", 0)),
            is_direct_tls=bool(kept.get("is_direct_tls", False)),
            authority_pem=None if pem is None else str(pem),
            are_dates_ignored=bool(kept.get("are_dates_ignored", False)),
            is_office=bool(kept.get("is_office", folder is not None)),
            office_folder=None if folder is None else Path(str(folder)),
            office_name=str(kept.get("office_name", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("the kept account is not understood: %s", error)
        return None


def _presence_json(presence: OwnPresence) -> dict[str, object]:
    expires_at = presence.expires_at
    return {
        "availability": presence.availability.value,
        "status": presence.status,
        "expires_at": None if expires_at is None else expires_at.isoformat(),
    }


def _presence_of(kept: object) -> OwnPresence:
    if not isinstance(kept, dict):
        return OwnPresence()
    expires_at = None
    if kept.get("expires_at") is not None:
        try:
            expires_at = datetime.fromisoformat(str(kept["expires_at"]))
        except ValueError:
            return OwnPresence()  # better available than away for ever
        if expires_at.tzinfo is None:
            return OwnPresence()
    availability = _choice(kept.get("availability"), Availability.AVAILABLE)
    return OwnPresence(availability, str(kept.get("status", "")), expires_at)
