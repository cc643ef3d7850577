"""Stops stanzas between an account and whom it blocks (XEP-0191 1.3, section 3.3).

To whom is blocked the account looks as if it were off line: presence is met with silence, messages
and requests with ``service-unavailable``. The account itself is told what it has done.
"""

from functools import partial

from embedded_server.routing.attempts import UNANSWERED_TYPES, Attempts
from embedded_server.routing.block_lists import BlockLists
from embedded_server.routing.inbound import Inbound, Recipient
from shared_protocol.errors import ErrorType, StanzaCondition, StanzaError
from shared_protocol.namespaces import BLOCKING_ERRORS, CLIENT

_SILENT_MESSAGES = UNANSWERED_TYPES | {"headline", "groupchat"}
_MESSAGE, _PRESENCE = f"{CLIENT} message", f"{CLIENT} presence"
_BLOCKED = f"<blocked xmlns='{BLOCKING_ERRORS}'/>".encode()
_OWN = frozenset({Recipient.ACCOUNT, Recipient.RESOURCE})
_SUBSCRIPTION_TYPES = frozenset({"subscribe", "subscribed", "unsubscribe", "unsubscribed"})


class Barrier:
    """Answers what is not let through."""

    def __init__(self, lists: BlockLists, attempts: Attempts) -> None:
        self._lists = lists
        self._attempts = attempts

    def stops(self, inbound: Inbound) -> bool:
        """Whether a stanza ends here; then it is answered, in the order of its sender."""
        if self._lists.blocks(inbound.sender, inbound.to):
            self._refuse(inbound, _blocked())
            return True
        if inbound.recipient not in _OWN or not self._lists.blocks(inbound.to, inbound.sender):
            return False
        name = inbound.frame.name
        if name == _PRESENCE:
            # Both ends of a subscription move by rules of their own, seen by nobody.
            return inbound.type not in _SUBSCRIPTION_TYPES
        if name != _MESSAGE or inbound.type not in _SILENT_MESSAGES:
            self._refuse(inbound, StanzaError(StanzaCondition.SERVICE_UNAVAILABLE))
        return True

    def _refuse(self, inbound: Inbound, error: StanzaError) -> None:
        origin = inbound.origin
        origin.run_in_order(partial(self._attempts.refuse, origin, inbound.frame, error))


def _blocked() -> StanzaError:
    return StanzaError(StanzaCondition.NOT_ACCEPTABLE, error_type=ErrorType.CANCEL, detail=_BLOCKED)
