from communicator.state.presence import Availability
from communicator.state.roster import Contact, ContactChange, ContactRequest, Roster
from shared_protocol.addresses import BareJid
from tests.helpers.profile_data import JULIET, NURSE


def test_contact_that_changed_is_told_with_what_it_was() -> None:
    roster = Roster()
    changes: list[ContactChange] = []
    roster.contact_changed.connect(changes.append)
    roster.put(Contact(JULIET))

    roster.put(Contact(JULIET, availability=Availability.DND))
    roster.put(Contact(JULIET, availability=Availability.DND))

    assert changes == [
        ContactChange(Contact(JULIET), Contact(JULIET, availability=Availability.DND))
    ]


def test_name_to_show_is_the_given_one_else_what_the_address_has() -> None:
    roster = Roster()
    roster.put(Contact(NURSE, "Angelica"))

    assert roster.display_name(NURSE) == "Angelica"
    assert roster.display_name(JULIET) == "juliet"
    assert roster.display_name(BareJid.parse("capulet.lit")) == "capulet.lit"


def test_groups_are_sorted_and_named_once() -> None:
    roster = Roster()
    roster.put(Contact(NURSE, groups=("servants", "Capulet")))
    roster.put(Contact(JULIET, groups=("Capulet",)))

    assert roster.groups == ("Capulet", "servants")


def test_person_asks_once() -> None:
    roster = Roster()
    added: list[ContactRequest] = []
    roster.request_added.connect(added.append)

    roster.put_request(ContactRequest(JULIET, "It is I"))
    roster.put_request(ContactRequest(JULIET, "It is still I"))

    assert added == [ContactRequest(JULIET, "It is I")]
