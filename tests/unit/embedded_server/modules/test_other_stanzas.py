"""Presence and IQs by kind of address, through the real modules (RFC 6121, section 8.5)."""

import re
from typing import Any

import pytest

from shared_protocol.stanzas.delivery import AddressKind, OtherChoice, OtherStanza, other_choice
from tests.helpers.module_stage import Client, Stage

pytestmark = pytest.mark.asyncio
STANZAS = {
    "available": (OtherStanza.PRESENCE, "<presence to='{to}' id='x'/>"),
    "unavailable": (OtherStanza.PRESENCE, "<presence to='{to}' id='x' type='unavailable'/>"),
    "subscribe": (OtherStanza.SUBSCRIPTION, "<presence to='{to}' id='x' type='subscribe'/>"),
    "probe": (OtherStanza.PROBE, "<presence to='{to}' id='x' type='probe'/>"),
    "get": (OtherStanza.IQ_REQUEST, "<iq to='{to}' id='x' type='get'><q xmlns='urn:x:q'/></iq>"),
    "set": (OtherStanza.IQ_REQUEST, "<iq to='{to}' id='x' type='set'><q xmlns='urn:x:q'/></iq>"),
    "result": (OtherStanza.IQ_ANSWER, "<iq to='{to}' id='x' type='result'/>"),
    "error": (
        OtherStanza.IQ_ANSWER,
        "<iq to='{to}' id='x' type='error'><error type='cancel'/></iq>",
    ),
}
RESOURCES = {
    AddressKind.BARE: "",
    AddressKind.FULL_WITHOUT_MATCH: "/gone",
    AddressKind.FULL_WITH_MATCH: "/balcony",
}


async def cast(stage: Stage, *, are_friends: bool) -> tuple[Client, Client, Client]:
    """Return Romeo, and two resources of Juliet, of which the second has a negative priority."""
    if are_friends:
        await stage.befriend("romeo", "juliet")
    balcony = await (await stage.enter("juliet/balcony")).come()
    chamber = await (await stage.enter("juliet/chamber")).come("<priority>-1</priority>")
    romeo = await (await stage.enter("romeo/orchard")).come()
    for client in (balcony, chamber, romeo):
        client.take()
    return romeo, balcony, chamber


async def outcome_of(stage: Stage, kind: str, to: str, *, are_friends: bool) -> list[str]:
    """Send a stanza; tell in words what happens to it."""
    romeo, balcony, chamber = await cast(stage, are_friends=are_friends)

    await romeo.say(STANZAS[kind][1].format(to=to))

    stanza_id = " id='x'"
    seen = [
        f"{name} to {_address_in(text)}"
        for name, client in (("balcony", balcony), ("chamber", chamber))
        for text in client.take()
        if stanza_id in text
    ]
    answers = [text for text in romeo.take() if stanza_id in text or "<presence" in text]
    return seen + [_answer_in(text) for text in answers]


def _address_in(stanza: str) -> str:
    match = re.search(r"\bto='([^']*)'", stanza)
    return match[1] if match else ""


def _answer_in(stanza: str) -> str:
    match = re.search(r"type='error'.*<error type='\w+'><([\w-]+)", stanza)
    if match:
        return match[1]
    if "type='unsubscribed'" in stanza:
        return "unsubscribed"
    return "unavailable" if "type='unavailable'" in stanza else "presence"


def expected(choice: OtherChoice, to: str, *, are_friends: bool) -> list[str]:
    """Tell the same of a cell of the table."""
    both = [f"balcony to {to}", f"chamber to {to}"]
    bare = to.partition("/")[0]
    probed = ["unavailable"] if "/" in to else ["presence", "presence"]
    refused = ["service-unavailable"]
    outcomes = {
        OtherChoice.ALL_AVAILABLE: both,
        OtherChoice.RESOURCE: both[:1],
        OtherChoice.RESOURCE_IF_SHARED: both[:1] if are_friends else refused,
        OtherChoice.ERROR: refused,
        OtherChoice.SERVER_ANSWERS: refused,
        OtherChoice.SUBSCRIPTION_STATES: [f"balcony to {bare}", f"chamber to {bare}"],
        OtherChoice.PROBE_RULES: probed if are_friends else ["unsubscribed"],
        OtherChoice.PROBE_OF_RESOURCE: ["presence"] if are_friends else ["unsubscribed"],
        # Also to own accounts: who may not see learns the same of all.
        OtherChoice.SILENCE_OR_UNSUBSCRIBED: ["unsubscribed"],
        OtherChoice.SILENCE: [],
    }
    return outcomes[choice]


@pytest.mark.parametrize("are_friends", [False, True], ids=["strangers", "friends"])
@pytest.mark.parametrize("kind", STANZAS)
@pytest.mark.parametrize("address", list(AddressKind))
async def test_stanza_goes_where_the_table_says(
    stage: Any, kind: str, address: AddressKind, *, are_friends: bool
) -> None:
    """RFC 6121, sections 8.5.2 and 8.5.3."""
    to = f"juliet@montague.lit{RESOURCES[address]}"
    choice = other_choice(STANZAS[kind][0], address)
    if kind == "subscribe" and are_friends:
        return  # the server answers such a request: test_subscription_tables.py

    outcome = await outcome_of(stage, kind, to, are_friends=are_friends)

    assert outcome == expected(choice, to, are_friends=are_friends)


@pytest.mark.parametrize("kind", STANZAS)
@pytest.mark.parametrize("address", list(AddressKind))
async def test_stanza_for_nobody_has_the_answer_of_the_table(
    stage: Any, kind: str, address: AddressKind
) -> None:
    """RFC 6121, section 8.5.1: no such user."""
    to = f"tybalt@montague.lit{RESOURCES[address]}"
    choice = other_choice(STANZAS[kind][0], address, has_account=False)

    outcome = await outcome_of(stage, kind, to, are_friends=False)

    assert outcome == expected(choice, to, are_friends=False)
