"""One picture for those who read PEP and those who read vCards (XEP-0084, 0153, 0398)."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.helpers.eventing import answered, come_with, events, field, publish, pubsub
from tests.helpers.module_stage import Client, Stage, staged

pytestmark = pytest.mark.asyncio
METADATA, DATA = "urn:xmpp:avatar:metadata", "urn:xmpp:avatar:data"
PICTURE = b"\x89PNG a balcony by moonlight"
HASH = hashlib.sha1(PICTURE, usedforsecurity=False).hexdigest()
OPEN = field("access_model", "open")
JULIET = "juliet@montague.lit"
GET_VCARD = "<iq type='get' id='v'{}><vCard xmlns='vcard-temp'/></iq>"
UPDATE = "<x xmlns='vcard-temp:x:update'>"


def data_item(picture: bytes = PICTURE, item_id: str = HASH) -> str:
    written = base64.b64encode(picture).decode()
    return f"<item id='{item_id}'><data xmlns='{DATA}'>{written}</data></item>"


def metadata_item(item_id: str = HASH, extra: str = "") -> str:
    info = f"<info bytes='{len(PICTURE)}' id='{item_id}' type='image/png' width='64' height='64'/>"
    return f"<item id='{item_id}'><metadata xmlns='{METADATA}'>{extra}{info}</metadata></item>"


def set_vcard(content: str) -> str:
    return f"<iq type='set' id='s'><vCard xmlns='vcard-temp'>{content}</vCard></iq>"


def photo(picture: bytes = PICTURE, media_type: str = "image/jpeg") -> str:
    written = base64.b64encode(picture).decode()
    return f"<PHOTO><TYPE>{media_type}</TYPE><BINVAL>{written}</BINVAL></PHOTO>"


async def put_on(client: Client, options: str = OPEN) -> None:
    """Publish the picture, data first (XEP-0084, section 3)."""
    for stanza in (
        publish(DATA, data_item(), options=options),
        publish(METADATA, metadata_item(), options=options),
    ):
        assert "type='result'" in await answered(client, stanza)


@pytest_asyncio.fixture
async def verona(stage: Stage) -> AsyncIterator[Stage]:
    await stage.befriend("juliet", "romeo")
    yield stage


async def test_avatar_is_told_and_fetched(verona: Stage) -> None:
    """XEP-0084, sections 3.2 to 3.4: metadata is told, data is asked for by its id."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    romeo = await come_with(await verona.enter("romeo/orchard"), METADATA)

    await put_on(juliet)

    (message,) = events(romeo)
    info = message.find(f".//{{{METADATA}}}info")
    assert info is not None
    assert info.get("id") == HASH
    items = f"<items node='{DATA}'><item id='{info.get('id')}'/></items>"
    answer = await answered(romeo, pubsub("get", items, JULIET))
    assert base64.b64encode(PICTURE).decode() in answer


async def test_avatar_is_the_photo_of_the_vcard(verona: Stage) -> None:
    """XEP-0398, section 3.1."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    await answered(juliet, set_vcard("<FN>Juliet</FN>"))
    await put_on(juliet)
    nurse = await (await verona.enter("nurse/home")).come()

    answer = await answered(nurse, GET_VCARD.format(f" to='{JULIET}'"))

    assert "<FN>Juliet</FN>" in answer
    assert "<TYPE>image/png</TYPE>" in answer
    assert f"<BINVAL>{base64.b64encode(PICTURE).decode()}</BINVAL>" in answer


async def test_picture_at_another_place_is_passed_over(verona: Stage) -> None:
    """XEP-0398, section 3.1: "pick the info element that does not point to an external URL"."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    other = "<info bytes='1' id='357a' type='image/gif' url='http://avatars.example/happy.gif'/>"
    await answered(juliet, publish(DATA, data_item(), options=OPEN))
    await answered(juliet, publish(METADATA, metadata_item(extra=other), options=OPEN))

    answer = await answered(juliet, GET_VCARD.format(""))

    assert base64.b64encode(PICTURE).decode() in answer


async def test_picture_for_contacts_is_not_in_the_vcard_of_strangers(verona: Stage) -> None:
    """XEP-0398, section 8: check that the requester has access to both nodes."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    await answered(juliet, set_vcard("<FN>Juliet</FN>"))
    await put_on(juliet, field("access_model", "presence"))
    romeo, nurse = await verona.enter("romeo/orchard"), await verona.enter("nurse/home")

    seen = await answered(romeo, GET_VCARD.format(f" to='{JULIET}'"))
    unseen = await answered(nurse, GET_VCARD.format(f" to='{JULIET}'"))

    assert "<PHOTO>" in seen
    assert "<FN>Juliet</FN>" in unseen
    assert "<PHOTO>" not in unseen


async def test_photo_of_a_vcard_becomes_the_avatar(verona: Stage) -> None:
    """XEP-0398, section 3.2: data first, then metadata, by the type of the vCard."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    romeo = await come_with(await verona.enter("romeo/orchard"), METADATA)

    await answered(juliet, set_vcard(f"<FN>Juliet</FN>{photo()}"))

    (message,) = events(romeo)
    info = message.find(f".//{{{METADATA}}}info")
    assert info is not None
    assert info.attrib == {"bytes": str(len(PICTURE)), "id": HASH, "type": "image/jpeg"}
    answer = await answered(
        romeo, pubsub("get", f"<items node='{DATA}'><item id='{HASH}'/></items>", JULIET)
    )
    assert base64.b64encode(PICTURE).decode() in answer


async def test_vcard_without_photo_ends_the_avatar(verona: Stage) -> None:
    """XEP-0084, section 3.5: empty metadata."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    romeo = await come_with(await verona.enter("romeo/orchard"), METADATA)
    await answered(juliet, set_vcard(f"<FN>Juliet</FN>{photo()}"))
    events(romeo)

    await answered(juliet, set_vcard("<FN>Juliet</FN>"))

    (message,) = events(romeo)
    metadata = message.find(f".//{{{METADATA}}}metadata")
    assert metadata is not None
    assert len(metadata) == 0


async def test_hash_is_in_every_available_presence(verona: Stage) -> None:
    """XEP-0398, section 4: broadcast and directed, with children and without."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    await put_on(juliet)
    romeo, nurse = (
        await (await verona.enter("romeo/orchard")).come(),
        await verona.enter("nurse/home"),
    )
    written = f"{UPDATE}<photo>{HASH}</photo></x></presence>"

    await juliet.say("<presence/>")
    await juliet.say("<presence><show>away</show></presence>")
    await juliet.say("<presence to='nurse@montague.lit/home'/>")

    assert [one.endswith(written) for one in romeo.take()] == [True, True]
    assert [one.endswith(written) for one in nurse.take()] == [True]


async def test_contact_who_comes_sees_the_hash(verona: Stage) -> None:
    juliet = await (await verona.enter("juliet/balcony")).come()
    await put_on(juliet)
    romeo = await verona.enter("romeo/orchard")

    await romeo.say("<presence/>")

    assert any(f"<photo>{HASH}</photo>" in one for one in romeo.take())


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("<x xmlns='vcard-temp:x:update'><photo/></x>", f"{UPDATE}<photo/></x>"),
        ("<x xmlns='vcard-temp:x:update'/>", f"{UPDATE}<photo>{HASH}</photo></x>"),
        (
            "<x xmlns='vcard-temp:x:update'><photo>false</photo></x>",
            f"{UPDATE}<photo>{HASH}</photo></x>",
        ),
        (f"{UPDATE}<photo>{HASH}</photo></x>", f"{UPDATE}<photo>{HASH}</photo></x>"),
    ],
    ids=["no photo", "not ready", "other photo", "this photo"],
)
async def test_what_a_client_says_of_its_photo(verona: Stage, sent: str, shown: str) -> None:
    """XEP-0398, section 4: an empty photo stays, an empty x "MUST be overwritten"."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    await put_on(juliet)
    romeo = await (await verona.enter("romeo/orchard")).come()

    await juliet.say(f"<presence>{sent}</presence>")

    (arrived,) = romeo.take()
    assert arrived.count("vcard-temp:x:update") == 1
    assert shown in arrived


async def test_directed_presence_of_a_picture_for_contacts_says_nothing(verona: Stage) -> None:
    """XEP-0398, section 9: a hash can tell who somebody is; it goes where the picture may go."""
    juliet = await (await verona.enter("juliet/balcony")).come()
    await put_on(juliet, field("access_model", "presence"))
    romeo, nurse = (
        await (await verona.enter("romeo/orchard")).come(),
        await verona.enter("nurse/home"),
    )

    await juliet.say("<presence/>")
    await juliet.say("<presence to='nurse@montague.lit/home'/>")

    assert any(HASH in one for one in romeo.take())
    assert not any(HASH in one for one in nurse.take())


async def test_new_picture_is_shown_in_presence_at_once(verona: Stage) -> None:
    juliet = await (await verona.enter("juliet/balcony")).come()
    romeo = await (await verona.enter("romeo/orchard")).come()

    await put_on(juliet)
    shown = [one for one in romeo.take() if one.startswith("<presence")]
    await answered(juliet, publish(METADATA, f"<item id='x'><metadata xmlns='{METADATA}'/></item>"))
    ended = [one for one in romeo.take() if one.startswith("<presence")]

    assert [f"<photo>{HASH}</photo>" in one for one in shown] == [True]
    assert ["<photo/>" in one for one in ended] == [True]


async def test_hash_is_known_after_a_restart(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.befriend("juliet", "romeo")
        await put_on(await (await stage.enter("juliet/balcony")).come())

    async with staged(tmp_path) as stage:
        romeo = await (await stage.enter("romeo/orchard")).come()
        await (await stage.enter("juliet/balcony")).say("<presence/>")

        assert any(f"<photo>{HASH}</photo>" in one for one in romeo.take())


async def test_conversion_is_announced_on_the_account(stage: Stage) -> None:
    """XEP-0398, section 2."""
    romeo = await stage.enter("romeo/orchard")

    answer = await answered(
        romeo, "<iq type='get' id='d'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    )

    assert "<feature var='urn:xmpp:pep-vcard-conversion:0'/>" in answer


async def test_deleted_node_ends_the_avatar(verona: Stage) -> None:
    juliet = await (await verona.enter("juliet/balcony")).come()
    await put_on(juliet)

    await juliet.say(
        "<iq type='set' id='x'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
        f"<delete node='{DATA}'/></pubsub></iq>"
    )

    assert "<item-not-found " in await answered(juliet, GET_VCARD.format(""))
