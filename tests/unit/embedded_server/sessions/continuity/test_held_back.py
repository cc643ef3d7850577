"""What waits for a client (XEP-0352; XEP-0198, section 5)."""

from embedded_server.sessions.continuity.held_back import HeldBack

MANY = 65_536
ROOM = "<x xmlns='http://jabber.org/protocol/muc#user'/>"


def held(*stanzas: str) -> HeldBack:
    kept = HeldBack()
    for stanza in stanzas:
        kept.add(stanza.encode(), None, room_bytes=MANY)
    return kept


def shown(kept: HeldBack) -> list[str]:
    return [one.stanza.decode() for one in kept.undelivered]


def test_newest_presence_of_a_sender_takes_the_place_of_the_one_before() -> None:
    kept = held(
        "<presence from='juliet@capulet.lit/balcony'/>",
        "<presence from='nurse@capulet.lit/hall'/>",
        "<message id='1'/>",
        "<presence type='unavailable' from='juliet@capulet.lit/balcony'/>",
    )

    assert shown(kept) == [
        "<presence from='nurse@capulet.lit/hall'/>",
        "<message id='1'/>",
        "<presence type='unavailable' from='juliet@capulet.lit/balcony'/>",
    ]
    assert kept.size_bytes == sum(map(len, shown(kept)))


def test_messages_and_questions_keep_their_order_and_number() -> None:
    stanzas = [
        "<message id='1'/>",
        "<message id='1'/>",
        "<presence type='subscribe' from='juliet@capulet.lit'/>",
        "<presence type='subscribe' from='juliet@capulet.lit'/>",
        "<iq id='1'/>",
    ]

    assert shown(held(*stanzas)) == stanzas


def test_who_leaves_a_room_and_comes_back_is_told_of_both() -> None:
    """XEP-0045: why somebody has left is more than a state."""
    there = f"<presence from='coven@chat/witch'>{ROOM}</presence>"
    gone = f"<presence from='coven@chat/witch' type='unavailable'>{ROOM}</presence>"

    assert shown(held(there, gone, there)) == [gone, there]


def test_presence_to_the_account_and_to_the_resource_are_two() -> None:
    to_account = "<presence from='a@b/c' to='romeo@montague.lit'/>"
    to_resource = "<presence from='a@b/c' to='romeo@montague.lit/orchard'/>"

    assert shown(held(to_account, to_resource)) == [to_account, to_resource]


def test_oldest_is_taken_out_first() -> None:
    kept = HeldBack()
    kept.add(b"<message id='1'/>", 7, room_bytes=MANY)
    kept.add(b"<message id='2'/>", None, room_bytes=MANY)

    assert kept.stored_count == 1
    first = kept.pop()

    assert (first.stanza, first.spool_id) == (b"<message id='1'/>", 7)
    assert (len(kept), kept.stored_count, kept.size_bytes) == (1, 0, 17)


def test_stored_message_beyond_the_room_is_kept_by_its_row_alone() -> None:
    kept = HeldBack()
    kept.add(b"<message id='1'/>", 7, room_bytes=20)
    kept.add(b"<message id='2'/>", 8, room_bytes=20)

    assert [one[:2] for one in kept.undelivered] == [(b"<message id='1'/>", 7), (b"", 8)]
