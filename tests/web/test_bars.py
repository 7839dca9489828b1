"""Packing bars into rows: no two share a place, and none lies lower than it must."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.web.bars import rows_of

CASES = [
    ("nothing", [], [], 0),
    ("one after the other share a row", [(0, 5, 1), (5, 9, 1)], [0, 0], 1),
    ("overlapping ones do not", [(0, 5, 1), (4, 9, 1)], [0, 1], 2),
    ("a row that is free again is used again", [(0, 5, 1), (1, 20, 1), (5, 9, 1)], [0, 1, 0], 2),
    ("a high block pushes down what lies beside it", [(0, 10, 3), (2, 4, 1)], [0, 3], 4),
    ("a high block needs its rows together", [(0, 4, 1), (0, 9, 1), (5, 8, 2)], [0, 1, 2], 4),
    ("a high block may begin in a last free row", [(0, 9, 1), (0, 4, 1), (5, 8, 2)], [0, 1, 1], 3),
]


@pytest.mark.parametrize(("blocks", "tops", "height"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_blocks_get_the_highest_place_that_is_free(blocks, tops, height):
    assert rows_of(blocks) == (tops, height)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30), st.integers(1, 4)), max_size=40))
def test_no_two_blocks_share_a_place(drawn):
    blocks = sorted((start, start + days, rows) for start, days, rows in drawn)
    tops, height = rows_of(blocks)
    taken = set()
    for (start, end, rows), top in zip(blocks, tops, strict=True):
        cells = {(day, row) for day in range(start, end) for row in range(top, top + rows)}
        assert not taken & cells
        taken |= cells
    assert height == max((row + 1 for _day, row in taken), default=0)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), min_size=1, max_size=40))
def test_single_rows_are_as_few_as_the_busiest_day_needs(drawn):
    blocks = sorted((start, start + days, 1) for start, days in drawn)
    _tops, height = rows_of(blocks)
    assert height == max(sum(start <= day < end for start, end, _ in blocks) for day in range(100))
