import json
from pathlib import Path

import pytest

from communicator.state.account import Account
from communicator.state.preferences import PasswordKeeping, Preferences, ThemeChoice
from communicator.state.presence import Availability, OwnPresence
from communicator.storage.errors import StorageError
from communicator.storage.preferences import PreferencesFile
from tests.helpers.profile_data import ROMEO, at

ALL_SET = Preferences(
    account=Account(
        jid=ROMEO,
        display_name="Romeo Montague",
        host="verona.example",
        port=5223,
        is_direct_tls=True,
        is_office=True,
        are_dates_ignored=True,
        authority_pem="-----BEGIN CERTIFICATE-----",
        office_folder=Path("/verona/office"),
        office_name="Montague and Sons",
    ),
    password_keeping=PasswordKeeping.ENCRYPTED_FILE,
    presence=OwnPresence(Availability.DND, "in the orchard", at(60)),
    theme=ThemeChoice.DARK,
    text_percent=130,
    does_enter_send=False,
    are_notifications_shown=False,
    geometry="AAAA",
    splitter="BBBB",
    are_offline_shown=True,
    office_outlives_window=False,
    is_tray_hint_shown=True,
)


def test_preferences_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "profile" / "preferences.json"

    PreferencesFile(path).save(ALL_SET)

    assert PreferencesFile(path).load() == ALL_SET
    assert path.stat().st_mode & 0o777 == 0o600


def test_first_start_has_start_values(tmp_path: Path) -> None:
    assert PreferencesFile(tmp_path / "preferences.json").load() == Preferences()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"theme": 7, "account": [], "geometry": 3}']
)
def test_damaged_file_never_keeps_the_program_from_starting(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "preferences.json"
    path.write_bytes(content)

    assert PreferencesFile(path).load() == Preferences()


def test_one_damaged_value_does_not_cost_the_others(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    PreferencesFile(path).save(ALL_SET)
    kept = json.loads(path.read_text())
    kept["theme"] = "sepia"
    kept["text_percent"] = 10_000
    kept["presence"]["expires_at"] = "when the owl cries"
    path.write_text(json.dumps(kept))

    preferences = PreferencesFile(path).load()

    assert preferences.theme is ThemeChoice.SYSTEM
    assert preferences.text_percent == 100
    assert preferences.presence == OwnPresence()
    assert preferences.account == ALL_SET.account


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("a file where the folder should be")

    with pytest.raises(StorageError, match="could not be saved"):
        PreferencesFile(tmp_path / "profile" / "preferences.json").save(Preferences())
