"""What a session does with the stanzas of a logged-in stream (docs/security.md, rows 39 to 73)."""

from datetime import UTC, datetime

import pytest

from communicator.session.errors import (
    NotConnectedError,
    RequestRefusedError,
)
from communicator.session.identity_feature import CAPABILITIES
from communicator.session.message_feature import LONGEST_BODY_BYTES
from communicator.session.ports import ContactPresence, IncomingMessage, OutgoingMessage
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.connection import TroubleKind
from communicator.state.presence import Availability
from communicator.state.roster import ContactRequest
from communicator.state.task_owner import TaskOwner
from shared_protocol.addresses import BareJid, FullJid
from shared_protocol.errors import StanzaCondition
from shared_protocol.stanzas.roster import RosterItem, Subscription
from tests.helpers.online_session import OnlineSession, online_session
from tests.helpers.private_authority import IssuedCertificate, PrivateAuthority
from tests.helpers.scripted_server import BIND_FEATURE, SM_FEATURE
from tests.helpers.session_diary import until

pytestmark = [pytest.mark.asyncio, pytest.mark.network]

JULIET = BareJid.parse("juliet@capulet.lit")
BALCONY = FullJid.parse("juliet@capulet.lit/balcony")
STRANGER = "tybalt@capulet.lit/street"
ROSTER = (
    "<query xmlns='jabber:iq:roster'>"
    "<item jid='juliet@capulet.lit' name='Juliet' subscription='both'><group>Loved</group></item>"
    "<item jid='no address at all' subscription='both'/>"
    "<item jid='benvolio@montague.lit' subscription='none' ask='subscribe'/></query>"
)
JULIETS_ITEM = RosterItem(JULIET, "Juliet", Subscription.BOTH, ("Loved",))


async def roster(online: OnlineSession, answer: str = ROSTER) -> list[RosterItem]:
    """Fetch the roster while the server answers."""
    tasks = TaskOwner()
    answering = tasks.spawn(online.peer.answer("jabber:iq:roster", answer), "server")
    items = await online.session.fetch_roster()
    await answering
    return items


async def test_the_roster_is_read_and_a_broken_item_is_left_out(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        items = await roster(online)
    assert items == [JULIETS_ITEM, RosterItem(BareJid.parse("benvolio@montague.lit"), ask=True)]


async def test_a_roster_above_the_usual_limit_comes_whole(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 6121, section 2.1.3: the answer is the whole roster; 5,000 items are over 256 KiB."""
    item = "<item jid='servant{}@capulet.lit' subscription='both'><group>Servants</group></item>"
    written = "".join(item.format(number) for number in range(5_000))
    async with online_session(authority, certificate) as online:
        items = await roster(online, f"<query xmlns='jabber:iq:roster'>{written}</query>")
        assert len(items) == 5_000
        assert len(written) > 262_144
        await online.peer.send("<message><body>" + "A" * 300_000)  # granted for that answer only
        await until(lambda: online.diary.disconnected)
        assert online.diary.disconnected[0].kind is TroubleKind.PROTOCOL


async def test_a_push_of_the_own_account_is_told_and_answered(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 6121, section 2.1.6."""
    async with online_session(authority, certificate) as online:
        for sender in ("", " from='romeo@montague.lit'"):
            await online.peer.send(
                f"<iq type='set' id='a1'{sender}><query xmlns='jabber:iq:roster'>"
                "<item jid='juliet@capulet.lit' subscription='remove'/></query></iq>"
            )
            await online.peer.read_until("<iq id='a1' type='result'")
    removed = RosterItem(JULIET, subscription=Subscription.REMOVE)
    assert online.diary.pushed == [removed, removed]


@pytest.mark.parametrize(
    "sender",
    ["montague.lit", "juliet@capulet.lit", STRANGER, "romeo@montague.lit/other", "capulet.lit"],
)
async def test_r39_a_push_of_anybody_else_is_refused(
    sender: str, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 6121, section 2.1.6: ignore it unless it is from the own bare JID, or has no from."""
    async with online_session(authority, certificate) as online:
        await online.peer.send(
            f"<iq type='set' id='a1' from='{sender}'><query xmlns='jabber:iq:roster'>"
            "<item jid='tybalt@capulet.lit' subscription='both'/></query></iq>"
        )
        await online.peer.read_until("<iq id='a1' type='error'.*<service-unavailable")
    assert online.diary.pushed == []


async def test_r40_answers_of_others_than_the_one_asked_are_not_believed(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """CVE-2013-6483 and its kind: who was asked, same id, still open."""
    async with online_session(authority, certificate) as online:

        async def answer() -> None:
            found = await online.peer.read_until("<iq id='([^']*)'[^>]*>.*jabber:iq:roster.*</iq>")
            assert len(found[1]) >= 16  # random, and no counter
            forged = ROSTER.replace("juliet", "tybalt")
            for sender in (STRANGER, "capulet.lit", "tybalt@montague.lit"):
                text = f"<iq type='result' from='{sender}' id='{found[1]}'>{forged}</iq>"
                await online.peer.send(text)
            await online.peer.send(f"<iq type='result' id='{found[1]}'>{ROSTER}</iq>")

        answering = TaskOwner().spawn(answer(), "server")
        items = await online.session.fetch_roster()
        await answering
    assert JULIETS_ITEM in items


async def test_changing_the_roster_says_name_and_groups_and_raises_what_the_server_refuses(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:

        async def answer() -> None:
            found = await online.peer.read_until(
                "<iq id='([^']*)' type='set'><query xmlns='jabber:iq:roster'>"
                "<item jid='juliet@capulet.lit' name='J'><group>Loved</group></item></query></iq>"
            )
            await online.peer.send(f"<iq type='result' id='{found[1]}'/>")
            found = await online.peer.read_until(
                "<iq id='([^']*)' type='set'>.*subscription='remove'.*</iq>"
            )
            await online.peer.send(
                f"<iq type='error' id='{found[1]}'><error type='cancel'>"
                "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            )

        answering = TaskOwner().spawn(answer(), "server")
        await online.session.set_roster_item(JULIET, "J", ["Loved"])
        with pytest.raises(RequestRefusedError) as raised:
            await online.session.remove_roster_item(JULIET)
        await answering
    assert raised.value.condition is StanzaCondition.ITEM_NOT_FOUND


async def test_presence_is_told_in_the_words_of_the_state(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 6121, section 4.7."""
    async with online_session(authority, certificate) as online:
        await online.peer.send(
            f"<presence from='{BALCONY}'><show>dnd</show><status>asleep</status>"
            "<priority>5</priority></presence>"
            f"<presence from='{BALCONY}'><show>new</show></presence>"
            f"<presence from='{BALCONY}' type='nonsense'/>"
            f"<presence from='{BALCONY}' type='unavailable'/>"
            f"<presence from='{JULIET}' type='error'/>"
            "<presence from='@' />"
            f"<presence from='{STRANGER}' type='subscribe'><status>let me in</status></presence>"
            f"<presence from='{STRANGER}' type='unsubscribe'/>"
        )
        await until(lambda: online.diary.withdrawn)
    tybalt = BareJid.parse("tybalt@capulet.lit")
    assert online.diary.presences == [
        ContactPresence(BALCONY, Availability.DND, "asleep", 5),
        ContactPresence(BALCONY, Availability.AVAILABLE),
        ContactPresence(BALCONY, Availability.OFFLINE),
        ContactPresence(JULIET, Availability.OFFLINE),
    ]
    assert online.diary.requests == [ContactRequest(tybalt, "let me in")]
    assert online.diary.withdrawn == [tybalt]


async def test_nothing_is_subscribed_or_approved_by_itself(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """slixmpp answers requests by itself; here people do."""
    async with online_session(authority, certificate) as online:
        await online.peer.send(f"<presence from='{STRANGER}' type='subscribe'/>")
        await until(lambda: online.diary.requests)
        online.session.approve(JULIET)
        await online.peer.read_until("<presence[^>]*type='subscribed'[^>]*/>")
    assert b"type='subscribe'" not in online.server.heard
    assert b"tybalt" not in online.server.heard


async def test_own_presence_has_show_status_and_capabilities(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        online.session.send_presence(Availability.XA, "gone to <Mantua>\x00")
        found = await online.peer.read_until("<presence>.*</presence>")
    assert "<show>xa</show><status>gone to &lt;Mantua&gt;\ufffd</status>" in found[0]
    assert f"ver='{CAPABILITIES.version}'" in found[0]


async def test_a_message_has_its_id_for_life_and_asks_for_a_receipt(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        online.session.send_message(OutgoingMessage(JULIET, "But <soft>!\x07", "o1"))
        found = await online.peer.read_until("<message.*?</message>")
    assert "to='juliet@capulet.lit' type='chat' id='o1'" in found[0]
    assert "<body>But &lt;soft&gt;!\ufffd</body>" in found[0]
    assert "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>" in found[0]
    assert "<request xmlns='urn:xmpp:receipts'/>" in found[0]
    assert "<active " in found[0]


async def test_incoming_messages_are_read_with_all_that_belongs_to_them(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        await online.peer.send(
            f"<message from='{BALCONY}' type='chat' id='m1'><body>Romeo</body>"
            "<request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"
            "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@montague.lit' id='s1'/>"
            "<delay xmlns='urn:xmpp:delay' stamp='2026-03-02T09:30:00Z' from='montague.lit'/>"
            "</message>"
            f"<message from='{BALCONY}' id='m2'><body>O Romeo</body></message>"
            f"<message from='{BALCONY}' type='groupchat'><body>no</body></message>"
            f"<message from='{BALCONY}' type='headline'><body>no</body></message>"
            f"<message from='{BALCONY}' type='chat'>"
            "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
            f"<message from='{BALCONY}' type='chat'>"
            "<received xmlns='urn:xmpp:receipts' id='o9'/></message>"
        )
        await until(lambda: online.diary.receipts)
    first = IncomingMessage(
        sender=BALCONY,
        body="Romeo",
        origin_id="o1",
        receipt_id="m1",
        wants_receipt=True,
        delayed_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        # no stanza id: this server never announced that it gives such (XEP-0359, section 6)
    )
    second = IncomingMessage(sender=BALCONY, body="O Romeo", origin_id="m2", receipt_id="m2")
    assert online.diary.messages == [first, second]
    assert [change.is_composing for change in online.diary.chat_states] == [False, False, True]
    assert [(it.origin_id, it.sender) for it in online.diary.receipts] == [("o9", BALCONY)]


async def test_receipts_are_sent_when_asked_for_and_never_by_themselves(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        await online.peer.send(
            f"<message from='{BALCONY}' type='chat' id='m1'><body>Romeo</body>"
            "<request xmlns='urn:xmpp:receipts'/></message>"
        )
        await until(lambda: online.diary.messages)
        online.session.send_chat_state(JULIET, is_composing=True)
        await online.peer.read_until("<composing")
        assert b"<received" not in online.server.heard
        online.session.send_receipt(online.diary.messages[0])
        found = await online.peer.read_until("<message to='([^']*)'.*<received[^>]*id='([^']*)'")
    assert found.groups() == (str(BALCONY), "m1")


async def test_a_message_that_comes_back_is_refused_with_a_sentence(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        await online.peer.send(
            f"<message from='{JULIET}' type='error' id='o1'><body>hi</body><error type='cancel'>"
            "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        )
        await until(lambda: online.diary.refused)
    refusal = online.diary.refused[0]
    assert (refusal.origin_id, refusal.sender) == ("o1", JULIET)
    assert refusal.text == "There is nobody at this address."
    assert online.diary.messages == []


async def test_a_message_that_no_server_would_take_is_refused_here(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        too_long = "A" * (LONGEST_BODY_BYTES + 1)
        online.session.send_message(OutgoingMessage(JULIET, too_long, "o1"))
        await until(lambda: online.diary.refused)
    assert online.diary.refused[0].condition is StanzaCondition.POLICY_VIOLATION
    assert b"<message" not in online.server.heard


async def test_without_stream_management_a_ping_proves_what_the_server_took(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        for number in range(3):
            online.session.send_message(OutgoingMessage(JULIET, "hi", f"o{number}"))
        assert online.diary.acknowledged == []
        await online.peer.answer("urn:xmpp:ping")
        await until(lambda: len(online.diary.acknowledged) == 3)
    assert online.diary.acknowledged == ["o0", "o1", "o2"]


async def test_with_stream_management_the_server_acknowledges_in_order(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """XEP-0198, section 4; the question for the features of the account counts too."""
    async with online_session(authority, certificate, BIND_FEATURE + SM_FEATURE) as online:
        for number in range(2):
            online.session.send_message(OutgoingMessage(JULIET, "hi", f"o{number}"))
        await online.peer.read_until("<r xmlns='urn:xmpp:sm:3'/>")
        await online.peer.send("<a xmlns='urn:xmpp:sm:3' h='2'/>")
        await until(lambda: online.diary.acknowledged)
        assert online.diary.acknowledged == ["o0"]
        await online.peer.read_until("<r xmlns='urn:xmpp:sm:3'/>")
        await online.peer.send("<a xmlns='urn:xmpp:sm:3' h='3'/>")
        await until(lambda: len(online.diary.acknowledged) == 2)
    assert online.diary.acknowledged == ["o0", "o1"]


async def test_what_came_is_counted_and_told(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """XEP-0198, section 4: stanzas only; the answer to the first question was the first."""
    async with online_session(authority, certificate, BIND_FEATURE + SM_FEATURE) as online:
        message = f"<message from='{BALCONY}'><body>hi</body></message>"
        await online.peer.send(2 * message + "<r xmlns='urn:xmpp:sm:3'/>")
        found = await online.peer.read_until("<a xmlns='urn:xmpp:sm:3' h='([0-9]+)'/>")
    assert found[1] == "3"


async def test_what_came_is_told_once_more_before_the_session_ends(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """XEP-0198, section 4: so that the server need not keep it for the next session."""
    async with online_session(authority, certificate, BIND_FEATURE + SM_FEATURE) as online:
        await online.peer.send(f"<message from='{BALCONY}'><body>hi</body></message>")
        await until(lambda: online.diary.messages)
    assert b"<a xmlns='urn:xmpp:sm:3' h='2'/>" in online.server.heard


async def test_a_message_is_acknowledged_only_once_it_is_stored(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """XEP-0198, section 4: so that the server still has it if this program is killed before."""
    features = BIND_FEATURE + SM_FEATURE
    message = f"<message from='{BALCONY}'><body>hi</body></message>"
    presence = f"<presence from='{BALCONY}'/>"
    async with online_session(authority, certificate, features, waits_for_storage=True) as online:
        await online.peer.send(message + presence + message + "<r xmlns='urn:xmpp:sm:3'/>")
        found = await online.peer.read_until("<a xmlns='urn:xmpp:sm:3' h='([0-9]+)'/>")
        assert found[1] == "1"  # the answer to the first question
        online.session.confirm_stored(online.diary.messages[1])
        online.session.confirm_stored(online.diary.messages[0])
        found = await online.peer.read_until("<a xmlns='urn:xmpp:sm:3' h='([0-9]+)'/>")
        assert found[1] == "4"
        online.session.confirm_stored(online.diary.messages[0])  # changes nothing
        await online.peer.send("<r xmlns='urn:xmpp:sm:3'/>")
        found = await online.peer.read_until("<a xmlns='urn:xmpp:sm:3' h='([0-9]+)'/>")
        assert found[1] == "4"


async def test_an_acknowledgement_of_what_was_never_sent_ends_the_session(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate, BIND_FEATURE + SM_FEATURE) as online:
        await online.peer.send("<a xmlns='urn:xmpp:sm:3' h='99'/>")
        await until(lambda: online.diary.disconnected)
    assert online.diary.disconnected[0].kind is TroubleKind.PROTOCOL


QUESTIONS = {
    "version": "<query xmlns='jabber:iq:version'/>",
    "time": "<time xmlns='urn:xmpp:time'/>",
    "ping": "<ping xmlns='urn:xmpp:ping'/>",
    "features": "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "items": "<query xmlns='http://jabber.org/protocol/disco#items'/>",
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
async def test_r73_contacts_and_the_own_server_are_answered_and_strangers_learn_nothing(
    question: str, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        await roster(online)
        for number, (sender, kind) in enumerate(
            (
                (BALCONY, "result"),
                ("montague.lit", "result"),
                ("romeo@montague.lit/other", "result"),
                (STRANGER, "error"),
                ("benvolio@montague.lit/x", "error"),  # does not see our presence
            )
        ):
            await online.peer.send(f"<iq type='get' id='q{number}' from='{sender}'>{question}</iq>")
            found = await online.peer.read_until(f"<iq id='q{number}' type='([a-z]+)'")
            assert (str(sender), found[1]) == (str(sender), kind)


@pytest.mark.parametrize(
    "payload",
    ["<query xmlns='jabber:iq:last'/>", "<command xmlns='http://jabber.org/protocol/commands'/>"],
)
async def test_r72_what_this_program_does_not_do_is_unavailable(
    payload: str, authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    """RFC 6120, section 8.4."""
    async with online_session(authority, certificate) as online:
        for kind in ("get", "set"):
            await online.peer.send(f"<iq type='{kind}' id='q' from='montague.lit'>{payload}</iq>")
            await online.peer.read_until("<iq id='q' type='error'.*<service-unavailable")


async def test_every_handler_says_whose_stanzas_it_accepts_and_pushes_are_the_own_accounts() -> (
    None
):
    session = SlixmppSession()
    handlers = session._link.handlers.handlers
    assert len(handlers) == 8
    accepts = {handler.payload: handler.accepts.name for handler in handlers if handler.payload}
    assert accepts["{jabber:iq:roster}query"] == "OWN_ACCOUNT"


async def test_the_end_of_a_session_is_told_and_fails_what_is_open(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        fetching = TaskOwner().spawn(online.session.fetch_roster(), "roster")
        await online.peer.read_until("jabber:iq:roster")
        await online.peer.send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        )
        with pytest.raises(NotConnectedError):
            await fetching
        assert not online.session.is_connected
        with pytest.raises(NotConnectedError):
            online.session.send_presence(Availability.AVAILABLE)
    assert [it and it.kind for it in online.diary.disconnected] == [TroubleKind.REPLACED]


async def test_a_lost_connection_is_lost_and_an_own_end_is_none(
    authority: PrivateAuthority, certificate: IssuedCertificate
) -> None:
    async with online_session(authority, certificate) as online:
        online.peer.abort()
        await until(lambda: online.diary.disconnected)
    assert [it and it.kind for it in online.diary.disconnected] == [TroubleKind.LOST]
    async with online_session(authority, certificate) as online:
        pass  # leaves by itself
    assert online.diary.disconnected == [None]
