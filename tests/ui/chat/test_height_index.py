"""Heights of rows: finding, changing, inserting, removing, against a plain list."""

from hypothesis import given
from hypothesis import strategies as st

from communicator.ui.chat.height_index import BLOCK_ROWS, HeightIndex

heights = st.lists(st.integers(1, 300), max_size=40)


def check(index: HeightIndex, expected: list[int]) -> None:
    assert len(index) == len(expected)
    assert index.total == sum(expected)
    for row, height in enumerate(expected):
        assert index.height(row) == height
        assert index.top(row) == sum(expected[:row])
        assert index.row_at(index.top(row)) == (row, 0)
        assert index.row_at(index.top(row) + height - 1) == (row, height - 1)


@given(heights, st.data())
def test_every_change_leaves_the_index_as_a_plain_list_would_be(
    expected: list[int], data: st.DataObject
) -> None:
    index = HeightIndex(expected)

    for _ in range(data.draw(st.integers(0, 5))):
        row = data.draw(st.integers(0, len(expected)))
        new = data.draw(heights)
        index.insert(row, new)
        expected[row:row] = new
        if expected:
            row = data.draw(st.integers(0, len(expected) - 1))
            index.put(row, 77)
            expected[row] = 77
            row = data.draw(st.integers(0, len(expected) - 1))
            index.remove(row)
            del expected[row]

    check(index, expected)


def test_blocks_that_grow_are_cut_and_nothing_moves() -> None:
    expected = [20] * (3 * BLOCK_ROWS)
    index = HeightIndex(expected)
    index.insert(700, [33] * (2 * BLOCK_ROWS))
    expected[700:700] = [33] * (2 * BLOCK_ROWS)

    assert index.total == sum(expected)
    assert index.top(2000) == sum(expected[:2000])
    assert index.row_at(sum(expected[:2000]) + 5) == (2000, 5)


def test_pixels_outside_lead_to_the_first_and_the_last_row() -> None:
    index = HeightIndex([10, 20, 30])

    assert index.row_at(-5) == (0, 0)
    assert index.row_at(999) == (2, 29)
    assert HeightIndex().row_at(10) == (0, 0)
