"""The counters of stream management (XEP-0198, sections 4 and 8)."""

import pytest

from embedded_server.sessions.continuity.acknowledgement import Acknowledgement, CountTooHighError
from shared_protocol.limits import AcknowledgementLimits

STANZA = b"<message/>"


def rows(counters: Acknowledgement) -> list[int | None]:
    return [one.spool_id for one in counters.undelivered]


def test_acknowledged_stanzas_release_their_rows_of_the_spool_in_order() -> None:
    counters = Acknowledgement(AcknowledgementLimits())
    for spool_id in (11, None, 12, 13):
        counters.count_sent(STANZA, spool_id)

    released = counters.acknowledge(3)

    assert released == [11, 12]
    assert rows(counters) == [13]


def test_client_is_asked_once_until_it_answers() -> None:
    counters = Acknowledgement(AcknowledgementLimits())

    assert counters.count_sent(STANZA, None)
    assert not counters.count_sent(STANZA, None)
    counters.acknowledge(1)

    assert counters.ask_again()
    assert not counters.ask_again()
    counters.acknowledge(2)
    assert not counters.ask_again()
    assert counters.count_sent(STANZA, None)


def test_counters_wrap_at_2_to_the_32nd() -> None:
    counters = Acknowledgement(AcknowledgementLimits())
    counters.handled = 2**32 - 1
    counters.count_handled()
    assert b"h='0'" in counters.answer()

    counters.sent = 2**32 - 1
    counters.acknowledge(2**32 - 1)
    counters.count_sent(STANZA, 7)
    assert counters.acknowledge(0) == [7]


@pytest.mark.parametrize("claimed", [3, 2**32 - 1])
def test_more_than_was_sent_is_refused(claimed: int) -> None:
    counters = Acknowledgement(AcknowledgementLimits())
    counters.count_sent(STANZA, 1)
    counters.count_sent(STANZA, 2)

    with pytest.raises(CountTooHighError) as refused:
        counters.acknowledge(claimed)

    assert (refused.value.claimed, refused.value.sent) == (claimed, 2)
    assert rows(counters) == [1, 2]


def test_less_than_was_acknowledged_before_is_refused() -> None:
    counters = Acknowledgement(AcknowledgementLimits())
    counters.count_sent(STANZA, 1)
    counters.count_sent(STANZA, 2)
    counters.acknowledge(2)

    with pytest.raises(CountTooHighError):
        counters.acknowledge(1)
