"""Clients of others publish through our server and hear of it: slixmpp with its own plug-ins."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import pytest
import pytest_asyncio
import slixmpp
from slixmpp.exceptions import IqError

from tests.helpers.chat_server import PASSWORD, ChatServer
from tests.helpers.foreign_programs import LOOPBACK
from tests.helpers.session_diary import until

pytestmark = [pytest.mark.asyncio, pytest.mark.network, pytest.mark.timeout(180)]

SECONDS = 30.0
PLUGINS = (
    *("xep_0054", "xep_0060", "xep_0084", "xep_0107", "xep_0153", "xep_0163", "xep_0172"),
    *("xep_0048", "xep_0118", "xep_0222", "xep_0223", "xep_0490"),
)
ATOM = "http://www.w3.org/2005/Atom"
BOOKMARKS = "urn:xmpp:bookmarks:1"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


class Person(slixmpp.ClientXMPP):
    """Somebody with slixmpp; notes the events whose names are given."""

    def __init__(self, office: ChatServer, jid: str, noted: Sequence[str]) -> None:
        super().__init__(jid, PASSWORD)
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        self.plugins: Mapping[str, Any] = self.plugin
        self.enable_direct_tls = False
        self._authority = str(office.authority)
        self.heard: dict[str, list[slixmpp.Message]] = {name: [] for name in noted}
        self.is_there = asyncio.Event()
        self.add_event_handler("session_start", self._on_start)
        for name, stanzas in self.heard.items():
            self.add_event_handler(name, stanzas.append)

    def get_ssl_context(self) -> ssl.SSLContext:
        """Trust the office's authority alone."""
        return ssl.create_default_context(cafile=self._authority)

    async def _on_start(self, _event: object) -> None:
        await self.get_roster()
        await self.plugins["xep_0115"].update_caps()
        self.send_presence()
        self.is_there.set()


@asynccontextmanager
async def person(office: ChatServer, name: str, *noted: str) -> AsyncIterator[Person]:
    """Somebody on line."""
    client = Person(office, f"{name}@{office.domain}/slixmpp", noted)
    client.connect(LOOPBACK, office.c2s_port)
    await asyncio.wait_for(client.is_there.wait(), SECONDS)
    try:
        yield client
    finally:
        await client.disconnect()


@pytest_asyncio.fixture(autouse=True)
async def friends(office: ChatServer) -> None:
    """Romeo and Juliet see each other's presence."""
    async with person(office, "romeo") as romeo, person(office, "juliet") as juliet:
        romeo.send_presence_subscription(juliet.boundjid.bare)
        await until(
            lambda: (
                romeo.client_roster[juliet.boundjid.bare]["subscription"] == "both"
                and juliet.client_roster[romeo.boundjid.bare]["subscription"] == "both"
            )
        )


def entry(title: str) -> Element:
    """An entry of Atom."""
    element = Element(f"{{{ATOM}}}entry")
    SubElement(element, f"{{{ATOM}}}title").text = title
    return element


async def test_tune_mood_and_nickname_reach_a_contact(office: ChatServer) -> None:
    """XEP-0107, XEP-0118, XEP-0172 over XEP-0163."""
    noted = ("user_tune_publish", "user_mood_publish", "user_nick_publish")
    async with person(office, "romeo") as romeo, person(office, "juliet", *noted) as juliet:
        await romeo.plugins["xep_0118"].publish_tune(
            artist="Yes", title="Heart of the Sunrise", length=686
        )
        await romeo.plugins["xep_0107"].publish_mood("annoyed", "curse my nurse!")
        await romeo.plugins["xep_0172"].publish_nick("Montague")

        await until(lambda: all(juliet.heard.values()))
        tune, mood, nick = [
            juliet.heard[name][-1]["pubsub_event"]["items"]["item"] for name in noted
        ]
        assert (tune["tune"]["artist"], tune["tune"]["length"]) == ("Yes", "686")
        assert (mood["mood"]["value"], mood["mood"]["text"]) == ("annoyed", "curse my nurse!")
        assert nick["nick"]["nick"] == "Montague"
        assert {juliet.heard[name][-1]["from"] for name in noted} == {romeo.boundjid.bare}


async def test_last_tune_comes_to_who_comes(office: ChatServer) -> None:
    """XEP-0163, section 4.3.4."""
    async with person(office, "romeo") as romeo:
        await romeo.plugins["xep_0118"].publish_tune(artist="Finzi", title="Introduction")

    async with person(office, "juliet", "user_tune_publish") as juliet:
        await until(lambda: juliet.heard["user_tune_publish"])
        told = juliet.heard["user_tune_publish"][0]["pubsub_event"]["items"]["item"]["tune"]
        assert told["artist"] == "Finzi"


async def test_avatar_is_published_announced_and_fetched(office: ChatServer) -> None:
    """XEP-0084; XEP-0398: the vCard has it as well, and presence its hash."""
    noted = ("avatar_metadata_publish", "vcard_avatar_update")
    identity = hashlib.sha1(PICTURE, usedforsecurity=False).hexdigest()
    async with person(office, "romeo") as romeo, person(office, "juliet", *noted) as juliet:
        await romeo.plugins["xep_0084"].publish_avatar(PICTURE)
        info = {"id": identity, "type": "image/png", "bytes": len(PICTURE)}
        await romeo.plugins["xep_0084"].publish_avatar_metadata([info])

        await until(lambda: all(juliet.heard.values()))
        told = juliet.heard["avatar_metadata_publish"][-1]["pubsub_event"]["items"]["item"]
        assert [one["id"] for one in told["avatar_metadata"]["items"]] == [identity]
        sender = romeo.boundjid.bare
        fetched = await juliet.plugins["xep_0084"].retrieve_avatar(sender, identity)
        assert fetched["pubsub"]["items"]["item"]["avatar_data"]["value"] == PICTURE
        vcard = await juliet.plugins["xep_0054"].get_vcard(sender, cached=False)
        assert vcard["vcard_temp"]["PHOTO"]["BINVAL"] == PICTURE
        shown = juliet.heard["vcard_avatar_update"][-1]
        assert shown["vcard_temp_update"]["photo"] == identity


async def test_picture_of_a_vcard_is_an_avatar(office: ChatServer) -> None:
    """XEP-0054, XEP-0153; XEP-0398, section 3.2."""
    picture = PICTURE[::-1]
    identity = hashlib.sha1(picture, usedforsecurity=False).hexdigest()
    noted = ("avatar_metadata_publish", "vcard_avatar_update")
    async with person(office, "romeo") as romeo, person(office, "juliet", *noted) as juliet:
        vcard = romeo.plugins["xep_0054"].make_vcard()
        vcard["FN"] = "Romeo Montague"
        await romeo.plugins["xep_0054"].publish_vcard(vcard)
        await romeo.plugins["xep_0153"].set_avatar(avatar=picture, mtype="image/png")

        await until(lambda: identity in [told_avatar(one) for one in heard_avatars(juliet)])
        fetched = await juliet.plugins["xep_0084"].retrieve_avatar(romeo.boundjid.bare, identity)
        assert fetched["pubsub"]["items"]["item"]["avatar_data"]["value"] == picture


def heard_avatars(listener: Person) -> list[slixmpp.Message]:
    return listener.heard["avatar_metadata_publish"]


def told_avatar(message: slixmpp.Message) -> str:
    metadata = message["pubsub_event"]["items"]["item"]["avatar_metadata"]
    return next((str(one["id"]) for one in metadata["items"]), "")


async def test_node_of_the_service_is_made_used_and_deleted(office: ChatServer) -> None:
    """XEP-0060: from creation to deletion, with a subscriber of another account."""
    service, node = f"pubsub.{office.domain}", "princely_musings"
    noted = ("pubsub_publish", "pubsub_retract", "pubsub_purge", "pubsub_delete")
    async with person(office, "romeo") as romeo, person(office, "juliet", *noted) as juliet:
        publishing = romeo.plugins["xep_0060"]
        await publishing.create_node(service, node, config=configuration(romeo))
        await juliet.plugins["xep_0060"].subscribe(service, node)

        await publishing.publish(service, node, id="1", payload=entry("Soliloquy"))
        await publishing.publish(service, node, id="2", payload=entry("Alas"))
        await publishing.retract(service, node, "1", notify=True)
        items = await juliet.plugins["xep_0060"].get_items(service, node)
        (item,) = items["pubsub"]["items"]
        assert item["id"] == "2"
        assert item["payload"].findtext(f"{{{ATOM}}}title") == "Alas"

        await publishing.purge(service, node)
        await publishing.delete_node(service, node)
        of_service = {
            name: [one for one in juliet.heard[name] if one["from"] == service] for name in noted
        }
        assert [len(stanzas) for stanzas in of_service.values()] == [2, 1, 1, 1]


async def test_owner_sees_the_configuration_and_the_subscribers(office: ChatServer) -> None:
    """XEP-0060, sections 8.2 and 8.8."""
    service, node = f"pubsub.{office.domain}", "configured"
    async with person(office, "romeo") as romeo, person(office, "juliet") as juliet:
        await romeo.plugins["xep_0060"].create_node(service, node, config=configuration(romeo))
        await juliet.plugins["xep_0060"].subscribe(service, node)

        config = await romeo.plugins["xep_0060"].get_node_config(service, node)
        values = config["pubsub_owner"]["configure"]["form"].get_values()
        assert values["pubsub#title"] == "Princely Musings"
        subscribed = await romeo.plugins["xep_0060"].get_node_subscriptions(service, node)
        shown = subscribed["pubsub_owner"]["subscriptions"]
        assert [str(one["jid"]) for one in shown] == [juliet.boundjid.bare]


def configuration(client: Person) -> slixmpp.ElementBase:
    """A form that configures a node."""
    form = client.plugins["xep_0004"].make_form(ftype="submit")
    form_type = "http://jabber.org/protocol/pubsub#node_config"
    form.add_field(var="FORM_TYPE", ftype="hidden", value=form_type)
    form.add_field(var="pubsub#title", value="Princely Musings")
    form.add_field(var="pubsub#notify_retract", value="1")
    configured: slixmpp.ElementBase = form
    return configured


async def test_owner_gives_affiliations_and_refuses_by_them(office: ChatServer) -> None:
    """XEP-0060, sections 6.1.3 and 8.9."""
    service, node = f"pubsub.{office.domain}", "balcony"
    async with person(office, "romeo") as romeo, person(office, "juliet") as juliet:
        await romeo.plugins["xep_0060"].create_node(service, node)
        outcasts = [(juliet.boundjid.bare, "outcast")]
        await romeo.plugins["xep_0060"].modify_affiliations(service, node, outcasts)

        with pytest.raises(IqError) as refused:
            await juliet.plugins["xep_0060"].subscribe(service, node)
        assert refused.value.condition == "forbidden"
        members = [(juliet.boundjid.bare, "none")]
        await romeo.plugins["xep_0060"].modify_affiliations(service, node, members)
        await juliet.plugins["xep_0060"].subscribe(service, node)
        await juliet.plugins["xep_0060"].unsubscribe(service, node)


async def test_private_data_stay_private_and_displayed_chats_are_shared(office: ChatServer) -> None:
    """XEP-0223 and XEP-0490."""
    async with person(office, "romeo") as romeo, person(office, "juliet") as juliet:
        await romeo.plugins["xep_0490"].flag_chat(juliet.boundjid.bare, "0f710f2b")

        caught_up = await romeo.plugins["xep_0490"].catch_up()
        shown = caught_up["pubsub"]["items"]["item"]
        assert shown["id"] == juliet.boundjid.bare
        assert shown["displayed"]["stanza_id"]["id"] == "0f710f2b"
        with pytest.raises(IqError) as refused:
            await juliet.plugins["xep_0060"].get_items(
                romeo.boundjid.bare, "urn:xmpp:mds:displayed:0"
            )
        assert refused.value.condition in {"not-allowed", "forbidden"}


async def test_bookmarks_of_old_and_of_today_are_the_same(office: ChatServer) -> None:
    """XEP-0402, section 4, and XEP-0048, in PEP and in private storage."""
    room = f"orchard@conference.{office.domain}"
    async with person(office, "romeo") as romeo:
        old = romeo.plugins["xep_0048"].stanza.Bookmarks()
        old.add_conference(room, "Romeo", name="The orchard", autojoin=True)
        await romeo.plugins["xep_0048"].set_bookmarks(old, method="xep_0049")

        items = await romeo.plugins["xep_0060"].get_items(romeo.boundjid.bare, BOOKMARKS)
        (item,) = items["pubsub"]["items"]
        assert item["id"] == room
        conference = item["payload"]
        assert conference.get("name") == "The orchard"
        assert conference.findtext(f"{{{BOOKMARKS}}}nick") == "Romeo"
        conference.set("name", "The Capulets' orchard")
        await romeo.plugins["xep_0060"].publish(
            romeo.boundjid.bare, BOOKMARKS, id=room, payload=conference
        )
        again = await romeo.plugins["xep_0048"].get_bookmarks(method="xep_0049")
        (shown,) = again["private"]["bookmarks"]["conferences"]
        assert shown["name"] == "The Capulets' orchard"
        assert shown["autojoin"]
