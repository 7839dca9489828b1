"""Which meetings concern more than one member."""

from __future__ import annotations

from datetime import date

import pytest

from calendar_app.planning.coordination import SlotState, is_late, is_of_mutual_interest
from calendar_app.planning.facts import KindFacts

MEMBERS = {"brs", "minamata", "chb"}
WORKSHOP, COP = KindFacts("workshop", regional=True), KindFacts("cop", governing=True)


@pytest.mark.parametrize(
    ("kind", "holders", "expected"),
    [
        (WORKSHOP, {"brs"}, False),
        (WORKSHOP, {"brs", "a-centre"}, False),
        (WORKSHOP, {"brs", "minamata"}, True),
        (WORKSHOP, {"a-centre"}, True),  # an outside process
        (WORKSHOP, set(), False),  # nobody knows who holds it
        (COP, {"brs"}, True),
        (COP, set(), True),
        (KindFacts("conference"), {"brs"}, True),
        (KindFacts("other"), {"brs", "minamata"}, False),
        (KindFacts("deadline", is_meeting=False), {"a-centre"}, False),
    ],
)
def test_a_meeting_is_of_mutual_interest_by_who_holds_it_and_what_it_is(kind, holders, expected):
    assert is_of_mutual_interest(kind, holders, MEMBERS) is expected


@pytest.mark.parametrize("state", SlotState)
def test_a_slot_is_late_from_the_day_after_its_deadline_unless_nothing_is_left_to_do(state):
    day = date(2027, 3, 1)
    unfinished = state in {SlotState.OPEN, SlotState.AGREED}
    assert is_late(state, day, date(2027, 3, 2)) is unfinished
    assert not is_late(state, day, day)
    assert not is_late(state, None, date(2027, 3, 2))
