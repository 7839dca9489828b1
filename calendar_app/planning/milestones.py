"""The steps before and after a meeting: on which day each is due, and how it stands.

Days are reckoned from the first day of the meeting whenever they are asked for, so they move with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# How many weeks a step may lie before and after the first day.
EARLIEST_WEEKS, LATEST_WEEKS = -260, 26
# How long after a meeting its last steps are still asked for.
ASKED_AFTER = timedelta(weeks=LATEST_WEEKS + 13)


class MilestoneState(StrEnum):
    """What people said of a step."""

    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not-needed"


class Standing(StrEnum):
    """How a step stands today.

    `undated`: the days of the meeting are not known. `before`: its day was over when the event entered the calendar.
    `off`: the meeting is over, cancelled or postponed, and nobody asks for it.
    """

    DUE = "due"
    LATE = "late"
    UNDATED = "undated"
    BEFORE = "before"
    OFF = "off"
    DONE = "done"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True, slots=True)
class Course:
    """What decides about the steps of a meeting. `start` and `end` are half-open, None unless the days are exact.

    `entered` is the day on which the event entered the calendar. `is_on`: planned to take place.
    """

    start: date | None
    end: date | None
    entered: date
    is_on: bool = True


def day_of(start: date | None, weeks: int | None, agreed: date | None) -> date | None:
    """Return the day of a step: the one agreed for this meeting, else so many weeks from its first day.

    None where the meeting's days are not known: no day is invented. `weeks` is negative for what comes before.
    """
    if agreed or start is None or weeks is None:
        return agreed
    return start + timedelta(weeks=weeks)


def standing(day: date | None, state: MilestoneState, course: Course, today: date) -> Standing:
    """Return how a step with this day stands. It is late only if its day came when the calendar kept the event."""
    if state is not MilestoneState.OPEN:
        return Standing.DONE if state is MilestoneState.DONE else Standing.NOT_NEEDED
    if not course.is_on:
        return Standing.OFF
    if day is None:
        return Standing.UNDATED
    if _is_over(day, course, today):
        return Standing.OFF
    if day >= today:
        return Standing.DUE
    return Standing.LATE if day >= course.entered else Standing.BEFORE


def _is_over(day: date, course: Course, today: date) -> bool:
    """Tell whether a step lay before a meeting that has begun; what comes after one is asked for longer."""
    if course.start is not None and day < course.start <= today:
        return True
    if course.end is None or course.end > today:
        return False
    return day < course.end or today >= course.end + ASKED_AFTER
