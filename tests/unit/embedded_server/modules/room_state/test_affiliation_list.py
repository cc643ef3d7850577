"""XEP-0045, sections 5.2 and 9.2: entries of accounts and domains, and reserved nicknames."""

import random

from embedded_server.modules.room_state.affiliations import AffiliationEntry, AffiliationList
from shared_protocol.addresses import BareJid
from shared_protocol.stanzas.rooms.ranks import Affiliation

JULIET = BareJid("juliet", "capulet.lit")
ROMEO = BareJid("romeo", "montague.lit")
MONTAGUES = BareJid("", "montague.lit")


def test_who_has_no_entry_is_nothing() -> None:
    entries = AffiliationList()

    assert entries.of(JULIET) is Affiliation.NONE
    assert entries.entry(JULIET) == AffiliationEntry()
    assert entries.count(Affiliation.OWNER) == len(entries) == 0


def test_domain_is_banned_with_all_but_those_who_have_an_entry_of_their_own() -> None:
    """Section 9.2: "a domain"."""
    entries = AffiliationList({MONTAGUES: AffiliationEntry(Affiliation.OUTCAST)})
    assert entries.of(ROMEO) is Affiliation.OUTCAST
    assert entries.of(JULIET) is Affiliation.NONE

    entries.put(ROMEO, AffiliationEntry(Affiliation.MEMBER))
    assert entries.of(ROMEO) is Affiliation.MEMBER
    entries.put(MONTAGUES, AffiliationEntry())

    assert entries.of(BareJid("benvolio", "montague.lit")) is Affiliation.NONE


def test_reserved_nickname_is_found_however_it_is_written() -> None:
    entries = AffiliationList({JULIET: AffiliationEntry(Affiliation.MEMBER, "Third Witch")})
    assert entries.holder_of("third  witch") == JULIET

    entries.put(JULIET, AffiliationEntry(Affiliation.MEMBER, "Old Hag"))

    assert entries.holder_of("third witch") is None
    assert entries.holder_of("OLD HAG") == JULIET


def test_reserved_nicknames_change_hands_in_one_step() -> None:
    member = Affiliation.MEMBER
    entries = AffiliationList(
        {JULIET: AffiliationEntry(member, "a"), ROMEO: AffiliationEntry(member, "b")}
    )

    entries.put_all(
        [(JULIET, AffiliationEntry(member, "b")), (ROMEO, AffiliationEntry(member, "a"))]
    )

    assert (entries.holder_of("a"), entries.holder_of("b")) == (ROMEO, JULIET)


def test_counts_and_lists_are_those_of_a_plain_dictionary() -> None:
    chance = random.Random(45)  # noqa: S311
    entries, plain = AffiliationList(), dict[BareJid, Affiliation]()
    people = [BareJid(f"p{number}", "x.lit") for number in range(9)]
    for _ in range(500):
        jid, affiliation = chance.choice(people), chance.choice(list(Affiliation))
        entries.put(jid, AffiliationEntry(affiliation))
        plain.pop(jid, None)
        if affiliation is not Affiliation.NONE:
            plain[jid] = affiliation
        for one in Affiliation:
            if one is not Affiliation.NONE:
                expected = tuple(jid for jid, found in plain.items() if found is one)
                assert entries.listed(one) == expected
                assert entries.count(one) == len(expected)
