import logging
from pathlib import Path

import pytest

from embedded_server.administration.account_operations import AccountOperations
from embedded_server.administration.command_arguments import ACCOUNT_WORDS
from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.operations import (
    JsonResult,
    OperationError,
    OperationRegistry,
    operation,
)
from embedded_server.administration.server_operations import ServerOperations
from embedded_server.config import ServerSettings, Settings
from shared_protocol.errors import StanzaCondition

pytestmark = pytest.mark.asyncio

SETTINGS = Settings(server=ServerSettings(domain="capulet.lit"))
PASSWORD = "wherefore art thou"


class Control:
    """A server that counts how often it was told to stop."""

    stops = 0

    def status(self) -> dict[str, object]:
        return {"sessions": 3}

    def request_stop(self) -> None:
        self.stops += 1


def registry_of(office: OpenOffice) -> OperationRegistry:
    accounts = AccountOperations(accounts=office.accounts, domain="capulet.lit")
    return OperationRegistry(accounts, ServerOperations(Control()))


async def test_accounts_are_made_listed_and_deleted(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        registry = registry_of(office)

        made = await registry.call("accounts.create", {"name": "Juliet", "password": PASSWORD})
        listed = await registry.call("accounts.list", {})
        deleted = await registry.call("accounts.delete", {"name": "juliet"})

        assert made == deleted == {"jid": "juliet@capulet.lit"}
        assert listed == {
            "accounts": [{"name": "juliet", "jid": "juliet@capulet.lit", "is_administrator": False}]
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
    assert control.stops == 1


async def test_log_tells_who_was_changed_and_no_password(
    office_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        with caplog.at_level(logging.DEBUG):
            arguments = {"name": "juliet", "password": PASSWORD}
            await registry_of(office).call("accounts.create", arguments)

    assert "accounts.create juliet" in caplog.text
    assert PASSWORD not in caplog.text


async def test_every_operation_says_its_scope_and_what_it_does(office_folder: Path) -> None:
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        operations = {one.name: one for one in registry_of(office)}

    assert {name: one.scope for name, one in operations.items()} == {
        "accounts.create": "accounts:admin",
        "accounts.set-password": "accounts:admin",
        "accounts.delete": "accounts:admin",
        "accounts.list": "accounts:read",
        "server.status": "server:read",
        "server.stop": "server:admin",
    }
    assert all(one.explanation for one in operations.values())
    assert {name for name, one in operations.items() if one.is_audited} == {
        "accounts.create",
        "accounts.set-password",
        "accounts.delete",
        "server.stop",
    }


async def test_command_line_has_a_word_for_every_operation_on_accounts(
    office_folder: Path,
) -> None:
    """Hosting.md 11.1: one registry, several faces, equal sets."""
    async with await OpenOffice.open(office_folder, SETTINGS) as office:
        names = {one.name for one in registry_of(office)}

    assert {f"accounts.{word}" for word in ACCOUNT_WORDS} == {
        name for name in names if name.startswith("accounts.")
    }


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
