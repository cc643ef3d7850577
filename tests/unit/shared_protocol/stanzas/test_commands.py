from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_protocol.errors import MalformedStanzaError
from shared_protocol.stanzas.data_forms import DataForm, FormKind
from shared_protocol.stanzas.entity.commands import (
    CommandAction,
    CommandNote,
    CommandPayload,
    CommandStatus,
    NoteKind,
    from_element,
    to_element,
)
from tests.unit.shared_protocol.stanzas.stanza_values import NAMES, TEXTS


@given(
    st.builds(
        CommandPayload,
        node=NAMES,
        session_id=TEXTS,
        action=st.none() | st.sampled_from(CommandAction),
        status=st.none() | st.sampled_from(CommandStatus),
        actions=st.lists(st.sampled_from(CommandAction), unique=True, max_size=3).map(tuple),
        form=st.none() | st.just(DataForm(FormKind.FORM, title="Feast")),
        notes=st.lists(st.builds(CommandNote, TEXTS, st.sampled_from(NoteKind)), max_size=2).map(
            tuple
        ),
    )
)
def test_command_survives_a_round_trip(payload: CommandPayload) -> None:
    assert from_element(to_element(payload)) == payload


@pytest.mark.parametrize(
    "text",
    [
        "<command xmlns='http://jabber.org/protocol/commands'/>",
        "<command xmlns='http://jabber.org/protocol/commands' node='a' action='dance'/>",
        "<command xmlns='http://jabber.org/protocol/commands' node='a' status='odd'/>",
        "<command xmlns='http://jabber.org/protocol/commands' node='a'><note type='x'/></command>",
        "<command xmlns='urn:example:other' node='a'/>",
    ],
)
def test_payload_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MalformedStanzaError):
        from_element(fromstring(text))  # noqa: S314 - our own text


def test_default_action_stands_first() -> None:
    """XEP-0050, section 2.4.2."""
    text = (
        "<command xmlns='http://jabber.org/protocol/commands' node='config'>"
        "<actions execute='complete'><prev/><complete/></actions></command>"
    )

    payload = from_element(fromstring(text))  # noqa: S314 - our own text

    assert payload.actions == (CommandAction.COMPLETE, CommandAction.PREVIOUS)
