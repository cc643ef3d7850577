"""What a room has answered is so when the office opens again."""

import base64
from pathlib import Path

import pytest

from shared_protocol.stanzas.rooms.hats import hats_of
from tests.helpers.coven import COVEN, Coven, all_seen
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio

SUBJECT = "<subject>Fire Burn and Cauldron Bubble!</subject>"
COMMAND = (
    "<command xmlns='http://jabber.org/protocol/commands' node='urn:xmpp:hats:commands:{}'>"
    "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
    "<value>urn:xmpp:hats:commands</value></field>{}</x></command>"
)
FIELD = "<field var='hats#{}'><value>{}</value></field>"
PHOTO = (
    "<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE>"
    f"<BINVAL>{base64.b64encode(b'cauldron').decode()}</BINVAL></PHOTO></vCard>"
)
REGISTER = (
    "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>"
    "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>"
    "<field var='muc#register_roomnick'><value>thirdwitch</value></field></x></query>"
)


async def entered(stage: Stage, jid: str, nickname: str) -> Client:
    client = await stage.enter(jid)
    await Coven(stage).enter(client, nickname)
    return client


async def made(stage: Stage, **answers: str) -> tuple[Coven, Client]:
    """Let romeo make the room."""
    romeo = await stage.enter("romeo/orchard")
    return await Coven(stage).made_by(romeo, "firstwitch", **answers), romeo


async def test_persistent_room_is_as_it_was(tmp_path: Path) -> None:
    """Configuration, lists with reasons, subject, archive and history."""
    async with staged(tmp_path) as stage:
        coven, romeo = await made(
            stage, persistentroom="1", roomname="A Dark Cave", membersonly="1", whois="anyone"
        )
        await coven.change(romeo, "affiliation='member' jid='juliet@montague.lit'")
        await coven.change(romeo, "affiliation='admin' jid='nurse@montague.lit'")
        await coven.change(romeo, "affiliation='outcast' jid='hecate@montague.lit'")
        await romeo.say(f"<message type='groupchat' to='{COVEN}'>{SUBJECT}</message>")
        await coven.say(romeo, "When shall we three meet again")

    async with staged(tmp_path) as stage:
        juliet = await stage.enter("juliet/balcony")
        coven = Coven(stage)
        arrived = await coven.enter(juliet, "thirdwitch")
        refused = await coven.enter(await stage.enter("duncan/castle"), "king")
        banned = await coven.enter(await stage.enter("hecate/broom"), "queen")

        own, said, subject = arrived
        assert {100, 110} <= own.codes
        assert own.rank == "member participant"
        assert (said.body, subject.subject) == (
            "When shall we three meet again",
            "Fire Burn and Cauldron Bubble!",
        )
        assert refused[0].error == "auth registration-required"
        assert banned[0].error == "auth forbidden"
        nurse = await entered(stage, "nurse/hall", "secondwitch")
        assert await coven.listed(nurse, "affiliation='admin'") == ["nurse@montague.lit"]
        assert len((await coven.archived(juliet)).messages) == 2
        info = await coven.get(juliet, "<query xmlns='http://jabber.org/protocol/disco#info'/>")
        assert info.element[0][0].get("name") == "A Dark Cave"


async def test_registered_nickname_is_reserved_still(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        coven, _ = await made(stage, persistentroom="1")
        juliet = await entered(stage, "juliet/balcony", "thirdwitch")
        assert (await coven.set(juliet, REGISTER)).type == "result"

    async with staged(tmp_path) as stage:
        refused = await Coven(stage).enter(await stage.enter("hecate/broom"), "ThirdWitch")
        assert refused[0].error == "cancel conflict"


async def test_hats_and_picture_are_still_there(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        coven, romeo = await made(stage, persistentroom="1")
        hat = FIELD.format("uri", "x:host") + FIELD.format("title", "Host")
        await coven.set(romeo, COMMAND.format("create", hat))
        given = FIELD.format("uri", "x:host") + FIELD.format("jid", "juliet@montague.lit")
        await coven.set(romeo, COMMAND.format("assign", given))
        await coven.set(romeo, PHOTO)

    async with staged(tmp_path) as stage:
        romeo = await entered(stage, "romeo/orchard", "firstwitch")
        romeo.take()
        await entered(stage, "juliet/balcony", "thirdwitch")
        told = all_seen(romeo)[-1]
        assert [hat.title for hat in hats_of(told.element)] == ["Host"]
        vcard = await Coven(stage).get(romeo, "<vCard xmlns='vcard-temp'/>")
        assert vcard.element.find(".//{vcard-temp}BINVAL") is not None


async def test_id_of_an_occupant_is_the_same(tmp_path: Path) -> None:
    """XEP-0421: an occupant is known again."""
    ids = []
    for _ in range(2):
        async with staged(tmp_path) as stage:
            coven = Coven(stage)
            romeo = await stage.enter("romeo/orchard")
            (own, *_) = await coven.enter(romeo, "firstwitch")
            await coven.configure(romeo, persistentroom="1")
            found = own.child("{urn:xmpp:occupant-id:0}occupant-id")
            assert found is not None
            ids.append(found.get("id"))

    assert ids[0] == ids[1]


async def test_temporary_room_is_gone_with_all_it_kept(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        coven, romeo = await made(stage)
        await coven.say(romeo, "eye of newt")

    async with staged(tmp_path) as stage:
        juliet = await stage.enter("juliet/balcony")
        assert (await Coven(stage).archived(juliet)).answer.error == "cancel item-not-found"
        (own, *_) = await Coven(stage).enter(juliet, "thirdwitch")
        assert 201 in own.codes
        assert own.rank == "owner moderator"


async def test_ids_of_messages_go_on(tmp_path: Path) -> None:
    """XEP-0313, section 6.2: ids are not given again."""
    ids = []
    for _ in range(2):
        async with staged(tmp_path) as stage:
            coven, romeo = await made(stage)
            (own,) = await coven.say(romeo, "eye of newt")
            found = own.child("{urn:xmpp:sid:0}stanza-id")
            assert found is not None
            ids.append(found.get("id"))

    assert ids[0] != ids[1]
