"""Blocking (XEP-0191): what the blocked sees, what the one who blocks is told."""

from pathlib import Path
from typing import Any

import pytest

from embedded_server.routing.origin import ServiceOrigin
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.xml.framer import frame_of
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
BLOCK = "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>{}</block></iq>"
UNBLOCK = "<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'>{}</unblock></iq>"
LIST = "<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>"
ROMEO = "<item jid='romeo@montague.lit'/>"
BLOCKED = (
    "<error type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    "<blocked xmlns='urn:xmpp:blocking:errors'/></error>"
)
FORMS = ["romeo@montague.lit", "romeo@montague.lit/orchard", "ROMEO@Montague.lit"]


async def friends(stage: Stage) -> tuple[Client, Client]:
    await stage.befriend("romeo", "juliet")
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo.take()
    return romeo, juliet


async def block(juliet: Client, *addresses: str) -> None:
    answer = await juliet.ask(BLOCK.format("".join(f"<item jid='{one}'/>" for one in addresses)))
    assert "type='result'" in answer


async def test_list_is_empty_and_then_holds_what_was_blocked(stage: Any) -> None:
    """XEP-0191, section 3.2: an empty list, then one item for each address."""
    juliet = await stage.enter("juliet/balcony")

    empty = await juliet.ask(LIST)
    await juliet.say(BLOCK.format(ROMEO + "<item jid='verona.lit'/>"))
    full = await juliet.ask(LIST)

    assert empty.endswith("><blocklist xmlns='urn:xmpp:blocking'/></iq>")
    assert full.endswith(
        "><blocklist xmlns='urn:xmpp:blocking'><item jid='romeo@montague.lit'/>"
        "<item jid='verona.lit'/></blocklist></iq>"
    )


async def test_change_is_answered_and_pushed_to_who_asked_for_the_list(stage: Any) -> None:
    """XEP-0191, section 3.3: "to all of the user's resources that have requested the blocklist"."""
    balcony, chamber = await stage.enter("juliet/balcony"), await stage.enter("juliet/chamber")
    never_asked = await stage.enter("juliet/garden")
    await balcony.ask(LIST)
    await chamber.ask(LIST)

    await balcony.say(BLOCK.format(ROMEO))
    pushed, answered = balcony.take()
    await balcony.say(UNBLOCK.format(""))

    assert f"<block xmlns='urn:xmpp:blocking'>{ROMEO}</block>" in pushed
    assert answered == "<iq type='result' to='juliet@montague.lit/balcony' id='b'/>"
    first, second = chamber.take()
    assert "to='juliet@montague.lit/chamber'" in first
    assert "<unblock xmlns='urn:xmpp:blocking'/>" in second
    assert never_asked.take() == []


@pytest.mark.parametrize("items", ["", "<item/>", "<item jid=''/>", "<item jid='@montague.lit'/>"])
async def test_block_of_nobody_is_a_bad_request(stage: Any, items: str) -> None:
    """XEP-0191, section 3.3: "the server MUST return a <bad-request/> error"."""
    juliet = await stage.enter("juliet/balcony")

    assert "<error type='modify'><bad-request " in await juliet.ask(BLOCK.format(items))


async def test_list_of_somebody_else_is_not_shown(stage: Any) -> None:
    romeo = await stage.enter("romeo/orchard")

    answer = await romeo.ask(LIST.replace("<iq ", "<iq to='juliet@montague.lit' "))

    assert "<service-unavailable " in answer


async def test_blocked_contact_sees_the_account_go_off_line(stage: Any) -> None:
    """XEP-0191, section 3.3: "the user's server MUST send unavailable presence information"."""
    romeo, juliet = await friends(stage)

    await block(juliet, "romeo@montague.lit")
    (gone,) = romeo.take()
    await juliet.say("<presence><show>dnd</show></presence>")
    await juliet.say("<presence type='unavailable'/>")

    assert gone == (
        "<presence to='romeo@montague.lit' type='unavailable' from='juliet@montague.lit/balcony'/>"
    )
    assert romeo.take() == []


async def test_stranger_is_told_nothing_by_a_block(stage: Any) -> None:
    """XEP-0191, section 3.3: "only if the JID is allowed to receive presence notifications"."""
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()

    await block(juliet, "romeo@montague.lit")

    assert romeo.take() == []


async def test_directed_presence_ends_with_a_block(stage: Any) -> None:
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    await juliet.say("<presence to='romeo@montague.lit/orchard'/>")
    romeo.take()

    await block(juliet, "romeo@montague.lit")

    (gone,) = romeo.take()
    assert "type='unavailable'" in gone
    await juliet.leave()
    assert romeo.take() == []


@pytest.mark.parametrize("form", [*FORMS, "montague.lit"])
@pytest.mark.parametrize("to", ["juliet@montague.lit", "juliet@montague.lit/balcony"])
@pytest.mark.parametrize(
    ("stanza", "is_answered"),
    [
        ("<message to='{}' id='m' type='chat'><body>b</body></message>", True),
        ("<message to='{}' id='m'><body>b</body></message>", True),
        ("<message to='{}' id='m' type='headline'><body>b</body></message>", False),
        ("<message to='{}' id='m' type='error'><error type='cancel'/></message>", False),
        ("<iq to='{}' id='m' type='get'><ping xmlns='urn:xmpp:ping'/></iq>", True),
        ("<iq to='{}' id='m' type='set'><x xmlns='urn:x'/></iq>", True),
        ("<iq to='{}' id='m' type='result'/>", False),
        ("<presence to='{}' id='m'/>", False),
        ("<presence to='{}' id='m' type='unavailable'/>", False),
        ("<presence to='{}' id='m' type='probe'/>", False),
    ],
)
async def test_nothing_of_the_blocked_is_delivered(
    stage: Any, form: str, to: str, stanza: str, *, is_answered: bool
) -> None:
    """XEP-0191, sections 3.3 and 5: presence silence, message and IQ service-unavailable."""
    romeo, juliet = await friends(stage)
    await block(juliet, form)
    romeo.take()

    await romeo.say(stanza.format(to))

    assert juliet.take() == []
    answers = romeo.take()
    assert len(answers) == is_answered
    assert all("<error type='cancel'><service-unavailable " in answer for answer in answers)
    assert stage.messages.count("juliet") == 0


@pytest.mark.parametrize("form", [*FORMS, "montague.lit"])
@pytest.mark.parametrize(
    "stanza",
    [
        "<message to='romeo@montague.lit/orchard' id='m'><body>b</body></message>",
        "<iq to='romeo@montague.lit/orchard' id='m' type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<presence to='romeo@montague.lit/orchard' id='m'/>",
    ],
)
async def test_nothing_is_sent_to_the_blocked(stage: Any, form: str, stanza: str) -> None:
    """XEP-0191, section 3.3: "MUST return a <not-acceptable/> error containing <blocked/>"."""
    romeo, juliet = await friends(stage)
    await block(juliet, form)
    romeo.take()

    answer = await juliet.ask(stanza)

    assert BLOCKED in answer
    assert " id='m'" in answer
    assert romeo.take() == []


async def test_other_resources_of_who_is_blocked_by_a_full_jid_go_on(stage: Any) -> None:
    """XEP-0191, section 5: "only that resource matches"."""
    romeo, juliet = await friends(stage)
    garden = await (await stage.enter("romeo/garden")).come()
    romeo.take()
    await block(juliet, "romeo@montague.lit/orchard")
    gone = [romeo.take(), garden.take()]

    await garden.say("<message to='juliet@montague.lit/balcony'><body>b</body></message>")
    await juliet.say("<presence><show>away</show></presence>")

    assert [len(one) for one in gone] == [1, 0]
    assert len(juliet.take()) == 2  # the message, and her own presence
    assert [len(client.take()) for client in (romeo, garden)] == [0, 1]


async def test_presence_of_the_blocked_is_not_shown(stage: Any) -> None:
    """XEP-0191, section 3.3: "MUST NOT deliver any XML stanzas from the JID to the user"."""
    romeo, juliet = await friends(stage)
    await block(juliet, "romeo@montague.lit")
    juliet.take()

    await romeo.say("<presence><show>dnd</show></presence>")
    chamber = await stage.enter("juliet/chamber")
    await chamber.say("<presence/>")
    await romeo.leave()

    shown = juliet.take() + chamber.take()
    assert not any("from='romeo@montague.lit" in stanza for stanza in shown)


async def test_request_of_the_blocked_disappears_and_looks_as_if_it_waited(stage: Any) -> None:
    """XEP-0191, section 3.3: silence to subscriptions; the sender's own roster knows no more."""
    romeo = await (await stage.enter("romeo/orchard")).come()
    juliet = await (await stage.enter("juliet/balcony")).come()
    await block(juliet, "romeo@montague.lit")

    await romeo.say("<presence type='subscribe' to='juliet@montague.lit'/>")

    (push,) = romeo.take()
    assert "ask='subscribe'" in push
    assert juliet.take() == []
    await juliet.ask(UNBLOCK.format(""))
    chamber = await stage.enter("juliet/chamber")
    await chamber.say("<presence/>")
    assert not any("type='subscribe'" in stanza for stanza in chamber.take())


async def test_request_that_waited_is_not_shown_while_its_sender_is_blocked(stage: Any) -> None:
    romeo = await stage.enter("romeo/orchard")
    await romeo.say("<presence type='subscribe' to='juliet@montague.lit'/>")
    juliet = await stage.enter("juliet/balcony")
    await block(juliet, "romeo@montague.lit")

    await juliet.say("<presence/>")

    assert not any("type='subscribe'" in stanza for stanza in juliet.take())


async def test_subscription_that_the_blocked_ends_is_ended_unseen(stage: Any) -> None:
    """Both rosters say the same; the stanza itself is not delivered."""
    romeo, juliet = await friends(stage)
    await block(juliet, "romeo@montague.lit")

    await romeo.say("<presence type='unsubscribed' to='juliet@montague.lit'/>")

    (push,) = juliet.take()
    assert "<item jid='romeo@montague.lit' subscription='from'/>" in push


async def test_unblocking_shows_presence_again(stage: Any) -> None:
    """XEP-0191, section 3.4: "MUST send the user's current presence information"."""
    romeo, juliet = await friends(stage)
    await block(juliet, "romeo@montague.lit")
    await juliet.say("<presence><show>away</show></presence>")
    await romeo.say("<presence><show>dnd</show></presence>")
    for client in (romeo, juliet):
        client.take()

    await juliet.say(UNBLOCK.format(ROMEO))

    assert romeo.take() == [
        "<presence to='romeo@montague.lit' from='juliet@montague.lit/balcony'>"
        "<show>away</show></presence>"
    ]
    shown, answer = juliet.take()
    assert "from='romeo@montague.lit/orchard'><show>dnd</show>" in shown
    assert "type='result'" in answer


async def test_one_of_two_forms_goes_on_blocking(stage: Any) -> None:
    romeo, juliet = await friends(stage)
    await block(juliet, "romeo@montague.lit", "montague.lit")
    romeo.take()

    await juliet.say(UNBLOCK.format(ROMEO))

    assert romeo.take() == []
    await romeo.say("<message to='juliet@montague.lit'><body>b</body></message>")
    assert "<service-unavailable " in romeo.take()[0]


async def test_own_resources_and_own_server_are_never_blocked(stage: Any) -> None:
    """XEP-0191, section 4: "MUST NOT block communications from one ... resource to another"."""
    balcony = await (await stage.enter("juliet/balcony")).come()
    chamber = await (await stage.enter("juliet/chamber")).come()
    await block(balcony, "montague.lit", "juliet@montague.lit", "juliet@montague.lit/chamber")
    balcony.take()

    await chamber.say("<message to='juliet@montague.lit/balcony'><body>b</body></message>")
    await chamber.say("<presence><show>away</show></presence>")
    pong = await chamber.ask(
        "<iq type='get' id='p' to='montague.lit'><ping xmlns='urn:xmpp:ping'/></iq>"
    )

    assert len(balcony.take()) == 2
    assert "type='result'" in pong


async def test_account_of_another_domain_with_the_same_name_blocks_nobody(stage: Any) -> None:
    """A room of a service may be called like an account."""
    room = BareJid("juliet", "masks.montague.lit")
    stage.host.serve("masks.montague.lit", lambda _inbound: None)
    juliet = await (await stage.enter("juliet/balcony")).come()
    romeo = await stage.enter("romeo/orchard")
    await block(juliet, "romeo@montague.lit")
    frame = frame_of(b"<message to='romeo@montague.lit/orchard'><body>b</body></message>")

    stage.host.route(ServiceOrigin(room), frame)
    await stage.settle()

    assert len(romeo.take()) == 1


@pytest.mark.parametrize("to", ["juliet@montague.lit", "juliet@montague.lit/balcony"])
async def test_service_that_is_blocked_does_not_get_through(stage: Any, to: str) -> None:
    """Also where a service hands its stanzas over without the router."""
    juliet = await (await stage.enter("juliet/balcony")).come()
    await block(juliet, "coven@conference.montague.lit")
    stanza = f"<message from='coven@conference.montague.lit/hecate' to='{to}'><body/></message>"
    address = FullJid.parse(to) if "/" in to else BareJid.parse(to)

    stage.host.deliver(stanza.encode(), address)
    await stage.settle()

    assert juliet.take() == []


async def test_blocked_cannot_invite_through_a_room(stage: Any) -> None:
    """Rooms obey a block: the room speaks, but the blocked invites (XEP-0045, section 7.8.2)."""
    juliet = await (await stage.enter("juliet/balcony")).come()
    await block(juliet, "romeo@montague.lit")
    invitation = (
        "<message from='coven@conference.montague.lit' to='juliet@montague.lit'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='{}'/></x></message>"
    )

    for who in ("romeo@montague.lit/orchard", "nurse@montague.lit/kitchen"):
        stage.host.deliver(invitation.format(who).encode(), BareJid.parse("juliet@montague.lit"))
        await stage.settle()

    (arrived,) = juliet.take()
    assert "nurse@montague.lit" in arrived


async def test_block_holds_over_a_restart_and_for_all_sessions(tmp_path: Path) -> None:
    """XEP-0191, section 3.3: "the block remains in force until the user unblocks"."""
    async with staged(tmp_path) as stage:
        juliet = await stage.enter("juliet/balcony")
        await block(juliet, "romeo@montague.lit", "verona.lit")
        await juliet.ask(UNBLOCK.format("<item jid='verona.lit'/>"))

    async with staged(tmp_path) as stage:
        romeo = await stage.enter("romeo/orchard")
        await romeo.say("<message to='juliet@montague.lit'><body>b</body></message>")
        listed = await (await stage.enter("juliet/chamber")).ask(LIST)

        assert "<service-unavailable " in romeo.take()[0]
        assert listed.count("<item ") == 1


async def test_list_is_limited(stage: Any) -> None:
    juliet = await stage.enter("juliet/balcony")
    many = "".join(f"<item jid='a{number}@verona.lit'/>" for number in range(1_000))
    await juliet.ask(BLOCK.format(many))

    answer = await juliet.ask(BLOCK.format(ROMEO))

    assert "<error type='wait'><resource-constraint " in answer
    assert not stage.host.block_lists.blocks(
        BareJid.parse("juliet@montague.lit"), BareJid.parse("romeo@montague.lit")
    )


async def test_report_is_accepted_and_passed_over(stage: Any) -> None:
    """XEP-0377: a client that reports still blocks where nobody reads reports."""
    juliet = await stage.enter("juliet/balcony")
    report = "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'/>"

    answer = await juliet.ask(BLOCK.format(f"<item jid='romeo@montague.lit'>{report}</item>"))

    assert "type='result'" in answer
    assert "<report" not in await juliet.ask(LIST)


async def test_nobody_is_asked_where_nobody_is_blocked(stage: Any) -> None:
    """The hot path looks at an empty dictionary, also when all was unblocked again."""
    juliet = await stage.enter("juliet/balcony")
    assert not stage.host.block_lists

    await block(juliet, "romeo@montague.lit")
    await juliet.ask(UNBLOCK.format(""))

    assert not stage.host.block_lists
