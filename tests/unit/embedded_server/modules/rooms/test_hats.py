"""XEP-0317: titles that a room gives, made and given by ad-hoc commands."""

import pytest

from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.data_forms import DataForm, form_of
from shared_protocol.stanzas.data_forms import to_element as form_to_element
from shared_protocol.stanzas.rooms.hat_commands import (
    HatCommand,
    HatOrder,
    hats_of_form,
    order_to_form,
    wearers_of_form,
)
from shared_protocol.stanzas.rooms.hats import Hat, hats_of
from shared_protocol.xml.writer import serialise
from tests.helpers.coven import Coven, Seen, account, all_seen
from tests.helpers.module_stage import Client

pytestmark = pytest.mark.asyncio

URI = "http://tech.example.edu/hats#TeacherAssistant"
HOST = "http://schemas.example.com/hats#host"
ASSISTANT = Hat(URI, "Assistant", 327.255249)
COMMAND = "<command xmlns='http://jabber.org/protocol/commands' node='{}'{}>{}</command>"
FORBIDDEN, NOT_ACCEPTABLE = "auth forbidden", "modify not-acceptable"
DISCOVERY = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
ITEMS = (
    "<query xmlns='http://jabber.org/protocol/disco#items'"
    " node='http://jabber.org/protocol/commands'/>"
)


async def run(
    coven: Coven, client: Client, command: HatCommand, form: DataForm | None = None
) -> Seen:
    """Run a command at once, with its form if it has one."""
    written = "" if form is None else serialise(form_to_element(form)).decode()
    return await coven.set(client, COMMAND.format(command.value, "", written))


async def make(coven: Coven, client: Client, hat: Hat = ASSISTANT) -> Seen:
    order = HatOrder(hat.uri, hat.title, hat.hue)
    return await run(coven, client, HatCommand.CREATE, order_to_form(order))


async def give(coven: Coven, client: Client, wearer: str, uri: str = URI) -> Seen:
    order = HatOrder(uri, wearer=account(wearer))
    return await run(coven, client, HatCommand.ASSIGN, order_to_form(order))


def form_in(answer: Seen) -> DataForm:
    found = form_of(answer.element[0])
    assert found is not None
    return found


def status_of(answer: Seen) -> str | None:
    return answer.element[0].get("status") if answer.type == "result" else answer.error


def hats_hash(info: Seen) -> str | None:
    return info.element.findtext(".//{jabber:x:data}field[@var='hats#hash']/{jabber:x:data}value")


async def test_admin_makes_a_hat_and_gives_it_and_all_see_it_in_presence(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """Section 4.2: status 104 for the list; section 4.5: the presence of who has got it."""
    await coven.change(romeo, "affiliation='admin' jid='nurse@montague.lit'")
    await coven.enter(juliet, "thirdwitch")
    romeo.take()

    assert status_of(await make(coven, nurse)) == "completed"
    assert [(one.name, one.codes) for one in all_seen(romeo)] == [("message", {104})]
    assert status_of(await give(coven, nurse, "juliet")) == "completed"

    (told,) = all_seen(romeo)
    assert (told.name, told.nickname, told.type) == ("presence", "thirdwitch", "")
    assert hats_of(told.element) == (ASSISTANT,)
    _, own = all_seen(juliet)
    assert hats_of(own.element) == (ASSISTANT,)


async def test_command_asks_what_it_was_not_told(coven: Coven, romeo: Client) -> None:
    """Section 4.2: the form; section 4.3: all hats to choose from."""
    await make(coven, romeo)

    asked = await run(coven, romeo, HatCommand.CREATE)
    destroying = form_in(await run(coven, romeo, HatCommand.DESTROY))

    assert status_of(asked) == "executing"
    assert {one.var for one in form_in(asked).fields if one.is_required} == {
        "hats#title",
        "hats#uri",
    }
    (which,) = destroying.fields
    assert [one.value for one in which.options] == [URI]


async def test_who_enters_wears_the_hat_that_was_given_before(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    await make(coven, romeo)
    await give(coven, romeo, "juliet")
    romeo.take()

    await coven.enter(juliet, "thirdwitch")

    (told,) = all_seen(romeo)
    assert hats_of(told.element) == (ASSISTANT,)


async def test_hat_that_is_taken_or_destroyed_is_seen_no_more(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Sections 4.3 and 4.6: "SHOULD broadcast the related JID presences"."""
    await coven.enter(juliet, "thirdwitch")
    host = Hat(HOST, "Host")
    for hat in (ASSISTANT, host):
        await make(coven, romeo, hat)
        await give(coven, romeo, "juliet", hat.uri)
    romeo.take()

    order = HatOrder(URI, wearer=account("juliet"))
    await run(coven, romeo, HatCommand.UNASSIGN, order_to_form(order))
    await run(coven, romeo, HatCommand.DESTROY, order_to_form(HatOrder(HOST)))

    assert [hats_of(one.element) for one in all_seen(romeo) if one.name == "presence"] == [
        (host,),
        (),
    ]
    assert hats_of_form(form_in(await run(coven, romeo, HatCommand.LIST))) == (ASSISTANT,)


async def test_changed_hat_is_shown_to_all(coven: Coven, romeo: Client, juliet: Client) -> None:
    """Section 4.2: "Updating a hat follows the same flow"."""
    await coven.enter(juliet, "thirdwitch")
    await make(coven, romeo)
    await give(coven, romeo, "juliet")
    before = hats_hash(await coven.get(romeo, DISCOVERY))
    romeo.take()

    changed = Hat(URI, "Professor")
    await make(coven, romeo, changed)

    told, news = all_seen(romeo)
    assert (hats_of(told.element), news.codes) == ((changed,), {104})
    assert hats_hash(await coven.get(romeo, DISCOVERY)) not in {before, None}


async def test_lists_tell_which_hats_there_are_and_who_has_them(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    """Sections 4.4 and 4.7."""
    await make(coven, romeo)
    await give(coven, romeo, "juliet")

    listed = await run(coven, juliet, HatCommand.LIST)
    assigned = await run(coven, romeo, HatCommand.LIST_ASSIGNED)

    assert hats_of_form(form_in(listed)) == (ASSISTANT,)
    assert wearers_of_form(form_in(assigned)) == ((account("juliet"), URI),)


@pytest.mark.parametrize("affiliation", ["member", "none"])
async def test_others_than_admins_and_owners_only_see_which_there_are(
    coven: Coven, romeo: Client, juliet: Client, affiliation: str
) -> None:
    await make(coven, romeo)
    await coven.change(romeo, f"affiliation='{affiliation}' jid='juliet@montague.lit'")
    for command in HatCommand:
        expected = "completed" if command is HatCommand.LIST else FORBIDDEN
        assert status_of(await run(coven, juliet, command)) == expected, command

    items = await coven.get(juliet, ITEMS)

    assert [one.get("node") for one in items.element[0]] == [HatCommand.LIST.value]


@pytest.mark.parametrize(
    ("command", "order"),
    [
        (HatCommand.CREATE, HatOrder(URI)),
        (HatCommand.CREATE, HatOrder("", "no name")),
        (HatCommand.CREATE, HatOrder("no-uri", "no URI")),
        (HatCommand.CREATE, HatOrder(HOST, "too hot", 361.0)),
        (HatCommand.CREATE, HatOrder(HOST, "x" * 201)),
        (HatCommand.DESTROY, HatOrder(HOST)),
        (HatCommand.ASSIGN, HatOrder(HOST, wearer=BareJid("a", "b.lit"))),
        (HatCommand.ASSIGN, HatOrder(URI)),
        (HatCommand.ASSIGN, HatOrder(URI, wearer=BareJid("", "b.lit"))),
        (HatCommand.UNASSIGN, HatOrder(URI)),
    ],
)
async def test_order_that_makes_no_sense_changes_nothing(
    coven: Coven, romeo: Client, command: HatCommand, order: HatOrder
) -> None:
    await make(coven, romeo)

    answer = await run(coven, romeo, command, order_to_form(order))

    assert answer.error == NOT_ACCEPTABLE
    listed = await run(coven, romeo, HatCommand.LIST)
    assert hats_of_form(form_in(listed)) == (ASSISTANT,)


async def test_hats_of_a_room_are_limited(coven: Coven, romeo: Client) -> None:
    for number in range(50):
        assert status_of(await make(coven, romeo, Hat(f"x:{number}", "Hat"))) == "completed"

    assert (await make(coven, romeo, Hat("x:50", "Hat"))).error == "wait resource-constraint"
    assert status_of(await make(coven, romeo, Hat("x:7", "Cap"))) == "completed"


async def test_hats_that_a_client_puts_on_itself_are_not_seen(
    coven: Coven, romeo: Client, juliet: Client
) -> None:
    forged = f"<hats xmlns='urn:xmpp:hats:0'><hat uri='{URI}' title='King'/></hats>"
    await coven.enter(juliet, "thirdwitch", more=forged)
    await juliet.say(
        f"<message type='groupchat' to='{coven.jid}'><body>hail</body>{forged}</message>"
    )

    for told in all_seen(romeo):
        assert told.child("{urn:xmpp:hats:0}hats") is None


async def test_command_is_cancelled_and_unknown_ones_are_not_found(
    coven: Coven, romeo: Client
) -> None:
    """XEP-0050, sections 3.1 and 3.4."""
    cancel = COMMAND.format(HatCommand.CREATE.value, " action='cancel' sessionid='s'", "")
    assert status_of(await coven.set(romeo, cancel)) == "canceled"
    unknown = await coven.set(romeo, COMMAND.format("urn:xmpp:hats:commands:burn", "", ""))
    assert unknown.error == "cancel item-not-found"


async def test_commands_are_described_by_discovery(coven: Coven, romeo: Client) -> None:
    """XEP-0050, sections 2.2 and 2.3."""
    items = await coven.get(romeo, ITEMS)
    nodes = [one.get("node") for one in items.element[0]]
    assert nodes == [command.value for command in HatCommand]
    for node in ("http://jabber.org/protocol/commands", *nodes):
        info = await coven.get(romeo, DISCOVERY.replace("/>", f" node='{node}'/>"))
        assert info.element[0][0].get("category") == "automation"
