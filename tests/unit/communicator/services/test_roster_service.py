"""Roster and presence (RFC 6121, sections 2 to 4)."""

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from communicator.services.roster_service import RosterService
from communicator.session.errors import NotConnectedError, RequestTimedOutError
from communicator.session.ports import ContactPresence
from communicator.state.presence import Availability
from communicator.state.roster import Contact, ContactRequest, Roster
from communicator.storage.database import Database
from communicator.storage.roster_cache import SqlRosterCache
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.roster import RosterItem, Subscription
from tests.helpers.profile_data import JULIET, NURSE
from tests.helpers.session_doubles import MemorySession, turns

PETER = BareJid.parse("peter@capulet.lit")


class Setting:
    """A roster service with a written session and a real cache."""

    def __init__(self, database: Database) -> None:
        self.session = MemorySession()
        self.roster = Roster()
        self.cache = SqlRosterCache(database)
        self.loads = 0
        self.service = RosterService(
            roster_session=self.session,
            presence_session=self.session,
            roster=self.roster,
            cache=self.cache,
        )
        self.service.roster_loaded.connect(lambda _: self._count())

    async def connect(self, *items: RosterItem) -> None:
        self.session.items = {item.jid: item for item in items}
        loads = self.loads
        self.session.come_online()
        while self.loads == loads:
            await turns()

    def hear(self, sender: str, availability: Availability, priority: int = 0, **more: str) -> None:
        jid = BareJid.parse(sender.partition("/")[0])
        resource = sender.partition("/")[2]
        self.session.presence_received.emit(
            ContactPresence(
                jid.with_resource(resource) if resource else jid,
                availability,
                priority=priority,
                **more,
            )
        )

    def _count(self) -> None:
        self.loads += 1


@pytest_asyncio.fixture
async def setting(database: Database) -> AsyncIterator[Setting]:
    setting = Setting(database)
    await setting.service.start()
    yield setting
    await setting.service.stop()


def both(jid: BareJid, name: str = "", groups: tuple[str, ...] = ()) -> RosterItem:
    return RosterItem(jid, name=name, groups=groups, subscription=Subscription.BOTH)


@pytest.mark.asyncio
async def test_roster_is_there_before_own_presence_may_be_sent(setting: Setting) -> None:
    await setting.connect(both(JULIET, "Juliet", ("b", "a", "b")))

    contact = setting.roster.contact(JULIET)
    assert contact == Contact(JULIET, "Juliet", ("a", "b"), Subscription.BOTH)
    assert setting.loads == 1


@pytest.mark.asyncio
async def test_contacts_of_the_last_time_are_shown_before_the_connection(
    setting: Setting, database: Database
) -> None:
    await setting.connect(both(JULIET, "Juliet"))
    setting.session.subscription_requested.emit(ContactRequest(PETER, "Anon!"))
    await setting.service.stop()

    again = Setting(database)
    await again.service.start()

    assert [contact.jid for contact in again.roster.contacts] == [JULIET]
    assert again.roster.requests == (ContactRequest(PETER, "Anon!"),)
    await again.service.stop()


@pytest.mark.asyncio
async def test_what_the_server_does_not_have_any_more_is_gone(setting: Setting) -> None:
    await setting.connect(both(JULIET), both(NURSE))
    setting.session.lose()

    await setting.connect(both(NURSE))
    await setting.service.stop()

    assert [contact.jid for contact in setting.roster.contacts] == [NURSE]
    assert [contact.jid for contact in await setting.cache.contacts()] == [NURSE]


@pytest.mark.asyncio
async def test_push_adds_changes_and_removes(setting: Setting) -> None:
    await setting.connect()

    setting.session.roster_pushed.emit(both(JULIET, "Juliet"))
    setting.session.roster_pushed.emit(both(NURSE, "Nurse"))
    setting.session.roster_pushed.emit(both(JULIET, "My love"))
    setting.session.roster_pushed.emit(RosterItem(NURSE, subscription=Subscription.REMOVE))
    await setting.service.stop()

    assert [contact.name for contact in setting.roster.contacts] == ["My love"]
    assert [contact.name for contact in await setting.cache.contacts()] == ["My love"]


@pytest.mark.asyncio
async def test_presence_of_the_highest_priority_is_shown(setting: Setting) -> None:
    await setting.connect(both(JULIET))
    setting.hear("juliet@capulet.lit/balcony", Availability.DND, 5, status="dreaming")
    setting.hear("juliet@capulet.lit/chamber", Availability.AVAILABLE, 1)

    contact = setting.roster.contact(JULIET)
    assert (contact.availability, contact.status) == (Availability.DND, "dreaming")

    setting.hear("juliet@capulet.lit/balcony", Availability.OFFLINE)
    assert setting.roster.contact(JULIET).availability is Availability.AVAILABLE

    setting.hear("juliet@capulet.lit/chamber", Availability.OFFLINE)
    assert not setting.roster.contact(JULIET).is_online


@pytest.mark.asyncio
async def test_among_equals_the_resource_that_spoke_last_counts(setting: Setting) -> None:
    await setting.connect(both(JULIET))

    setting.hear("juliet@capulet.lit/balcony", Availability.AWAY)
    setting.hear("juliet@capulet.lit/chamber", Availability.CHAT)
    setting.hear("juliet@capulet.lit/balcony", Availability.DND)

    assert setting.roster.contact(JULIET).availability is Availability.DND


@pytest.mark.asyncio
async def test_account_that_is_unavailable_as_a_whole_is_offline(setting: Setting) -> None:
    await setting.connect(both(JULIET))
    setting.hear("juliet@capulet.lit/balcony", Availability.AWAY)

    setting.hear("juliet@capulet.lit", Availability.OFFLINE)

    assert not setting.roster.contact(JULIET).is_online


@pytest.mark.asyncio
async def test_presence_that_comes_before_the_roster_is_not_lost(setting: Setting) -> None:
    setting.hear("juliet@capulet.lit/balcony", Availability.AWAY)

    await setting.connect(both(JULIET))

    assert setting.roster.contact(JULIET).availability is Availability.AWAY


@pytest.mark.asyncio
async def test_everybody_is_offline_after_the_connection_is_lost(setting: Setting) -> None:
    await setting.connect(both(JULIET))
    setting.hear("juliet@capulet.lit/balcony", Availability.AWAY)

    setting.session.lose()

    assert not setting.roster.contact(JULIET).is_online


@pytest.mark.asyncio
async def test_changed_item_keeps_its_presence(setting: Setting) -> None:
    await setting.connect(both(JULIET))
    setting.hear("juliet@capulet.lit/balcony", Availability.AWAY)

    await setting.service.rename(JULIET, "My love")

    contact = setting.roster.contact(JULIET)
    assert (contact.name, contact.availability) == ("My love", Availability.AWAY)


@pytest.mark.asyncio
async def test_added_contact_is_asked_for_presence(setting: Setting) -> None:
    await setting.connect()

    await setting.service.add_contact(NURSE, "Nurse", ["Servants", ""])

    assert setting.session.items[NURSE].groups == ("Servants",)
    assert setting.session.subscriptions == [("subscribe", NURSE)]


@pytest.mark.asyncio
async def test_rename_keeps_groups_and_new_groups_keep_the_name(setting: Setting) -> None:
    await setting.connect(both(NURSE, "Nurse", ("Servants",)))

    await setting.service.rename(NURSE, "Angelica")
    await setting.service.set_groups(NURSE, ["Capulet"])

    item = setting.session.items[NURSE]
    assert (item.name, item.groups) == ("Angelica", ("Capulet",))


@pytest.mark.asyncio
async def test_accepted_request_is_answered_and_returned(setting: Setting) -> None:
    await setting.connect()
    setting.session.subscription_requested.emit(ContactRequest(JULIET, "It is I"))
    assert setting.roster.requests == (ContactRequest(JULIET, "It is I"),)

    await setting.service.accept(JULIET)

    assert setting.session.subscriptions == [("approve", JULIET), ("subscribe", JULIET)]
    assert setting.roster.requests == ()
    await setting.service.stop()
    assert await setting.cache.requests() == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "item", [RosterItem(JULIET, subscription=Subscription.TO), RosterItem(JULIET, ask=True)]
)
async def test_request_of_somebody_whom_the_user_has_asked_is_approved_without_a_question(
    setting: Setting, item: RosterItem
) -> None:
    await setting.connect(item)

    setting.session.subscription_requested.emit(ContactRequest(JULIET))

    assert setting.session.subscriptions == [("approve", JULIET)]
    assert setting.roster.requests == ()


@pytest.mark.asyncio
async def test_declined_request_is_gone(setting: Setting) -> None:
    await setting.connect()
    setting.session.subscription_requested.emit(ContactRequest(PETER))

    await setting.service.decline(PETER)

    assert setting.session.subscriptions == [("decline", PETER)]
    assert setting.roster.requests == ()


@pytest.mark.asyncio
async def test_request_stays_while_it_cannot_be_answered(setting: Setting) -> None:
    await setting.connect()
    setting.session.subscription_requested.emit(ContactRequest(PETER))
    setting.session.lose()

    with pytest.raises(NotConnectedError):
        await setting.service.accept(PETER)

    assert setting.roster.requests == (ContactRequest(PETER),)


@pytest.mark.asyncio
async def test_request_that_another_device_accepted_or_that_is_withdrawn_is_gone(
    setting: Setting,
) -> None:
    await setting.connect()
    for jid in (JULIET, PETER):
        setting.session.subscription_requested.emit(ContactRequest(jid))

    setting.session.roster_pushed.emit(both(JULIET))
    setting.session.subscription_withdrawn.emit(PETER)
    await turns()

    assert setting.roster.requests == ()


@pytest.mark.asyncio
async def test_no_turn_of_the_loop_is_long_with_five_thousand_contacts(setting: Setting) -> None:
    people = [BareJid("guest", f"house{number}.lit") for number in range(5_000)]
    await setting.connect(*(both(jid, "Guest", ("Feast",)) for jid in people))
    assert len(setting.roster.contacts) == 5_000

    began = time.process_time()
    for jid in people[:500]:
        setting.hear(f"{jid}/hall", Availability.AVAILABLE)
    spent = time.process_time() - began

    assert sum(contact.is_online for contact in setting.roster.contacts) == 500
    assert spent < 0.05


@pytest.mark.asyncio
async def test_roster_that_does_not_come_leaves_the_old_one_and_presence_is_sent(
    setting: Setting,
) -> None:
    await setting.connect(both(JULIET))
    setting.session.lose()

    async def refuse() -> list[RosterItem]:
        raise RequestTimedOutError

    setting.session.fetch_roster = refuse
    await setting.connect()

    assert [contact.jid for contact in setting.roster.contacts] == [JULIET]
    assert setting.loads == 2


@pytest.mark.asyncio
async def test_push_that_comes_while_the_roster_is_read_is_not_lost(setting: Setting) -> None:
    people = [both(BareJid("guest", f"house{number}.lit")) for number in range(2_000)]
    setting.session.items = {item.jid: item for item in people}
    setting.session.come_online()
    while setting.service._pushed_meanwhile is None:
        await turns(1)

    setting.session.roster_pushed.emit(both(people[0].jid, "The first guest"))
    while not setting.loads:
        await turns(1)

    assert setting.roster.contact(people[0].jid).name == "The first guest"
