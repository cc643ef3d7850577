import re
from collections.abc import Callable

import pytest

from shared_protocol.errors import LocalProtocolError
from shared_protocol.stanzas.presence import PresenceType
from shared_protocol.stanzas.roster import Subscription
from shared_protocol.stanzas.subscription_states import (
    SubscriptionState,
    Transition,
    inbound,
    outbound,
)

Way = Callable[..., Transition]

# The handbook's table 4.2, after RFC 6121, appendix A: bold is routed or delivered.
TABLE = """
| N | **No** | **=** | pre-approve | = | **Ni** | = | = | = |
| No | **=** | **N** | pre-approve | = | **Noi** | = | **T** | **N** |
| Ni | **Noi** | **=** | **F** | **N** | = | **N** | = | = |
| Noi | **=** | **Ni** | **Fo** | **No** | = | **No** | **Ti** | **Ni** |
| T | **=** | **N** | pre-approve | = | **Ti** | = | = | **N** |
| Ti | **=** | **Ni** | **B** | **T** | = | **T** | = | **Ni** |
| F | **Fo** | **=** | = | **N** | = auto-reply | **N** | = | = |
| Fo | **=** | **F** | = | **No** | = auto-reply | **No** | **B** | **F** |
| B | **=** | **F** | = | **T** | = auto-reply | **T** | = | **F** |
"""
KINDS = ["subscribe", "unsubscribe", "subscribed", "unsubscribed"]
COLUMNS = [(way, kind) for way in (outbound, inbound) for kind in KINDS]
CELLS = [
    pytest.param(state, way, kind, cell, id=f"{state}-{way.__name__}-{kind}")
    for state, *cells in re.findall(r"\| (.*?) " * 9 + r"\|", TABLE)
    for (way, kind), cell in zip(COLUMNS, cells, strict=True)
]


def test_table_has_all_cells() -> None:
    assert len(CELLS) == len(SubscriptionState) * 8


@pytest.mark.parametrize(("state", "way", "kind", "cell"), CELLS)
def test_every_cell_of_the_table_is_obeyed(state: str, way: Way, kind: str, cell: str) -> None:
    before = SubscriptionState(state)
    named = cell.strip("*")

    step = way(before, PresenceType(kind))

    assert step.new_state is (SubscriptionState(named) if named[0] not in "=p" else before)
    assert step.is_routed is cell.startswith("**")
    assert step.is_approved is (cell == "pre-approve")
    assert step.auto_reply is _reply(way, kind, cell)


def _reply(way: Way, kind: str, cell: str) -> PresenceType | None:
    if "auto-reply" in cell:
        return PresenceType.SUBSCRIBED
    changes = way is inbound and kind == "unsubscribe" and cell != "="
    return PresenceType.UNSUBSCRIBED if changes else None


@pytest.mark.parametrize(("state", "way", "kind", "cell"), CELLS)
def test_roster_is_pushed_exactly_if_the_item_looks_different(
    state: str, way: Way, kind: str, cell: str
) -> None:
    before = SubscriptionState(state)

    step = way(before, PresenceType(kind))

    shown = (step.new_state.subscription, step.new_state.is_asked, step.is_approved)
    assert step.is_roster_pushed is (shown != (before.subscription, before.is_asked, False))


def test_a_waiting_request_alone_is_not_pushed() -> None:  # RFC 6121, section 3.1.3
    step = inbound(SubscriptionState.NONE, PresenceType.SUBSCRIBE)

    assert step == Transition(SubscriptionState.NONE_IN, is_routed=True)


@pytest.mark.parametrize(("before", "after"), [("N", "F"), ("No", "Fo"), ("T", "B")])
def test_contact_approved_before_is_answered_without_asking(before: str, after: str) -> None:
    # RFC 6121, section 3.4.2
    step = inbound(SubscriptionState(before), PresenceType.SUBSCRIBE, is_approved=True)

    assert step == Transition(
        SubscriptionState(after),
        auto_reply=PresenceType.SUBSCRIBED,
        is_roster_pushed=True,
        is_approved=True,
    )


def test_approval_does_not_answer_other_stanzas() -> None:
    step = inbound(SubscriptionState.NONE_OUT, PresenceType.SUBSCRIBED, is_approved=True)

    assert step == Transition(
        SubscriptionState.TO, is_routed=True, is_roster_pushed=True, is_approved=True
    )


def test_unsubscribed_takes_an_approval_back_without_telling_the_contact() -> None:
    step = outbound(SubscriptionState.NONE, PresenceType.UNSUBSCRIBED, is_approved=True)

    assert step == Transition(SubscriptionState.NONE, is_roster_pushed=True)


def test_second_approval_changes_nothing() -> None:
    step = outbound(SubscriptionState.NONE, PresenceType.SUBSCRIBED, is_approved=True)

    assert step == Transition(SubscriptionState.NONE, is_approved=True)


@pytest.mark.parametrize("way", [outbound, inbound])
@pytest.mark.parametrize("kind", [PresenceType.AVAILABLE, PresenceType.PROBE])
def test_other_presence_is_refused(way: Way, kind: PresenceType) -> None:
    with pytest.raises(LocalProtocolError, match="does not touch subscriptions"):
        way(SubscriptionState.NONE, kind)


@pytest.mark.parametrize("state", SubscriptionState)
def test_state_is_what_its_roster_item_says(state: SubscriptionState) -> None:
    again = SubscriptionState.of(
        state.subscription, is_asked=state.is_asked, has_request=state.has_request
    )

    assert again is state


@pytest.mark.parametrize(
    ("subscription", "marks"),
    [
        (Subscription.BOTH, {"is_asked": True}),
        (Subscription.TO, {"is_asked": True}),
        (Subscription.FROM, {"has_request": True}),
        (Subscription.REMOVE, {}),
    ],
)
def test_impossible_state_is_refused(subscription: Subscription, marks: dict[str, bool]) -> None:
    with pytest.raises(LocalProtocolError, match="no state"):
        SubscriptionState.of(subscription, **marks)


def test_who_sees_whom_follows_from_the_state() -> None:
    seeing = {state.value for state in SubscriptionState if state.sees_contact}
    seen = {state.value for state in SubscriptionState if state.is_seen_by_contact}

    assert seeing == {"T", "Ti", "B"}
    assert seen == {"F", "Fo", "B"}
