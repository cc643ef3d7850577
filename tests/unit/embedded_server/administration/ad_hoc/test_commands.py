"""Administration by ad-hoc commands over real connections (XEP-0050, XEP-0133)."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from embedded_server.administration.ad_hoc.account_commands import OWN_PASSWORD
from embedded_server.administration.ad_hoc.service_commands import STATUS
from shared_protocol.namespaces import ADMINISTRATION, COMMANDS, DATA_FORMS
from shared_protocol.stanzas.entity.commands import CommandAction, CommandStatus, NoteKind
from tests.helpers.office import PASSWORD, RunningOffice, running_office
from tests.helpers.wire_client import LoginRefusedError, StreamEndedError
from tests.unit.embedded_server.administration.ad_hoc.commander import (
    Commander,
    condition_of,
    form,
    payload_of,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.network]
NODES = {
    *("add-user", "delete-user", "disable-user", "reenable-user", "end-user-session"),
    *("change-user-password", "get-user-lastlogin", "user-stats", "edit-admin"),
    *("get-registered-users-list", "get-disabled-users-list", "get-online-users-list"),
    *("get-active-users", "get-idle-users", "get-registered-users-num"),
    *("get-disabled-users-num", "get-online-users-num", "get-active-users-num"),
    *("get-idle-users-num", "announce", "set-motd", "edit-motd", "delete-motd"),
    *("restart", "shutdown"),
}
ITEMS = f"<query xmlns='http://jabber.org/protocol/disco#items' node='{COMMANDS}'/>"
INFO = "<query xmlns='http://jabber.org/protocol/disco#info' node='{}'/>"
NEW = "a plague on both"


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[RunningOffice]:
    """Romeo is an administrator."""
    async with running_office(tmp_path / "office") as running:
        await running.office.accounts.set_administrator("romeo", is_administrator=True)
        yield running


@pytest_asyncio.fixture
async def romeo(office: RunningOffice) -> Commander:
    return Commander(await office.log_in("romeo/orchard"), office.domain)


@pytest_asyncio.fixture
async def juliet(office: RunningOffice) -> Commander:
    return Commander(await office.log_in("juliet/balcony"), office.domain)


async def nodes_for(commander: Commander) -> set[str]:
    return {item.get("node", "") for item in (await commander.ask(ITEMS))[0]}


async def test_commands_are_listed_to_administrators_only(
    romeo: Commander, juliet: Commander
) -> None:
    """XEP-0133, section 3: the literal nodes; XEP-0050, section 2.2: not the same for all."""
    expected = {f"{ADMINISTRATION}#{node}" for node in NODES}

    assert await nodes_for(romeo) == expected | {OWN_PASSWORD, STATUS}
    assert await nodes_for(juliet) == {OWN_PASSWORD}


async def test_command_is_described_to_who_may_run_it(romeo: Commander, juliet: Commander) -> None:
    """XEP-0050, section 2.2: automation/command-node, else 403 forbidden."""
    info = INFO.format(f"{ADMINISTRATION}#add-user")

    described = (await romeo.ask(info))[0]
    refused = await juliet.ask(info)
    listed = (await juliet.ask(INFO.format(COMMANDS)))[0]

    assert [child.attrib for child in described] == [
        {"category": "automation", "type": "command-node", "name": "Add a user"},
        {"var": COMMANDS},
        {"var": DATA_FORMS},
    ]
    assert condition_of(refused) == "forbidden"
    assert listed[0].attrib == {"category": "automation", "type": "command-list"}


@pytest.mark.parametrize("node", sorted(NODES))
async def test_others_may_run_nothing(juliet: Commander, node: str) -> None:
    """XEP-0133, section 5: forbidden."""
    assert condition_of(await juliet.send(node)) == "forbidden"


async def test_administrator_who_is_one_no_more_may_not_go_on(
    office: RunningOffice, romeo: Commander
) -> None:
    begun = await romeo.begin("delete-user")
    await office.office.accounts.set_administrator("romeo", is_administrator=False)

    answer = await romeo.submit(begun, {"accountjids": "juliet@montague.lit"})

    assert condition_of(answer) == "forbidden"
    assert office.office.accounts.exists("juliet")


async def test_command_asks_and_then_does(
    office: RunningOffice, romeo: Commander, caplog: pytest.LogCaptureFixture
) -> None:
    """XEP-0133, section 4.1."""
    begun = await romeo.begin("add-user")
    assert begun.form is not None
    assert begun.form.form_type == ADMINISTRATION
    fields = {field.var: field.is_required for field in begun.form.fields}
    assert fields == {"accountjid": True, "password": True, "password-verify": True}
    assert (begun.status, begun.actions) == (CommandStatus.EXECUTING, (CommandAction.COMPLETE,))

    with caplog.at_level(logging.INFO):
        answers = {"accountjid": "Paris@montague.lit", "password": NEW, "password-verify": NEW}
        done = payload_of(await romeo.submit(begun, answers))

    assert done.status is CommandStatus.COMPLETED
    assert done.session_id == begun.session_id
    assert "accounts.create paris by romeo@montague.lit/orchard" in caplog.text
    assert NEW not in caplog.text
    await office.log_in("paris/square", password=NEW)


@pytest.mark.parametrize(
    ("answers", "condition"),
    [
        ({"accountjid": "juliet@montague.lit"}, "conflict"),
        ({"accountjid": "paris@montague.lit", "password-verify": "other words"}, "not-acceptable"),
        ({"accountjid": "paris@montague.lit", "password": "x"}, "not-acceptable"),
        ({"accountjid": "paris@verona.lit"}, "not-allowed"),
        ({"accountjid": "montague.lit"}, "not-allowed"),
        ({"accountjid": "paris@montague.lit/square"}, "not-acceptable"),
        ({"accountjid": "@montague.lit"}, "bad-request bad-payload"),
        ({"accountjid": ""}, "bad-request bad-payload"),
        ({"accountjid": ["a@montague.lit", "b@montague.lit"]}, "bad-request bad-payload"),
    ],
)
async def test_failure_is_an_error_and_never_a_silent_completed(
    office: RunningOffice, romeo: Commander, answers: dict[str, str], condition: str
) -> None:
    """XEP-0133, section 5."""
    given = {"password": NEW, "password-verify": answers.get("password", NEW)} | answers

    assert await romeo.fail("add-user", given) == condition
    assert not office.office.accounts.exists("paris")


async def test_form_that_was_wrong_can_be_sent_again(romeo: Commander) -> None:
    """XEP-0050, section 5.4: bad-payload; the execution goes on."""
    begun = await romeo.begin("user-stats")

    wrong = await romeo.submit(begun, {})
    right = await romeo.submit(begun, {"accountjid": "juliet@montague.lit"})

    assert condition_of(wrong) == "bad-request bad-payload"
    assert payload_of(right).status is CommandStatus.COMPLETED


async def test_deleted_account_is_gone_with_its_sessions(
    office: RunningOffice, romeo: Commander, juliet: Commander
) -> None:
    """XEP-0133, section 4.2."""
    await romeo.run("delete-user", {"accountjids": "juliet@montague.lit"})

    assert await juliet.client.wait_for_end() == "not-authorized"
    assert not office.office.accounts.exists("juliet")


async def test_disabled_account_may_not_log_in_until_it_is_enabled(
    office: RunningOffice, romeo: Commander, juliet: Commander
) -> None:
    """XEP-0133, sections 4.3 and 4.4; RFC 6120, section 6.5.1."""
    accounts = {"accountjids": "juliet@montague.lit"}
    await romeo.run("disable-user", accounts)

    assert await juliet.client.wait_for_end() == "not-authorized"
    with pytest.raises(LoginRefusedError, match="account-disabled"):
        await office.log_in("juliet/balcony")
    with pytest.raises(LoginRefusedError, match="not-authorized"):  # only who knows the password
        await office.log_in("juliet/balcony", password="guessed it")
    disabled = await romeo.begin("get-disabled-users-list")
    assert disabled.form is not None
    assert disabled.form.values("disableduserjids") == ("juliet@montague.lit",)

    await romeo.run("reenable-user", accounts)
    await office.log_in("juliet/balcony")


async def test_account_disabled_during_its_login_gets_no_session(office: RunningOffice) -> None:
    client = await office.connect(is_direct=True)
    await client.open_stream()
    await client.authenticate("juliet", PASSWORD)

    await office.office.accounts.set_disabled("juliet", is_disabled=True)

    with pytest.raises(StreamEndedError, match="not-authorized"):
        await client.bind("balcony")


async def test_several_accounts_at_once_tell_what_failed(
    office: RunningOffice, romeo: Commander
) -> None:
    """An error note names it; what could be done is done."""
    both = {"accountjids": ["tybalt@montague.lit", "juliet@montague.lit"]}

    done = await romeo.run("delete-user", both)

    assert [(note.kind, "tybalt" in note.text) for note in done.notes] == [(NoteKind.ERROR, True)]
    assert not office.office.accounts.exists("juliet")


@pytest.mark.parametrize("node", ["delete-user", "disable-user"])
async def test_last_administrator_stays(office: RunningOffice, romeo: Commander, node: str) -> None:
    everybody = {"accountjids": ["romeo@montague.lit", "juliet@montague.lit"]}

    assert await romeo.fail(node, everybody) == "conflict"
    assert office.office.accounts.exists("juliet")


async def test_one_session_or_all_of_an_account_are_ended(
    office: RunningOffice, romeo: Commander, juliet: Commander
) -> None:
    """XEP-0133, section 4.5: a full address ends that one."""
    chamber = await office.log_in("juliet/chamber")

    await romeo.run("end-user-session", {"accountjids": "juliet@montague.lit/chamber"})
    assert await chamber.wait_for_end() == "policy-violation"
    await romeo.run("end-user-session", {"accountjids": "juliet@montague.lit"})

    assert await juliet.client.wait_for_end() == "policy-violation"
    assert await romeo.fail("end-user-session", {"accountjids": "juliet@montague.lit"}) == (
        "item-not-found"
    )


async def test_password_is_changed_by_administrator_and_by_oneself(
    office: RunningOffice, romeo: Commander, juliet: Commander
) -> None:
    """XEP-0133, section 4.7; the own one by everybody."""
    await romeo.run("change-user-password", {"accountjid": "nurse@montague.lit", "password": NEW})
    await juliet.run(OWN_PASSWORD, {"password": NEW, "password-verify": NEW})

    for name in ("nurse/kitchen", "juliet/chamber"):
        await office.log_in(name, password=NEW)
    differing = {"password": NEW, "password-verify": "other words"}
    assert await juliet.fail(OWN_PASSWORD, differing) == "not-acceptable"


async def test_statistics_and_last_login_are_told(romeo: Commander, juliet: Commander) -> None:
    """XEP-0133, sections 4.9 and 4.10."""
    statistics = (await romeo.run("user-stats", {"accountjid": "juliet@montague.lit"})).form
    both = {"accountjids": ["juliet@montague.lit", "nurse@montague.lit"]}
    logins = (await romeo.run("get-user-lastlogin", both)).form

    assert statistics is not None
    assert statistics.values("onlineresources") == ("balcony",)
    assert statistics.value("rostersize") == "0"
    assert logins is not None
    came, never = logins.values("lastlogin")
    assert came.endswith("Z")
    assert never == ""
    assert juliet.client.jid == "juliet@montague.lit/balcony"


async def test_people_are_counted_and_listed(romeo: Commander, juliet: Commander) -> None:
    """XEP-0133, sections 4.13 to 4.22."""
    romeo.client.send("<presence/>")
    juliet.client.send("<presence><show>xa</show></presence>")
    await juliet.begin(OWN_PASSWORD)  # so that her presence is known
    expected = {
        "registered": ["juliet", "nurse", "romeo"],
        "online": ["juliet", "romeo"],
        "active": ["romeo"],
        "idle": ["juliet"],
    }
    nodes = {"active": "get-active-users", "idle": "get-idle-users"}

    for kind, names in expected.items():
        listed = (await romeo.begin(nodes.get(kind, f"get-{kind}-users-list"))).form
        counted = (await romeo.begin(f"get-{kind}-users-num")).form

        assert listed is not None
        assert counted is not None
        assert listed.fields[0].values == tuple(f"{name}@montague.lit" for name in names)
        assert counted.value(f"{kind}usersnum") == str(len(names))


async def test_long_list_is_shown_as_far_as_it_is_wanted(
    office: RunningOffice, romeo: Commander
) -> None:
    """XEP-0133, section 4.18: max_items."""
    repository = office.office.accounts._repository
    for number in range(220):
        await repository.create(f"page{number}", {})
    await office.office.accounts.load()

    begun = await romeo.begin("get-registered-users-list")
    some = payload_of(await romeo.submit(begun, {"max_items": "25"}))
    everybody = await romeo.run("get-registered-users-list", {"max_items": "none"})

    assert begun.status is CommandStatus.EXECUTING
    assert some.form is not None
    assert len(some.form.values("registereduserjids")) == 25
    assert some.notes[0].text == "25 of 223 are shown."
    assert everybody.form is not None
    assert len(everybody.form.values("registereduserjids")) == 223
    assert await romeo.fail("get-registered-users-list", {"max_items": "7"}) == (
        "bad-request bad-payload"
    )


async def test_announcement_reaches_who_is_on_line(
    office: RunningOffice, romeo: Commander, juliet: Commander
) -> None:
    """XEP-0133, section 4.23."""
    juliet.client.send("<presence/>")
    await juliet.begin(OWN_PASSWORD)
    lines = {"subject": "Feast", "announcement": ["At six", "in the hall & <court>"]}

    done = await romeo.run("announce", lines)

    message = await juliet.client.receive(lambda one: one.tag.endswith("}message"))
    assert message.get("from") == office.domain
    assert message.findtext("{jabber:client}subject") == "Feast"
    assert message.findtext("{jabber:client}body") == "At six\nin the hall & <court>"
    assert done.notes[0].text == "It has reached 1 resources."


async def test_list_of_administrators_is_what_is_sent(
    office: RunningOffice, romeo: Commander
) -> None:
    """XEP-0133, section 4.28: the whole list; somebody has to be on it."""
    begun = await romeo.begin("edit-admin")
    assert begun.form is not None
    assert begun.form.values("adminjids") == ("romeo@montague.lit",)

    unknown = await romeo.fail(
        "edit-admin", {"adminjids": ["romeo@montague.lit", "x@montague.lit"]}
    )
    foreign = await romeo.fail("edit-admin", {"adminjids": ["romeo@verona.lit"]})
    await romeo.run("edit-admin", {"adminjids": ["juliet@montague.lit"]})

    assert (unknown, foreign) == ("item-not-found", "not-allowed")
    assert office.office.accounts.is_administrator("juliet")
    assert not office.office.accounts.is_administrator("romeo")


async def test_service_is_shut_down_after_its_announcement(
    office: RunningOffice, romeo: Commander
) -> None:
    """XEP-0133, section 4.32; other delays than the offered ones are refused."""
    begun = await romeo.begin("shutdown")
    refused = await romeo.submit(begun, {"delay": "0"})
    romeo.client.send("<presence/>")
    done = payload_of(await romeo.submit(begun, {"delay": "30", "announcement": "Good night"}))

    assert condition_of(refused) == "bad-request bad-payload"
    assert done.notes[0].text == "It begins in 30 seconds."
    bodies = [one.findtext("{jabber:client}body") for one in romeo.client.received]
    assert "Good night" in bodies
    assert not office.stop_requested.is_set()


async def test_status_is_told(romeo: Commander) -> None:
    status = (await romeo.begin(STATUS)).form

    assert status is not None
    assert status.value("domain") == "montague.lit"


@pytest.mark.parametrize(
    ("attributes", "payload", "condition"),
    [
        (" action='cancel'", "", "bad-request bad-action"),
        (" action='prev'", "", "bad-request bad-action"),
        (" action='dance'", "", "bad-request malformed-action"),
        (" sessionid='made-up' action='complete'", form({}), "not-allowed session-expired"),
    ],
)
async def test_request_that_makes_no_sense_is_refused(
    romeo: Commander, attributes: str, payload: str, condition: str
) -> None:
    """XEP-0050, section 5.4."""
    assert condition_of(await romeo.send("add-user", attributes, payload)) == condition


async def test_execution_belongs_to_one_command_and_one_resource(
    office: RunningOffice, romeo: Commander
) -> None:
    """XEP-0050, section 3.3: "valid only between one requester/responder pair"."""
    begun = await romeo.begin("delete-user")
    garden = Commander(await office.log_in("romeo/garden"), office.domain)
    session = f" sessionid='{begun.session_id}'"
    answers = form({"accountjids": "juliet@montague.lit"})

    other_resource = await garden.send("delete-user", session, answers)
    other_command = await romeo.send("disable-user", session, answers)

    assert condition_of(other_resource) == "not-allowed session-expired"
    assert condition_of(other_command) == "bad-request bad-sessionid"
    assert office.office.accounts.exists("juliet")


async def test_canceled_execution_is_over(romeo: Commander) -> None:
    """XEP-0050, section 2.4.3."""
    begun = await romeo.begin("delete-user")

    session = f" sessionid='{begun.session_id}' action='{{}}'"
    previous = await romeo.send("delete-user", session.format("prev"))
    canceled = payload_of(await romeo.send("delete-user", session.format("cancel")))
    again = await romeo.submit(begun, {"accountjids": "juliet@montague.lit"})

    assert condition_of(previous) == "bad-request bad-action"
    assert canceled.status is CommandStatus.CANCELED
    assert condition_of(again) == "not-allowed session-expired"


async def test_unknown_command_is_not_found(romeo: Commander) -> None:
    """XEP-0050, section 5.4."""
    assert condition_of(await romeo.send("get-user-password")) == "item-not-found"
