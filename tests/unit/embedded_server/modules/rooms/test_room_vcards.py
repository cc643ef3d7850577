"""XEP-0054 and XEP-0486: what a room says of itself, and its picture."""

import base64
import hashlib

import pytest

from tests.helpers.coven import ROOMS, Coven, Seen, all_seen
from tests.helpers.module_stage import Client

pytestmark = pytest.mark.asyncio

VCARD = "<vCard xmlns='vcard-temp'>{}</vCard>"
PHOTO = "<PHOTO><TYPE>{}</TYPE><BINVAL>{}</BINVAL></PHOTO>"
PICTURES = (b"\x89PNG cauldron", b"<svg>cauldron</svg>")
HASHES = [hashlib.sha1(one).hexdigest() for one in PICTURES]  # noqa: S324 - XEP-0153
DISCOVERY = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
FIELD = ".//{jabber:x:data}field"


def photo(number: int) -> str:
    return PHOTO.format("image/png", base64.b64encode(PICTURES[number]).decode())


def hashes_in(info: Seen) -> list[str | None]:
    """Return the hashes of pictures that discovery tells."""
    for field in info.element.iterfind(FIELD):
        if field.get("var") == "muc#roominfo_avatarhash":
            return [value.text for value in field]
    return []


async def test_owner_gives_the_room_a_picture_and_all_inside_are_told(
    coven: Coven, romeo: Client, juliet: Client, nurse: Client
) -> None:
    """XEP-0486, sections 3.2 to 3.4: status 104, its hash by discovery, and itself."""
    await coven.enter(juliet, "thirdwitch")
    romeo.take()
    assert hashes_in(await coven.get(nurse, DISCOVERY)) == []

    answer = await coven.set(romeo, VCARD.format(photo(0)))

    assert answer.type == "result"
    for client in (romeo, juliet):
        (told,) = all_seen(client)
        assert (told.name, told.codes, told.nickname) == ("message", frozenset({104}), "")
    assert hashes_in(await coven.get(nurse, DISCOVERY)) == HASHES[:1]
    vcard = await coven.get(nurse, VCARD.format(""))
    assert vcard.element.findtext(".//{vcard-temp}BINVAL") == base64.b64encode(PICTURES[0]).decode()


async def test_picture_in_two_formats_has_two_hashes(coven: Coven, romeo: Client) -> None:
    """Section 5.1."""
    await coven.set(romeo, VCARD.format(photo(0) + photo(1)))

    assert hashes_in(await coven.get(romeo, DISCOVERY)) == HASHES


async def test_empty_vcard_takes_the_picture_away(coven: Coven, romeo: Client) -> None:
    """Section 3.2."""
    await coven.set(romeo, VCARD.format(photo(0)))

    await coven.set(romeo, VCARD.format(""))

    assert hashes_in(await coven.get(romeo, DISCOVERY)) == []
    assert (await coven.get(romeo, VCARD.format(""))).error == "cancel item-not-found"


@pytest.mark.parametrize("affiliation", ["admin", "member", "none"])
async def test_only_owners_write_it(
    coven: Coven, romeo: Client, juliet: Client, affiliation: str
) -> None:
    await coven.change(romeo, f"affiliation='{affiliation}' jid='juliet@montague.lit'")

    answer = await coven.set(juliet, VCARD.format(photo(0)))

    assert answer.error == "auth forbidden"
    assert hashes_in(await coven.get(romeo, DISCOVERY)) == []


async def test_picture_that_is_none_and_a_vcard_that_is_too_long_are_refused(
    coven: Coven, romeo: Client
) -> None:
    broken = await coven.set(romeo, VCARD.format(PHOTO.format("image/png", "???")))
    too_long = await coven.set(romeo, VCARD.format(f"<DESC>{'x' * 131_072}</DESC>"))

    assert (broken.error, too_long.error) == ("modify bad-request", "modify not-acceptable")


async def test_vcards_are_announced_by_rooms_and_their_service(coven: Coven, romeo: Client) -> None:
    """Section 3.1."""
    for address in ("", ROOMS):
        info = await coven.get(romeo, DISCOVERY, address)
        assert "vcard-temp" in {one.get("var") for one in info.element[0]}
