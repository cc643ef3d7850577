"""Why a message was refused, in one sentence for the user."""

from communicator.state.sentences import Sentence, sentence
from shared_protocol.errors import StanzaCondition

_NOBODY = sentence("Sentences", "There is nobody at this address.")
_NOT_REACHED = sentence("Sentences", "The server of this address cannot be reached.")
_NOT_ALLOWED = sentence("Sentences", "This address does not accept your messages.")
_FULL = sentence("Sentences", "The server cannot take more messages for this address now.")
_AWAY = sentence("Sentences", "This address cannot be reached now.")
_RULES = sentence("Sentences", "The server refuses this message by its rules.")
_BROKEN = sentence("Sentences", "The server failed to deliver this message.")

_TEXTS = {
    StanzaCondition.ITEM_NOT_FOUND: _NOBODY,
    StanzaCondition.GONE: _NOBODY,
    StanzaCondition.JID_MALFORMED: _NOBODY,
    StanzaCondition.SERVICE_UNAVAILABLE: _AWAY,
    StanzaCondition.RECIPIENT_UNAVAILABLE: _AWAY,
    StanzaCondition.REMOTE_SERVER_NOT_FOUND: _NOT_REACHED,
    StanzaCondition.REMOTE_SERVER_TIMEOUT: _NOT_REACHED,
    StanzaCondition.FORBIDDEN: _NOT_ALLOWED,
    StanzaCondition.NOT_ALLOWED: _NOT_ALLOWED,
    StanzaCondition.NOT_AUTHORIZED: _NOT_ALLOWED,
    StanzaCondition.POLICY_VIOLATION: _RULES,
    StanzaCondition.RESOURCE_CONSTRAINT: _FULL,
    StanzaCondition.INTERNAL_SERVER_ERROR: _BROKEN,
}


def refusal_text(condition: StanzaCondition) -> Sentence:
    """Return the sentence for a condition."""
    return _TEXTS.get(condition) or sentence(
        "Sentences", "The server refused this message ({0})."
    ).of(condition.value)
