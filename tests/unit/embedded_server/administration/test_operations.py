import logging
from pathlib import Path

import pytest

from embedded_server.administration.ad_hoc.service_commands import office_commands
from embedded_server.administration.command_arguments import OPERATIONS
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.operation_sets.office_operations import office_operations
from embedded_server.administration.operation_sets.server_operations import ServerOperations
from embedded_server.administration.operations import (
    JsonResult,
    OperationError,
    OperationRegistry,
    operation,
)
from embedded_server.config import ServerSettings, Settings
from embedded_server.modules.service.notices import NoticesModule
from embedded_server.sessions.directory import SessionDirectory
from embedded_server.sessions.session import Session
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StanzaCondition
from shared_protocol.stanzas.roster import RosterItem
from tests.helpers.module_stage import RecordingStream

pytestmark = pytest.mark.asyncio

SETTINGS = Settings(server=ServerSettings(domain="capulet.lit"))
PASSWORD = "wherefore art thou"


class Control:
    """A server that remembers how it was told to stop."""

    def __init__(self) -> None:
        self.stops: list[tuple[bool, int]] = []

    def status(self) -> dict[str, object]:
        return {"sessions": 3}

    def request_stop(self, *, is_restart: bool = False, delay_seconds: int = 0) -> None:
        self.stops.append((is_restart, delay_seconds))


def registry_of(office: OpenOffice, sessions: SessionDirectory | None = None) -> OperationRegistry:
    return office_operations(
        office, notices=NoticesModule(office.notices), sessions=sessions, control=Control()
    )


async def test_accounts_are_made_listed_and_deleted(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        registry = registry_of(office)

        made = await registry.call("accounts.create", {"name": "Juliet", "password": PASSWORD})
        listed = await registry.call("accounts.list", {})
        deleted = await registry.call("accounts.delete", {"name": "juliet"})

        assert made == deleted == {"jid": "juliet@capulet.lit"}
        assert listed == {
            "accounts": [
                {
                    "name": "juliet",
                    "jid": "juliet@capulet.lit",
                    "is_administrator": False,
                    "is_disabled": False,
                }
            ]
        }
        assert await registry.call("accounts.list", {}) == {"accounts": []}


async def test_password_that_is_not_given_is_made_and_told_once(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        registry = registry_of(office)

        first = (await registry.call("accounts.create", {"name": "juliet"}))["password"]
        second = (await registry.call("accounts.set-password", {"name": "juliet"}))["password"]

        assert first != second
        assert await office.accounts.check_password("juliet", second)


@pytest.mark.parametrize(
    ("name", "arguments", "condition", "text"),
    [
        ("accounts.crate", {}, StanzaCondition.FEATURE_NOT_IMPLEMENTED, "no operation"),
        ("accounts.create", {}, StanzaCondition.BAD_REQUEST, "needs name"),
        ("accounts.create", {"name": 1}, StanzaCondition.BAD_REQUEST, "name of .* must be a str"),
        ("accounts.list", {"x": 1}, StanzaCondition.BAD_REQUEST, "has no argument 'x'"),
        (
            "accounts.create",
            {"name": "romeo", "is_administrator": 1},
            StanzaCondition.BAD_REQUEST,
            "must be a bool",
        ),
        ("accounts.create", {"name": "a b"}, StanzaCondition.NOT_ACCEPTABLE, "'a b'"),
        (
            "accounts.create",
            {"name": "romeo", "password": ""},
            StanzaCondition.NOT_ACCEPTABLE,
            "is empty",
        ),
        ("accounts.delete", {"name": "tybalt"}, StanzaCondition.ITEM_NOT_FOUND, "'tybalt'"),
        ("accounts.create", {"name": "juliet"}, StanzaCondition.CONFLICT, "already"),
    ],
)
async def test_what_cannot_be_done_is_told_with_a_condition(
    office_folder: Path,
    name: str,
    arguments: dict[str, object],
    condition: StanzaCondition,
    text: str,
) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        await office.accounts.create("juliet", PASSWORD)

        with pytest.raises(OperationError, match=text) as refused:
            await registry_of(office).call(name, arguments)

    assert refused.value.condition is condition


async def test_server_tells_its_status_and_is_told_to_stop() -> None:
    control = Control()
    registry = OperationRegistry(ServerOperations(control))

    assert await registry.call("server.status", {}) == {"sessions": 3}
    assert await registry.call("server.stop", {}) == {}
    assert await registry.call("server.restart", {"delay_seconds": 30}) == {}
    assert control.stops == [(False, 0), (True, 30)]


async def test_log_tells_who_was_changed_and_no_password(
    office_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        with caplog.at_level(logging.DEBUG):
            arguments = {"name": "juliet", "password": PASSWORD}
            await registry_of(office).call("accounts.create", arguments)

    assert "accounts.create juliet by the owner" in caplog.text
    assert PASSWORD not in caplog.text


async def test_every_operation_says_its_scope_and_what_it_does(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        operations = {one.name: one for one in registry_of(office)}

    reading = {name for name, one in operations.items() if one.scope.endswith(":read")}
    assert reading == {
        *("accounts.list", "accounts.show", "sessions.list", "motd.show", "server.status")
    }
    assert all(one.explanation for one in operations.values())
    assert {name for name, one in operations.items() if one.is_audited} == (
        operations.keys() - reading
    )


async def test_every_face_has_all_operations(office_folder: Path) -> None:
    """One registry, several faces, equal sets: control line, command line, ad-hoc commands."""
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        registry = registry_of(office)
        names = {one.name for one in registry}
        commands = office_commands(registry, "capulet.lit")

    assert names == OPERATIONS
    assert {name for command in commands for name in command.operations} == names


async def test_disabled_account_is_told_apart_and_comes_back(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        registry = registry_of(office)
        await registry.call("accounts.create", {"name": "juliet", "password": PASSWORD})
        await registry.call("accounts.disable", {"name": "juliet"})

    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        registry = registry_of(office)
        (listed,) = (await registry.call("accounts.list", {}))["accounts"]
        is_disabled = office.accounts.is_disabled("juliet")
        await registry.call("accounts.enable", {"name": "juliet"})

        assert listed["is_disabled"] is is_disabled is True
        assert not office.accounts.is_disabled("juliet")
        assert await office.accounts.check_password("juliet", PASSWORD)


async def test_rights_of_an_account_are_given_and_taken(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        registry = registry_of(office)
        await registry.call("accounts.create", {"name": "juliet", "password": PASSWORD})

        for is_administrator in (True, False):
            await registry.call(
                "accounts.set-administrator",
                {"name": "juliet", "is_administrator": is_administrator},
            )
            assert office.accounts.is_administrator("juliet") is is_administrator


async def test_account_is_shown_with_all_that_is_known(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        sessions = SessionDirectory()
        registry = registry_of(office, sessions)
        await registry.call("accounts.create", {"name": "juliet", "password": PASSWORD})
        nurse = RosterItem(BareJid("nurse", "capulet.lit"))
        office.activities.note("juliet", 1_000_000_000.0, 1_000_000_600.0, "gone")
        await office.rosters.put("juliet", nurse, 1)
        away = await registry.call("accounts.show", {"name": "juliet"})
        jid = FullJid.parse("juliet@capulet.lit/balcony")
        sessions.add(Session(full_jid=jid, stream=RecordingStream()))
        there = await registry.call("accounts.show", {"name": "juliet"})

    assert away["last_login"] == "2001-09-09T01:46:40Z"
    assert away["last_seen"] == "2001-09-09T01:56:40Z"
    assert (away["resources"], there["resources"]) == ([], ["balcony"])
    assert (away["contacts"], away["waiting_messages"]) == (1, 0)
    assert there["last_login"] > "2026"


async def test_sessions_are_listed_and_ended(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        sessions = SessionDirectory()
        registry = registry_of(office, sessions)
        streams = {}
        for name in ("juliet@capulet.lit/balcony", "juliet@capulet.lit/chamber"):
            streams[name] = RecordingStream()
            session = Session(full_jid=FullJid.parse(name), stream=streams[name])
            session.presence = b"<presence><show>away</show></presence>"
            sessions.add(session)

        listed = (await registry.call("sessions.list", {}))["sessions"]
        one = await registry.call("sessions.end", {"name": "juliet@capulet.lit/chamber"})

        assert [(each["jid"], each["is_away"]) for each in listed] == [
            (name, True) for name in streams
        ]
        assert one == {"ended": 1}
        assert [stream.error is None for stream in streams.values()] == [True, False]
        assert await registry.call("sessions.end", {"name": "juliet"}) == {"ended": 2}
        for name in ("tybalt", "juliet@montague.lit", "a b"):
            with pytest.raises(OperationError):
                await registry.call("sessions.end", {"name": name})


@pytest.mark.parametrize(
    ("name", "arguments", "condition"),
    [
        ("motd.set", {"text": " "}, StanzaCondition.NOT_ACCEPTABLE),
        ("motd.set", {"text": "x" * 65_537}, StanzaCondition.NOT_ACCEPTABLE),
        ("motd.edit", {"text": "x"}, StanzaCondition.ITEM_NOT_FOUND),
        ("motd.delete", {}, StanzaCondition.ITEM_NOT_FOUND),
        ("server.announce", {"text": ""}, StanzaCondition.NOT_ACCEPTABLE),
        ("server.stop", {"delay_seconds": -1}, StanzaCondition.NOT_ACCEPTABLE),
        ("server.restart", {"delay_seconds": 3_601}, StanzaCondition.NOT_ACCEPTABLE),
        ("accounts.show", {"name": "tybalt"}, StanzaCondition.ITEM_NOT_FOUND),
        ("accounts.disable", {"name": "tybalt"}, StanzaCondition.ITEM_NOT_FOUND),
    ],
)
async def test_what_makes_no_sense_is_refused(
    office_folder: Path, name: str, arguments: dict[str, object], condition: StanzaCondition
) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        with pytest.raises(OperationError) as refused:
            await registry_of(office).call(name, arguments)

    assert refused.value.condition is condition


async def test_message_of_the_day_is_kept(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        await registry_of(office).call("motd.set", {"text": "Feast at six"})

    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        notices = NoticesModule(office.notices)
        await notices.load()

        assert notices.message_of_the_day == "Feast at six"


async def test_name_of_an_operation_is_given_once() -> None:
    class Twice:
        @operation("one", scope="x")
        async def first(self) -> JsonResult:
            return {}

        @operation("one", scope="x")
        async def second(self) -> JsonResult:
            return {}

    with pytest.raises(ValueError, match="two operations are called one"):
        OperationRegistry(Twice())
