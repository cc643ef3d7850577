"""Subscription states of a roster item, and what each subscription stanza does to them.

RFC 6121, section 3 and appendix A. The two tables below are the whole machine: the server acts on
them, and a test walks every cell. A cell reads:

========  ======================================================================================
``No``    the new state
``=``     the state stays
``*...``  besides, the stanza is routed to the contact (outbound) or delivered (inbound)
``auto``  the state stays; the server answers the contact with ``subscribed`` (section 3.1.3)
``pre``   the state stays; the contact is approved before it asks (section 3.4.2)
========  ======================================================================================

Two rules stand beside the tables. An inbound ``unsubscribe`` that changes the state is answered
with ``unsubscribed``. An approval that was given before (section 3.4) answers an inbound
``subscribe`` with ``subscribed``, without asking the user; it lasts until ``unsubscribed`` is sent.

Example, the request that starts it all::

    <presence xmlns='jabber:client' to='juliet@example.com' type='subscribe'/>
"""

from dataclasses import dataclass
from enum import Enum

from shared_protocol.errors import LocalProtocolError
from shared_protocol.stanzas.presence import PresenceType
from shared_protocol.stanzas.roster import Subscription


class SubscriptionState(Enum):
    """Who sees whose presence, and which requests wait (RFC 6121, appendix A.1).

    ``TO`` means: the account sees the contact. ``OUT`` means: the account's request waits for the
    contact's answer. ``IN`` means: the contact's request waits for the account's answer.
    """

    NONE = "N"
    NONE_OUT = "No"
    NONE_IN = "Ni"
    NONE_OUT_IN = "Noi"
    TO = "T"
    TO_IN = "Ti"
    FROM = "F"
    FROM_OUT = "Fo"
    BOTH = "B"

    @classmethod
    def of(
        cls, subscription: Subscription, *, is_asked: bool = False, has_request: bool = False
    ) -> "SubscriptionState":
        """Return the state of a roster item.

        Args:
            subscription: That of the item.
            is_asked: Whether the item has ``ask='subscribe'``.
            has_request: Whether a request of the contact waits for an answer.

        Raises:
            LocalProtocolError: There is no such state, as with a request of one who is subscribed.
        """
        marks = ("o" if is_asked else "") + ("i" if has_request else "")
        try:
            return cls(_LETTERS[subscription] + marks)
        except (KeyError, ValueError) as error:
            message = f"no state for subscription {subscription.value} with marks {marks!r}"
            raise LocalProtocolError(message) from error

    @property
    def subscription(self) -> Subscription:
        """The ``subscription`` of the roster item."""
        return _SUBSCRIPTIONS[self.value[0]]

    @property
    def is_asked(self) -> bool:
        """Whether the roster item has ``ask='subscribe'``."""
        return "o" in self.value

    @property
    def has_request(self) -> bool:
        """Whether a request of the contact waits for an answer; shown in no roster item."""
        return "i" in self.value

    @property
    def sees_contact(self) -> bool:
        """Whether the account gets the contact's presence."""
        return self.value[0] in "TB"

    @property
    def is_seen_by_contact(self) -> bool:
        """Whether the contact gets the account's presence."""
        return self.value[0] in "FB"


@dataclass(frozen=True, slots=True)
class Transition:
    """What one subscription stanza does to one roster item.

    Attributes:
        is_routed: Outbound: the stanza goes to the contact. Inbound: it goes to the account's
            resources.
        auto_reply: What the server sends to the contact on the account's behalf, if anything.
        is_roster_pushed: The item looks different now; the push goes out after the stanza.
        is_approved: The item's ``approved`` flag afterwards.
    """

    new_state: SubscriptionState
    is_routed: bool = False
    auto_reply: PresenceType | None = None
    is_roster_pushed: bool = False
    is_approved: bool = False


_LETTERS = {
    Subscription.NONE: "N",
    Subscription.TO: "T",
    Subscription.FROM: "F",
    Subscription.BOTH: "B",
}
_SUBSCRIPTIONS = {letter: subscription for subscription, letter in _LETTERS.items()}

_KINDS = (
    PresenceType.SUBSCRIBE,
    PresenceType.UNSUBSCRIBE,
    PresenceType.SUBSCRIBED,
    PresenceType.UNSUBSCRIBED,
)

#: Columns: the account sends subscribe, unsubscribe, subscribed, unsubscribed.
OUTBOUND = {
    SubscriptionState.NONE: ("*No", "*=", "pre", "="),
    SubscriptionState.NONE_OUT: ("*=", "*N", "pre", "="),
    SubscriptionState.NONE_IN: ("*Noi", "*=", "*F", "*N"),
    SubscriptionState.NONE_OUT_IN: ("*=", "*Ni", "*Fo", "*No"),
    SubscriptionState.TO: ("*=", "*N", "pre", "="),
    SubscriptionState.TO_IN: ("*=", "*Ni", "*B", "*T"),
    SubscriptionState.FROM: ("*Fo", "*=", "=", "*N"),
    SubscriptionState.FROM_OUT: ("*=", "*F", "=", "*No"),
    SubscriptionState.BOTH: ("*=", "*F", "=", "*T"),
}

#: Columns: the contact's subscribe, unsubscribe, subscribed, unsubscribed arrives.
INBOUND = {
    SubscriptionState.NONE: ("*Ni", "=", "=", "="),
    SubscriptionState.NONE_OUT: ("*Noi", "=", "*T", "*N"),
    SubscriptionState.NONE_IN: ("=", "*N", "=", "="),
    SubscriptionState.NONE_OUT_IN: ("=", "*No", "*Ti", "*Ni"),
    SubscriptionState.TO: ("*Ti", "=", "=", "*N"),
    SubscriptionState.TO_IN: ("=", "*T", "=", "*Ni"),
    SubscriptionState.FROM: ("auto", "*N", "=", "="),
    SubscriptionState.FROM_OUT: ("auto", "*No", "*B", "*F"),
    SubscriptionState.BOTH: ("auto", "*T", "=", "*F"),
}

#: New state when a contact asks that was approved before (section 3.4).
APPROVED_BEFORE = {
    SubscriptionState.NONE: SubscriptionState.FROM,
    SubscriptionState.NONE_OUT: SubscriptionState.FROM_OUT,
    SubscriptionState.TO: SubscriptionState.BOTH,
}


def outbound(
    state: SubscriptionState, kind: PresenceType, *, is_approved: bool = False
) -> Transition:
    """Return what happens when the account sends a subscription stanza to the contact.

    Args:
        state: Before; ``NONE`` if the contact is not in the roster.
        kind: One of the four subscription types.
        is_approved: The item's ``approved`` flag.

    Raises:
        LocalProtocolError: ``kind`` is no subscription type.
    """
    cell = OUTBOUND[state][_column(kind)]
    approved = (is_approved or cell == "pre") and kind is not PresenceType.UNSUBSCRIBED
    new_state = _new_state(state, cell)
    return Transition(
        new_state=new_state,
        is_routed=cell.startswith("*"),
        is_roster_pushed=_is_visible(state, new_state) or approved != is_approved,
        is_approved=approved,
    )


def inbound(
    state: SubscriptionState, kind: PresenceType, *, is_approved: bool = False
) -> Transition:
    """Return what happens when a subscription stanza of the contact arrives for the account.

    Args:
        state: Before; ``NONE`` if the contact is not in the roster.
        kind: One of the four subscription types.
        is_approved: The item's ``approved`` flag.

    Raises:
        LocalProtocolError: ``kind`` is no subscription type.
    """
    if is_approved and kind is PresenceType.SUBSCRIBE and state in APPROVED_BEFORE:
        return Transition(
            new_state=APPROVED_BEFORE[state],
            auto_reply=PresenceType.SUBSCRIBED,
            is_roster_pushed=True,
            is_approved=True,
        )
    cell = INBOUND[state][_column(kind)]
    new_state = _new_state(state, cell)
    return Transition(
        new_state=new_state,
        is_routed=cell.startswith("*"),
        auto_reply=_auto_reply(kind, cell),
        is_roster_pushed=_is_visible(state, new_state),
        is_approved=is_approved,
    )


def _column(kind: PresenceType) -> int:
    if kind not in _KINDS:
        message = f"presence of type {kind.value} does not touch subscriptions"
        raise LocalProtocolError(message)
    return _KINDS.index(kind)


def _new_state(state: SubscriptionState, cell: str) -> SubscriptionState:
    target = cell.removeprefix("*")
    return state if target in {"=", "pre", "auto"} else SubscriptionState(target)


def _auto_reply(kind: PresenceType, cell: str) -> PresenceType | None:
    if cell == "auto":
        return PresenceType.SUBSCRIBED
    if kind is PresenceType.UNSUBSCRIBE and cell != "=":
        return PresenceType.UNSUBSCRIBED
    return None


def _is_visible(before: SubscriptionState, after: SubscriptionState) -> bool:
    """Return whether the roster item shows the change; a waiting request is no part of it."""
    return (before.subscription, before.is_asked) != (after.subscription, after.is_asked)
