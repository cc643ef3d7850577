"""Why a message was refused, in one sentence for the user."""

from shared_protocol.errors import StanzaCondition

_NOBODY = "There is nobody at this address."
_NOT_REACHED = "The server of this address cannot be reached."
_NOT_ALLOWED = "This address does not accept your messages."
_FULL = "The server cannot take more messages for this address now."

_TEXTS = {
    StanzaCondition.ITEM_NOT_FOUND: _NOBODY,
    StanzaCondition.GONE: _NOBODY,
    StanzaCondition.JID_MALFORMED: _NOBODY,
    StanzaCondition.SERVICE_UNAVAILABLE: "This address cannot be reached now.",
    StanzaCondition.RECIPIENT_UNAVAILABLE: "This address cannot be reached now.",
    StanzaCondition.REMOTE_SERVER_NOT_FOUND: _NOT_REACHED,
    StanzaCondition.REMOTE_SERVER_TIMEOUT: _NOT_REACHED,
    StanzaCondition.FORBIDDEN: _NOT_ALLOWED,
    StanzaCondition.NOT_ALLOWED: _NOT_ALLOWED,
    StanzaCondition.NOT_AUTHORIZED: _NOT_ALLOWED,
    StanzaCondition.POLICY_VIOLATION: "The server refuses this message by its rules.",
    StanzaCondition.RESOURCE_CONSTRAINT: _FULL,
    StanzaCondition.INTERNAL_SERVER_ERROR: "The server failed to deliver this message.",
}


def refusal_text(condition: StanzaCondition) -> str:
    """Return the sentence for a condition."""
    return _TEXTS.get(condition, f"The server refused this message ({condition.value}).")
