"""What owners decide about subscriptions that wait for them (XEP-0060 1.30.0, section 8.6)."""

from typing import NamedTuple

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.namespaces import DATA_FORMS, PUBSUB_SUBSCRIBE_AUTHORIZATION
from shared_protocol.stanzas.data_forms import FormKind, form_of
from shared_protocol.xml.elements import element_of

FORM_CHILD = f"{DATA_FORMS} x"
_TRUE = frozenset({"1", "true"})


class Decision(NamedTuple):
    """What an owner has filled in; None if the form was cancelled, so that all stays as it is."""

    node: str
    subid: str
    is_allowed: bool | None


def decision_of(raw: bytes) -> Decision | None:
    """Read a message; None if it is about something else.

    Args:
        raw: The message, as it came.
    """
    try:
        form = form_of(element_of(raw), PUBSUB_SUBSCRIBE_AUTHORIZATION)
    except MalformedStanzaError:
        return None
    if form is None or form.kind not in {FormKind.SUBMIT, FormKind.CANCEL}:
        return None
    is_allowed = form.value("pubsub#allow") in _TRUE if form.kind is FormKind.SUBMIT else None
    return Decision(form.value("pubsub#node"), form.value("pubsub#subid"), is_allowed)
