"""How likely two meetings meet when the days of one or both are not known: all days left open are equally likely."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calendar_app.planning.facts import Facts
    from calendar_app.planning.meetings import Meeting


def likelihood_of_overlap(a: Meeting, b: Meeting, facts: Facts) -> float:
    """Return the likelihood, 0 to 1, that two meetings share a day.

    A meeting whose days are not known takes as many as is usual for its kind, somewhere within its span.
    """
    first, second = _positions(a, facts), _positions(b, facts)
    if first is None or second is None:
        return 0.0
    (start_a, count_a, days_a), (start_b, count_b, days_b) = first, second
    return _likelihood(start_b - start_a, count_a, days_a, count_b, days_b)


@lru_cache(maxsize=4096)
def _likelihood(later: int, count_a: int, days_a: int, count_b: int, days_b: int) -> float:
    """Return the share of all pairs of starts that meet; the first possible ones lie `later` days apart."""
    hits = 0
    for position in range(count_a):
        # The second one meets it if it starts after position - days_b and before position + days_a.
        low, high = max(later, position - days_b + 1), min(later + count_b - 1, position + days_a - 1)
        hits += max(0, high - low + 1)
    return hits / (count_a * count_b)


def _positions(meeting: Meeting, facts: Facts) -> tuple[int, int, int] | None:
    """Return the first possible start as an ordinal, how many starts are possible, and the length in days."""
    span = meeting.span
    if span is None:
        return None
    days = span.days if meeting.is_exact else min(span.days, facts.kind(meeting.kind).usual_days)
    return span.start.toordinal(), span.days - days + 1, days
