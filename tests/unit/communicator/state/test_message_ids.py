from datetime import UTC, datetime

from communicator.state.message_ids import MessageIds, first_id, milliseconds_of, moment_of
from tests.helpers.profile_data import NOON, at


def test_id_grows_with_the_millisecond_and_stays_below_the_limit() -> None:
    assert first_id(at(0.001)) - first_id(NOON) == 1 << 10
    assert first_id(datetime(2200, 1, 1, tzinfo=UTC)) < 1 << 53


def test_moment_survives_the_way_to_milliseconds_and_back() -> None:
    assert moment_of(milliseconds_of(at(0.123))) == at(0.123)


def test_what_was_before_1970_counts_as_its_beginning() -> None:
    assert milliseconds_of(datetime(1, 1, 1, tzinfo=UTC)) == 0


def test_ids_of_now_grow_even_if_the_clock_is_put_back() -> None:
    ids = MessageIds()

    given = [ids.next_id(NOON), ids.next_id(NOON), ids.next_id(at(-3600)), ids.next_id(at(1))]

    assert given == sorted(set(given))


def test_ids_begin_above_those_on_disk() -> None:
    ids = MessageIds()
    ids.put_newest(first_id(at(60)))

    assert ids.next_id(NOON) == first_id(at(60)) + 1
