import pytest

from shared_protocol.namespaces import (
    CARBONS,
    CHAT_MARKERS,
    CHAT_STATES,
    CLIENT,
    DIRECT_INVITATIONS,
    HINTS,
    MUC_USER,
    REACTIONS,
    RECEIPTS,
    RETRACTION,
)
from shared_protocol.stanzas.delivery import (
    MESSAGES,
    OTHERS,
    AddressKind,
    DeliveryChoice,
    OtherChoice,
    OtherStanza,
    ReceiverState,
    is_archived,
    is_copied,
    is_kept,
    message_choice,
    other_choice,
)
from shared_protocol.stanzas.messages import MessageType

# The handbook's table 4.4, after RFC 6121, section 8.5.
TYPES = ["normal", "chat", "groupchat", "headline", "error"]
TABLE = {
    (ReceiverState.NO_ACCOUNT, AddressKind.BARE): "e e E S S",
    (ReceiverState.NO_ACCOUNT, AddressKind.FULL_WITHOUT_MATCH): "e e e S S",
    (ReceiverState.NOBODY, AddressKind.BARE): "O O E S S",
    (ReceiverState.NOBODY, AddressKind.FULL_WITHOUT_MATCH): "e O e S S",
    (ReceiverState.NOBODY, AddressKind.FULL_WITH_MATCH): "D D D D D",
    (ReceiverState.SOMEBODY, AddressKind.BARE): "A H E A S",
    (ReceiverState.SOMEBODY, AddressKind.FULL_WITHOUT_MATCH): "e H e S S",
    (ReceiverState.SOMEBODY, AddressKind.FULL_WITH_MATCH): "D D D D D",
}
CELLS = [
    pytest.param(receiver, address, kind, cell, id=f"{receiver.name}-{address.name}-{kind}")
    for (receiver, address), row in TABLE.items()
    for kind, cell in zip(TYPES, row.split(), strict=True)
]
BODY = f"{CLIENT} body"


@pytest.mark.parametrize(("receiver", "address", "kind", "cell"), CELLS)
def test_every_cell_of_the_table_of_messages_is_obeyed(
    receiver: ReceiverState, address: AddressKind, kind: str, cell: str
) -> None:
    assert message_choice(MessageType(kind), receiver, address) is DeliveryChoice(cell)


def test_tables_of_test_and_product_have_the_same_rows() -> None:
    assert TABLE.keys() == MESSAGES.keys()
    assert OTHERS.keys() == set(OtherStanza)


def test_normal_message_for_an_absent_resource_goes_to_nobody_else() -> None:
    # RFC 6121, section 8.5.3.2.1: where both peers go wrong
    choice = message_choice(
        MessageType.NORMAL, ReceiverState.SOMEBODY, AddressKind.FULL_WITHOUT_MATCH
    )

    assert choice is DeliveryChoice.ERROR_TO_KNOWN


def test_resource_of_no_account_cannot_match() -> None:
    choice = message_choice(MessageType.CHAT, ReceiverState.NO_ACCOUNT, AddressKind.FULL_WITH_MATCH)

    assert choice is DeliveryChoice.ERROR_TO_KNOWN


BARE, ABSENT, PRESENT = AddressKind


@pytest.mark.parametrize(
    ("stanza", "no_account", "bare", "absent", "present"),
    [
        (OtherStanza.PRESENCE, "SILENCE", "ALL_AVAILABLE", "SILENCE", "RESOURCE"),
        (OtherStanza.SUBSCRIPTION, "SILENCE", *["SUBSCRIPTION_STATES"] * 3),
        (
            OtherStanza.PROBE,
            "SILENCE_OR_UNSUBSCRIBED",
            "PROBE_RULES",
            "PROBE_RULES",
            "PROBE_OF_RESOURCE",
        ),
        (OtherStanza.IQ_REQUEST, "ERROR", "SERVER_ANSWERS", "ERROR", "RESOURCE_IF_SHARED"),
        (OtherStanza.IQ_ANSWER, "SILENCE", "SILENCE", "SILENCE", "RESOURCE"),
    ],
)
def test_every_cell_of_the_second_table_is_obeyed(
    stanza: OtherStanza, no_account: str, bare: str, absent: str, present: str
) -> None:
    for address in AddressKind:
        assert other_choice(stanza, address, has_account=False) is OtherChoice[no_account]
    assert other_choice(stanza, BARE) is OtherChoice[bare]
    assert other_choice(stanza, ABSENT) is OtherChoice[absent]
    assert other_choice(stanza, PRESENT) is OtherChoice[present]


@pytest.mark.parametrize("kind", [MessageType.CHAT, MessageType.NORMAL])
@pytest.mark.parametrize(
    "children",
    [
        [BODY],
        [BODY, f"{CHAT_STATES} active"],
        [f"{RECEIPTS} received"],
        [f"{CHAT_STATES} active", f"{HINTS} store"],
        [BODY, f"{HINTS} no-permanent-store"],
    ],
)
def test_message_with_content_is_kept(kind: MessageType, children: list[str]) -> None:
    assert is_kept(kind, children)


@pytest.mark.parametrize(
    "children",
    [
        [],
        [f"{CHAT_STATES} composing"],
        [f"{CHAT_STATES} composing", f"{CLIENT} thread", f"{HINTS} no-copy"],
        [BODY, f"{HINTS} no-store"],
        [f"{HINTS} store", f"{HINTS} no-store"],
        [f"{CARBONS} sent"],
        [BODY, f"{CARBONS} received"],
    ],
)
def test_message_without_content_is_not_kept(children: list[str]) -> None:
    # XEP-0160, section 3; XEP-0334, section 4
    assert not is_kept(MessageType.CHAT, children)


@pytest.mark.parametrize("kind", [MessageType.GROUPCHAT, MessageType.HEADLINE, MessageType.ERROR])
def test_other_types_are_never_kept(kind: MessageType) -> None:
    assert not is_kept(kind, [BODY])


MARKER = f"{CHAT_MARKERS} displayed"
RECEIPT = f"{RECEIPTS} received"
INVITATION = f"{DIRECT_INVITATIONS} x"
TYPING = f"{CHAT_STATES} composing"
HINT = f"{HINTS} {{}}"


@pytest.mark.parametrize(
    ("children", "is_there"),
    [
        ([BODY], True),
        ([BODY, TYPING], True),
        ([RECEIPT], True),
        ([MARKER], True),
        ([f"{REACTIONS} reactions"], True),
        ([f"{RETRACTION} retract"], True),
        ([INVITATION], True),
        (["urn:example:encrypted payload", HINT.format("store")], True),
        (["urn:example:encrypted payload"], False),
        ([TYPING], False),
        ([f"{RECEIPTS} request"], False),
        ([], False),
        ([BODY, HINT.format("no-store")], False),
        ([BODY, HINT.format("no-permanent-store")], False),
        ([BODY, HINT.format("store"), HINT.format("no-permanent-store")], False),
        ([BODY, f"{CARBONS} received"], False),
    ],
)
@pytest.mark.parametrize("kind", [MessageType.NORMAL, MessageType.CHAT])
def test_what_belongs_into_an_archive(
    kind: MessageType, children: list[str], *, is_there: bool
) -> None:
    """XEP-0313, section 6.1.1: what contains a body, and what supplements conversations; XEP-0334,
    sections 4.1 and 4.4.
    """
    assert is_archived(kind, children) == is_there


@pytest.mark.parametrize("kind", [MessageType.GROUPCHAT, MessageType.HEADLINE, MessageType.ERROR])
def test_other_types_belong_into_no_archive(kind: MessageType) -> None:
    """XEP-0313, section 6.1.1: groupchat is left to the rooms; XEP-0334, section 5: errors."""
    assert not is_archived(kind, [BODY, HINT.format("store")])


@pytest.mark.parametrize(
    ("kind", "children", "is_there"),
    [
        (MessageType.CHAT, [BODY], True),
        (MessageType.CHAT, [TYPING], True),
        (MessageType.CHAT, [], True),
        (MessageType.NORMAL, [BODY], True),
        (MessageType.NORMAL, [RECEIPT], True),
        (MessageType.NORMAL, [MARKER], True),
        (MessageType.NORMAL, [TYPING], True),
        (MessageType.NORMAL, [INVITATION], True),
        (MessageType.NORMAL, [f"{MUC_USER} x"], True),
        (MessageType.NORMAL, ["urn:example:machine x"], False),
        (MessageType.NORMAL, [], False),
        (MessageType.GROUPCHAT, [BODY], False),
        (MessageType.HEADLINE, [BODY], False),
        (MessageType.ERROR, [], True),
        (MessageType.ERROR, [BODY, HINT.format("no-copy")], True),
        (MessageType.ERROR, [f"{CARBONS} sent"], False),
        (MessageType.CHAT, [BODY, f"{CARBONS} private"], False),
        (MessageType.CHAT, [BODY, HINT.format("no-copy")], False),
        (MessageType.CHAT, [f"{CARBONS} received"], False),
    ],
)
def test_what_is_copied_to_other_devices(
    kind: MessageType, children: list[str], *, is_there: bool
) -> None:
    """XEP-0280, section 6.1; XEP-0334, section 5: "Hints contained within a stanza of type 'error'
    SHOULD be ignored".
    """
    assert is_copied(kind, children) == is_there
