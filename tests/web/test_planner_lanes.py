"""How a lane of the planner is packed: names have room, parts lie inside their meeting, and crowded lanes stay low."""

from __future__ import annotations

import re

import pytest

from calendar_app.web.planner.cards import Card
from calendar_app.web.planner.drawing import list_items
from calendar_app.web.planner.lanes import MOST_ROWS, TRACK_PIXELS, Bar, Lane, pack
from calendar_app.web.planner.places import place, rows

CARD = Card("/events/x", "is-confirmed", "", "A meeting", "<strong>A meeting</strong>")
YEAR, THIRTY_MONTHS = 365, 913


def number(classes: str, letters: str) -> int:
    """Read a number of three digits back from its classes."""
    digits = dict(re.findall(r"([a-z])(\d)", classes))
    return int("".join(digits.get(letter, "0") for letter in letters))


def box(bar: Bar, days: int) -> tuple[int, int, int]:
    """Return the first and last day (half-open) that a bar and its name take, and its row."""
    start, length, row = number(bar.place, "abc"), number(bar.place, "xyz"), number(bar.place, "opq")
    # As wide as the name is, at the narrowest that the planner gets.
    room = len(bar.shown_name) * 7 * days / TRACK_PIXELS
    end = start + length
    if bar.where == "after":
        end += room
    elif bar.where == "before":
        start -= room
    return start, end, row


def packed(bars: list[Bar], days: int = YEAR) -> Lane:
    lane = Lane("Basel", "basel", sorted(bars, key=lambda bar: (bar.start, -bar.end)))
    pack(lane, days)
    return lane


def everything(lane: Lane) -> list[Bar]:
    return [one for bar in lane.bars for one in (bar, *bar.parts)]


def overlapping(lane: Lane, days: int) -> list[tuple[str, str]]:
    boxes = [(bar.name, *box(bar, days)) for bar in everything(lane)]
    return [
        (a[0], b[0])
        for index, a in enumerate(boxes)
        for b in boxes[index + 1 :]
        if a[3] == b[3] and a[1] < b[2] and b[1] < a[2]
    ]


def test_a_place_is_written_digit_by_digit():
    assert place(307, 312) == " a3 c7 z5"
    assert place(0, 913) == " x9 y1 z3"
    assert rows(0) == ""
    assert rows(12, 3) == " p1 q2 w3"
    assert rows(4321) == rows(999)


@pytest.mark.parametrize(
    ("start", "end", "where"),
    [
        (100, 105, "after"),  # shorter than its name
        (100, 300, "inside"),  # longer
        (360, 365, "before"),  # at the end of the window
        (0, 365, "inside"),  # the whole of it
    ],
)
def test_a_name_stands_where_there_is_room_for_it(start, end, where):
    lane = packed([Bar(start, end, "MC COP-6 prep Asia-Pacific", CARD)])
    assert (lane.bars[0].where, lane.bars[0].shown_name) == (where, "MC COP-6 prep Asia-Pacific")
    first, last, _row = box(lane.bars[0], YEAR)
    assert first >= 0
    assert last <= YEAR


@pytest.mark.parametrize("days", [92, YEAR, THIRTY_MONTHS])
def test_neither_bars_nor_names_overlap(days):
    # As many as one a week in a year, of many lengths, some over the end of the window.
    starts = range(0, days, max(7, days // 52))
    bars = [Bar(day, min(days, day + 1 + day % 23), f"Meeting {day} of a body", CARD) for day in starts]
    lane = packed(bars, days)
    assert overlapping(lane, days) == []
    assert not lane.is_dense
    assert number(lane.height, "uvw") <= MOST_ROWS


def test_sixty_events_in_one_week_lose_their_names_and_nothing_else():
    bars = [Bar(100 + n % 5, 101 + n % 5, f"Side event {n}", CARD, has_card=n % 2 == 0) for n in range(60)]
    lane = packed(bars)
    assert lane.is_dense
    assert overlapping(lane, YEAR) == []
    assert {bar.where for bar in lane.bars} == {"none"}
    html = list_items(lane.bars)
    # Each is still a link with words: its card, or its name for those who cannot see.
    assert html.count('<a class="bar') == 60
    assert html.count("<strong>A meeting</strong>") == 30
    assert html.count("<b>Side event ") == 30


def test_parts_lie_below_their_meeting_inside_its_frame_and_nothing_else_does():
    parts = [Bar(*days, f"Part {n}", CARD) for n, days in enumerate([(98, 99), (100, 105), (102, 112), (103, 104)])]
    whole = Bar(100, 119, "Conference", CARD, parts=parts)
    other = Bar(105, 106, "Another meeting", CARD)
    lane = packed([whole, other])
    first, top = number(whole.frame, "abc"), number(whole.frame, "opq")
    last, bottom = first + number(whole.frame, "xyz"), top + number(whole.frame, "uvw")
    assert (first, last) == (98, 119)
    for part in parts:
        start, row = number(part.place, "abc"), number(part.place, "opq")
        assert first <= start
        assert start + number(part.place, "xyz") <= last
        assert top < row < bottom
    assert not top <= number(other.place, "opq") < bottom
    assert overlapping(lane, YEAR) == []


def test_many_side_events_lose_their_names_before_the_meetings_do():
    parts = [Bar(100 + n % 10, 101 + n % 10, f"Side event {n}", CARD) for n in range(40)]
    lane = packed([Bar(100, 112, "BRS COPs", CARD, parts=parts), Bar(200, 204, "BC OEWG-15", CARD)])
    assert [bar.shown_name for bar in lane.bars] == ["BRS COPs", "BC OEWG-15"]
    assert {part.where for part in parts} == {"none"}
    assert number(lane.height, "uvw") <= MOST_ROWS


def test_a_day_is_long_enough_to_be_seen_in_thirty_months():
    lane = packed([Bar(10, 11, "", CARD), Bar(912, 913, "", CARD)], THIRTY_MONTHS)
    for bar in lane.bars:
        length = number(bar.place, "xyz")
        assert length * TRACK_PIXELS / THIRTY_MONTHS >= 7
        assert number(bar.place, "abc") + length <= THIRTY_MONTHS


def test_a_crowded_fortnight_takes_the_names_of_its_own_bars_alone():
    crowd = [Bar(100 + n % 12, 102 + n % 12, f"Workshop {n}", CARD) for n in range(60)]
    others = [Bar(200, 205, "BC OEWG-15", CARD), Bar(40, 300, "A long campaign", CARD)]
    lane = packed(crowd + others)
    assert lane.is_dense
    assert {bar.where for bar in crowd} == {"none"}
    assert [bar.where for bar in others] == ["after", "inside"]
    # Rows are half as high there: a bar with a name takes two, and nothing else is in them.
    rows_of_names = {number(bar.place, "opq") + extra for bar in others for extra in (0, 1)}
    long_rows = {number(others[1].place, "opq"), number(others[1].place, "opq") + 1}
    assert len(rows_of_names) >= 2
    assert not long_rows & {number(bar.place, "opq") for bar in crowd}


def test_a_name_that_is_cut_closes_what_it_opened():
    name = "\u2068Meeting with a very long name\u2069: \u2068the words of the organisers for its dates\u2069"
    lane = packed([Bar(10, 12, name, CARD)])
    shown = lane.bars[0].shown_name
    assert shown.endswith("…")
    assert shown.count("\u2068") == shown.count("\u2069") == 2


def test_a_frame_is_as_wide_as_what_is_drawn_in_it():
    part = Bar(500, 501, "Session", CARD)
    whole = Bar(500, 501, "Meeting", CARD, parts=[part])
    packed([whole], THIRTY_MONTHS)
    assert number(whole.frame, "xyz") == number(whole.place, "xyz") == number(part.place, "xyz")


def test_what_the_card_says_in_full_is_not_read_out_twice():
    shown = Bar(1, 9, "A meeting", CARD)
    short = Bar(20, 29, "BC OEWG-15", CARD)
    repeated = Bar(40, 49, "A meeting", CARD, has_card=False)
    html = list_items(packed([shown, short, repeated]).bars)
    assert '<b aria-hidden="true">A meeting</b>' in html
    assert "<b>BC OEWG-15</b>" in html
    assert "<b>A meeting</b></a>" in html


def test_letters_of_chinese_are_given_their_width():
    bar = Bar(100, 105, "控制危险废物越境转移及其处置", CARD)
    lane = packed([bar, Bar(145, 146, "BC ICC", CARD)])
    # 14 letters of 14 pixels take 65 days: the next bar cannot be beside it.
    assert {number(one.place, "opq") for one in lane.bars} == {0, 1}


def test_what_is_hostile_in_a_name_stays_text():
    bar = Bar(1, 9, '<script>alert("x")</script>', CARD._replace(url='/events/x"onclick="y'))
    pack(Lane("Basel", "basel", [bar]), YEAR)
    html = list_items([bar])
    assert "<script" not in html
    assert 'onclick="y' not in html
    assert "&lt;script&gt;" in html
