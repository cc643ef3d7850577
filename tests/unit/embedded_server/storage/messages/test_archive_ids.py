import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded_server.storage.messages.archive_ids import ArchiveIds

KEY = bytes(range(32))
NUMBERS = st.integers(0, 2**63 - 1)


@given(NUMBERS)
def test_id_is_turned_back_into_its_number(number: int) -> None:
    ids = ArchiveIds(KEY)

    assert ids.number_of(ids.id_of(number)) == number


@given(st.lists(NUMBERS, max_size=20))
def test_id_is_the_same_whatever_was_asked_before(numbers: list[int]) -> None:
    ids = ArchiveIds(KEY)

    assert [ids.id_of(number) for number in numbers] == [
        ArchiveIds(KEY).id_of(number) for number in numbers
    ]


def test_ids_in_a_row_are_all_different() -> None:
    ids = ArchiveIds(KEY)

    assert len({ids.id_of(number) for number in range(1_000)}) == 1_000


def test_ids_tell_nothing_of_their_order() -> None:
    """XEP-0313, section 3: "MUST be unpredictable"."""
    ids = ArchiveIds(KEY)
    made = [int(ids.id_of(number), 16) for number in range(2_000)]

    pairs = list(itertools.pairwise(made))
    rising = sum(one < other for one, other in pairs)
    different_bits = sum((one ^ other).bit_count() for one, other in pairs)

    assert 800 < rising < 1_200
    assert 60 < different_bits / len(pairs) < 68


@pytest.mark.parametrize(
    "text",
    ["", "28482-98726-73623", "0" * 32, "f" * 32, "0" * 31, "0" * 34, "é" * 32, "0x" + "0" * 30],
)
def test_text_that_is_no_id_of_this_office_has_no_number(text: str) -> None:
    assert ArchiveIds(KEY).number_of(text) is None


def test_ids_of_another_kind_or_office_or_spelling_have_no_number() -> None:
    made = ArchiveIds(KEY).id_of(7)

    assert ArchiveIds(KEY, "room").number_of(made) is None
    assert ArchiveIds(bytes(32)).number_of(made) is None
    assert ArchiveIds(KEY).number_of(made.upper()) is None
    assert ArchiveIds(KEY).number_of(f" {made}") is None
