from typing import Any
from xml.etree.ElementTree import Element, SubElement

import pytest

from shared_protocol.addresses import BareJid, parse_jid
from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.senders import (
    Accepts,
    ForgedSenderError,
    SenderContext,
    is_accepted,
    is_from,
    require_from,
    sender_of,
)

ROMEO = BareJid.parse("romeo@montague.lit")
COVEN = BareJid.parse("coven@chat.shakespeare.lit")
WITCH = "coven@chat.shakespeare.lit/firstwitch"
JULIET = "juliet@capulet.lit"


def context(**parts: Any) -> SenderContext:
    return SenderContext(ROMEO, **parts)


def stanza(sender: str | None, stanza_id: str = "") -> Element:
    element = Element("message", id=stanza_id)
    if sender is not None:
        element.set("from", sender)
    return element


IN_ROOM = context(rooms={COVEN})
WITH_JULIET = context(expected=parse_jid(f"{JULIET}/balcony"))
ARCHIVE = context(expected=ROMEO)
ROOM_ARCHIVE = context(expected=COVEN)
ASKED_JULIET = context(open_requests={"q1": parse_jid(f"{JULIET}/balcony")})
ASKED_OWN = context(open_requests={"q1": None})
ASKED_SERVER = context(open_requests={"q1": parse_jid("montague.lit")})

BELIEVED = [
    (Accepts.OWN_ACCOUNT, context(), None),
    (Accepts.OWN_ACCOUNT, context(), "romeo@montague.lit"),
    (Accepts.OWN_ACCOUNT, context(), "ROMEO@Montague.lit"),
    (Accepts.OWN_SERVER, context(), None),
    (Accepts.OWN_SERVER, context(), "montague.lit"),
    (Accepts.ASKED, ASKED_JULIET, f"{JULIET}/balcony"),
    (Accepts.ASKED, ASKED_OWN, None),
    (Accepts.ASKED, ASKED_OWN, "romeo@montague.lit"),
    (Accepts.ASKED, ASKED_OWN, "montague.lit"),
    (Accepts.ASKED, ASKED_SERVER, "montague.lit"),
    (Accepts.ARCHIVE, ARCHIVE, None),
    (Accepts.ARCHIVE, ARCHIVE, "romeo@montague.lit"),
    (Accepts.ARCHIVE, ROOM_ARCHIVE, str(COVEN)),
    (Accepts.ROOM, IN_ROOM, str(COVEN)),
    (Accepts.OCCUPANT, IN_ROOM, WITCH),
    (Accepts.COUNTERPART, WITH_JULIET, JULIET),
    (Accepts.COUNTERPART, WITH_JULIET, f"{JULIET}/chamber"),
    (Accepts.ANYONE, context(), "tybalt@capulet.lit"),
    (Accepts.ANYONE, context(), None),
]
FORGED = [
    (Accepts.OWN_ACCOUNT, context(), "romeo@montague.lit/orchard"),
    (Accepts.OWN_ACCOUNT, context(), "montague.lit"),
    (Accepts.OWN_ACCOUNT, context(), JULIET),
    (Accepts.OWN_SERVER, context(), "capulet.lit"),
    (Accepts.OWN_SERVER, context(), "tybalt@montague.lit"),
    (Accepts.OWN_SERVER, context(), "montague.lit/door"),
    (Accepts.ASKED, ASKED_JULIET, JULIET),
    (Accepts.ASKED, ASKED_JULIET, None),
    (Accepts.ASKED, ASKED_JULIET, f"{JULIET}/chamber"),
    (Accepts.ASKED, ASKED_OWN, JULIET),
    (Accepts.ASKED, context(), None),
    (Accepts.ARCHIVE, context(), None),
    (Accepts.ARCHIVE, ARCHIVE, JULIET),
    (Accepts.ARCHIVE, ROOM_ARCHIVE, WITCH),
    (Accepts.ROOM, context(), str(COVEN)),
    (Accepts.ROOM, IN_ROOM, WITCH),
    (Accepts.ROOM, IN_ROOM, None),
    (Accepts.OCCUPANT, IN_ROOM, str(COVEN)),
    (Accepts.OCCUPANT, context(), WITCH),
    (Accepts.COUNTERPART, WITH_JULIET, "tybalt@capulet.lit"),
    (Accepts.COUNTERPART, WITH_JULIET, None),
    (Accepts.COUNTERPART, context(), JULIET),
]


@pytest.mark.parametrize(("accepts", "judge", "sender"), BELIEVED)
def test_right_sender_is_believed(
    accepts: Accepts, judge: SenderContext, sender: str | None
) -> None:
    require_from(stanza(sender, "q1"), accepts, judge)


@pytest.mark.parametrize(("accepts", "judge", "sender"), FORGED)
def test_forged_sender_is_refused(
    accepts: Accepts, judge: SenderContext, sender: str | None
) -> None:
    with pytest.raises(ForgedSenderError, match=accepts.name):
        require_from(stanza(sender, "q1"), accepts, judge)


def test_every_declaration_but_anyone_has_a_forged_stanza_here() -> None:
    assert {accepts for accepts, _, _ in FORGED} == set(Accepts) - {Accepts.ANYONE}
    assert {accepts for accepts, _, _ in BELIEVED} == set(Accepts)


def test_answer_with_an_id_that_is_not_open_is_refused() -> None:
    assert is_from(stanza(f"{JULIET}/balcony", "q1"), Accepts.ASKED, ASKED_JULIET)
    assert not is_from(stanza(f"{JULIET}/balcony", "q2"), Accepts.ASKED, ASKED_JULIET)


@pytest.mark.parametrize(
    ("ids", "is_believed"),
    [(["one"], True), (["two"], False), ([], False), (["one", "two"], False)],
)
def test_change_of_a_message_is_believed_of_its_author_only(
    ids: list[str], *, is_believed: bool
) -> None:
    # XEP-0421, section 3
    change = stanza(WITCH)
    for occupant_id in ids:
        SubElement(change, "{urn:xmpp:occupant-id:0}occupant-id", id=occupant_id)

    assert is_from(change, Accepts.OCCUPANT, context(rooms={COVEN}, occupant_id="one")) is (
        is_believed
    )


def test_address_alone_can_be_judged() -> None:
    asked = context(expected=parse_jid(JULIET))

    assert is_accepted(parse_jid(JULIET), Accepts.ASKED, asked)
    assert not is_accepted(parse_jid("tybalt@capulet.lit"), Accepts.ASKED, asked)


def test_sender_that_is_no_address_is_refused() -> None:
    with pytest.raises(MalformedStanzaError, match="no valid sender"):
        require_from(stanza("@montague.lit"), Accepts.ANYONE, context())


def test_stanza_without_sender_names_nobody() -> None:
    assert sender_of(stanza(None)) is None
