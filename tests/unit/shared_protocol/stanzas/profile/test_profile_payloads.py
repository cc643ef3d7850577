"""vCards, avatars, bookmarks, private data and searches, read and written."""

import base64
from xml.etree.ElementTree import Element, fromstring

import pytest

from shared_protocol.addresses import BareJid
from shared_protocol.errors import MalformedStanzaError, StanzaCondition, StanzaError
from shared_protocol.stanzas.profile import (
    avatars,
    bookmarks,
    photo_hashes,
    private_data,
    user_search,
    vcards,
)
from shared_protocol.stanzas.profile.avatars import AvatarInfo
from shared_protocol.stanzas.profile.bookmarks import Bookmark
from shared_protocol.stanzas.profile.user_search import FoundUser
from shared_protocol.stanzas.profile.vcards import DirectoryFacts, Photo
from shared_protocol.xml.writer import serialise

ROOM = BareJid.parse("council@conference.underhill.org")
HASH = "01b87fcd030b72895ff8e88db57ec525450f000d"


def read(text: str) -> Element:
    return fromstring(text)  # noqa: S314 - our own text


# Avatars (XEP-0084).


def test_metadata_survives_a_round_trip() -> None:
    infos = (
        AvatarInfo(HASH, 12_345, "image/png", 64, 48),
        AvatarInfo("x", 1, "image/gif", url="http://avatars.example.org/happy.gif"),
    )

    assert avatars.infos_from_element(avatars.infos_to_element(infos)) == infos
    assert avatars.infos_from_element(avatars.infos_to_element(())) == ()


def test_picture_survives_a_round_trip_with_line_feeds() -> None:
    data = avatars.data_to_element(b"picture" * 20)
    data.text = "\n".join([(data.text or "")[:20], (data.text or "")[20:]])

    assert avatars.data_from_element(data) == b"picture" * 20


def test_id_is_the_sha1_of_the_bytes() -> None:
    assert avatars.id_of(b"abc") == "a9993e364706816aba3e25717850c26c9cd0d89d"


@pytest.mark.parametrize(
    "text",
    [
        "<metadata/>",
        "<metadata xmlns='urn:xmpp:avatar:metadata'><info id='x' type='image/png'/></metadata>",
        "<metadata xmlns='urn:xmpp:avatar:metadata'><info id='x' bytes='1'/></metadata>",
        "<metadata xmlns='urn:xmpp:avatar:metadata'><info type='x' bytes='1'/></metadata>",
        "<metadata xmlns='urn:xmpp:avatar:metadata'><info id='x' type='y' bytes='-1'/></metadata>",
    ],
)
def test_what_is_no_metadata_is_malformed(text: str) -> None:
    with pytest.raises(MalformedStanzaError):
        avatars.infos_from_element(read(text))


@pytest.mark.parametrize(
    "text",
    [
        "<data/>",
        "<data xmlns='urn:xmpp:avatar:data'/>",
        "<data xmlns='urn:xmpp:avatar:data'>no Base64!</data>",
        "<data xmlns='urn:xmpp:avatar:data'>Ž</data>",
    ],
)
def test_what_is_no_picture_is_malformed(text: str) -> None:
    with pytest.raises(MalformedStanzaError):
        avatars.data_from_element(read(text))


# Hashes in presence (XEP-0153, 0398).


def presence(content: str) -> Element:
    return read(f"<presence xmlns='jabber:client'>{content}</presence>")


@pytest.mark.parametrize(
    ("content", "said"),
    [("", None), ("<photo/>", ""), (f"<photo> {HASH} </photo>", HASH)],
)
def test_what_is_said_of_a_photo(content: str, said: str | None) -> None:
    update = read(f"<x xmlns='vcard-temp:x:update'>{content}</x>")

    assert photo_hashes.hash_from_element(update) == said


@pytest.mark.parametrize(
    ("content", "is_changed", "said"),
    [
        ("", True, [HASH]),
        ("<x xmlns='vcard-temp:x:update'/>", True, [HASH]),
        ("<x xmlns='vcard-temp:x:update'><photo>other</photo></x>", True, [HASH]),
        (f"<x xmlns='vcard-temp:x:update'><photo>{HASH}</photo></x>", False, [HASH]),
        ("<x xmlns='vcard-temp:x:update'><photo/></x>", False, [""]),
        ("<x xmlns='vcard-temp:x:update'/><x xmlns='vcard-temp:x:update'/>", True, [HASH]),
    ],
)
def test_true_hash_is_put_in(content: str, said: list[str], *, is_changed: bool) -> None:
    stanza = presence(content)

    assert photo_hashes.put_hash(stanza, HASH) is is_changed

    updates = stanza.findall(photo_hashes.UPDATE)
    assert [photo_hashes.hash_from_element(one) for one in updates] == said


def test_what_is_no_update_is_malformed() -> None:
    with pytest.raises(MalformedStanzaError):
        photo_hashes.hash_from_element(Element("x"))


# vCards (XEP-0054).


def vcard(content: str) -> Element:
    return read(f"<vCard xmlns='vcard-temp'>{content}</vCard>")


def test_photo_is_put_taken_and_read() -> None:
    card = vcard("<FN>Juliet</FN><PHOTO><EXTVAL>http://x.example/</EXTVAL></PHOTO>")
    assert vcards.photo_of(card) is None

    vcards.put_photo(card, Photo(b"abc", "image/gif"))
    photo = vcards.photo_of(card)
    vcards.take_photo(card)

    assert photo == Photo(b"abc", "image/gif")
    assert serialise(card) == b"<vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard>"


def test_photo_without_a_type_is_png() -> None:
    written = base64.b64encode(b"abc").decode()

    assert vcards.photo_of(vcard(f"<PHOTO><BINVAL>{written}</BINVAL></PHOTO>")) == Photo(
        b"abc", "image/png"
    )


def test_photo_that_names_a_place_stays_and_an_empty_one_goes() -> None:
    card = vcard("<PHOTO><EXTVAL>http://x.example/</EXTVAL></PHOTO><PHOTO/>")

    vcards.take_photo(card)

    assert serialise(card).count(b"<PHOTO>") == 1


def test_facts_for_the_directory() -> None:
    """XEP-0054, the example of section 3.1, shortened."""
    card = vcard(
        "<FN>Peter Saint-Andre</FN><N><FAMILY>Saint-Andre</FAMILY><GIVEN>Peter</GIVEN><MIDDLE/></N>"
        "<NICKNAME>stpeter</NICKNAME>"
        "<EMAIL><INTERNET/><PREF/><USERID>stpeter@jabber.org</USERID></EMAIL>"
    )

    facts = vcards.directory_facts(card)

    assert facts == DirectoryFacts(
        "Peter", "Saint-Andre", "stpeter", "stpeter@jabber.org", "Peter Saint-Andre"
    )
    assert facts.is_listed


@pytest.mark.parametrize(
    ("content", "is_listed"),
    [
        ("<FN>Peter</FN><CLASS><PUBLIC/></CLASS>", True),
        ("<FN>Peter</FN><CLASS/>", True),
        ("<FN>Peter</FN><CLASS><PRIVATE/></CLASS>", False),
        ("<FN>Peter</FN><CLASS><CONFIDENTIAL/></CLASS>", False),
        ("<DESC>No name</DESC>", False),
    ],
)
def test_vcard_decides_who_is_listed(content: str, *, is_listed: bool) -> None:
    assert vcards.directory_facts(vcard(content)).is_listed is is_listed


def test_what_is_no_vcard_is_malformed() -> None:
    for reader in (vcards.require_vcard, vcards.photo_of, vcards.directory_facts):
        with pytest.raises(MalformedStanzaError):
            reader(Element("vCard"))


# Bookmarks (XEP-0402, 0048).


def test_bookmark_survives_a_round_trip() -> None:
    bookmark = Bookmark("Council of Oberon", True, "Puck", "secret")  # noqa: FBT003 - a value

    assert bookmarks.from_element(bookmarks.to_element(bookmark)) == bookmark
    assert bookmarks.from_element(bookmarks.to_element(Bookmark())) == Bookmark()


def test_minimal_bookmark_is_legal() -> None:
    """XEP-0402, example 2."""
    assert bookmarks.from_element(read("<conference xmlns='urn:xmpp:bookmarks:1'/>")) == Bookmark()


def test_extensions_are_kept() -> None:
    before = read(
        "<conference xmlns='urn:xmpp:bookmarks:1'><extensions><a xmlns='u:a'/></extensions>"
        "</conference>"
    )

    written = serialise(bookmarks.to_element(Bookmark("Other"), before))

    assert b"name='Other'><extensions><a xmlns='u:a'/></extensions>" in written


def test_list_survives_a_round_trip_without_what_has_no_address() -> None:
    url = read("<url xmlns='storage:bookmarks' name='Works' url='http://x.example/'/>")
    storage = bookmarks.storage_to_element([(ROOM, Bookmark("Council"))], [url])
    storage.append(read("<conference xmlns='storage:bookmarks' jid='a@b@c'/>"))

    assert bookmarks.storage_from_element(storage) == {ROOM: Bookmark("Council")}
    assert bookmarks.others_in(storage) == [url]


def test_what_is_no_bookmark_is_malformed() -> None:
    for reader in (bookmarks.from_element, bookmarks.storage_from_element):
        with pytest.raises(MalformedStanzaError):
            reader(Element("conference"))


# Private data (XEP-0049).


def test_elements_of_private_data() -> None:
    query = read("<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'/></query>")

    assert [one.tag for one in private_data.elements_of(query)] == ["{exodus:prefs}exodus"]


@pytest.mark.parametrize("content", ["", "<x xmlns=''/>", "<x/>"])
def test_private_data_has_namespaces_of_its_own(content: str) -> None:
    with pytest.raises(StanzaError) as refused:
        private_data.elements_of(read(f"<query xmlns='jabber:iq:private'>{content}</query>"))

    assert refused.value.condition is StanzaCondition.NOT_ACCEPTABLE


def test_what_is_no_private_data_is_malformed() -> None:
    with pytest.raises(MalformedStanzaError):
        private_data.elements_of(Element("query"))


# Search (XEP-0055).


@pytest.mark.parametrize(
    ("content", "has_form"),
    [
        ("<last> Capulet </last><nick/>", False),
        (
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
            "<value>jabber:iq:search</value></field>"
            "<field var='last'><value>Capulet</value></field>"
            "<field var='x-gender'><value>male</value></field></x>",
            True,
        ),
    ],
)
def test_search_is_read(content: str, *, has_form: bool) -> None:
    search = user_search.search_from_element(
        read(f"<query xmlns='jabber:iq:search'>{content}</query>")
    )

    assert search == user_search.Search({"last": "Capulet"}, has_form)


@pytest.mark.parametrize("has_form", [True, False])
def test_found_users_are_written(*, has_form: bool) -> None:
    user = FoundUser(BareJid.parse("juliet@capulet.com"), "Juliet", "Capulet", "JuliC", "")

    written = serialise(user_search.found_to_element([user], has_form=has_form)).decode()

    assert "juliet@capulet.com" in written
    assert "JuliC" in written
    assert ("jabber:x:data" in written) is has_form


def test_what_is_no_search_is_malformed() -> None:
    with pytest.raises(MalformedStanzaError):
        user_search.search_from_element(Element("query"))
