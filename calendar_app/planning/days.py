"""One meeting and its days: holidays, days the General Assembly asks to observe or avoid, weekends, long runs.

These are facts about a single event. That its dates are tentative does not make them less bad: the holiday is sure,
and this is the best moment to speak.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from calendar_app.planning.dates import overlaps
from calendar_app.planning.findings import Effect, Reason
from calendar_app.planning.pairs import Judgement
from calendar_app.planning.relations import BESIDE
from calendar_app.planning.vocabulary import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calendar_app.planning.dates import Span
    from calendar_app.planning.facts import Facts, FreeDay, Period
    from calendar_app.planning.meetings import Meeting
    from calendar_app.planning.policy import Policy

_SATURDAY = 5
_UNKNOWN = Judgement(Severity.NONE, (Reason("days-unknown", Effect.QUIET),))
_FREE = Judgement(Severity.NONE, (Reason("free-days", Effect.QUIET),))


def judge_days(meeting: Meeting, facts: Facts, policy: Policy) -> Judgement:
    """Return what is wrong with the days of one meeting that takes part, the worst first."""
    if not meeting.is_exact or meeting.span is None:
        return _UNKNOWN
    reasons = [*_holidays(meeting, meeting.span, facts, policy)]
    if not meeting.is_online:
        reasons += _weekend(meeting, meeting.span, policy)
        reasons += _periods(meeting, meeting.span, facts, policy)
        reasons += _long_run(meeting, policy)
    spoken = sorted((r for r in reasons if r.severity), key=lambda r: -r.severity)
    if not spoken:
        return _FREE
    return Judgement(spoken[0].severity, tuple(spoken))


def _holidays(meeting: Meeting, span: Span, facts: Facts, policy: Policy) -> Iterator[Reason]:
    seats = {city for code in meeting.secretariats for city in facts.seats.get(code, ())}
    for ordinal in range(span.first_ordinal, span.end_ordinal):
        day = date.fromordinal(ordinal)
        items = facts.free_days.get(day)
        if not items:
            continue
        closed = {item.city for item in items if item.tier == "official"}
        for item in items:
            found = _holiday(meeting, item, seats, policy)
            # The official list says the same of a duty station as the law of its country, and more exactly.
            if found and not (item.tier == "national" and meeting.city in closed):
                rule, level, values = found
                if meeting.is_online:
                    level = max(0, level - policy.online_lowers)
                yield _speaks(rule, level, ("day", day), ("name", item.name), *values)


def _holiday(
    meeting: Meeting, item: FreeDay, seats: set[str], policy: Policy
) -> tuple[str, int, tuple[tuple[str, str], ...]] | None:
    """Return the rule that a day to keep free falls under for a meeting, its severity and values; None for none."""
    if item.tier == "observe":
        return "observed-day", policy.observed_day, ()
    if meeting.is_online:
        return None
    if item.tier == "avoid":
        return "avoided-day", policy.avoided_day, ()
    here = item.city == meeting.city if item.city else item.country == meeting.country
    if item.tier == "national":
        values = (("city", meeting.city), ("country", meeting.country))
        return ("national-holiday", policy.national_holiday, values) if here else None
    if here:
        return "official-holiday", policy.official_holiday, (("city", item.city),)
    return ("staff-holiday", policy.staff_holiday, (("city", item.city),)) if item.city in seats else None


def _weekend(meeting: Meeting, span: Span, policy: Policy) -> Iterator[Reason]:
    if span.start.weekday() >= _SATURDAY and meeting.part_role not in BESIDE:
        yield _speaks("weekend-start", policy.weekend_start, ("day", span.start))


def _periods(meeting: Meeting, span: Span, facts: Facts, policy: Policy) -> Iterator[Reason]:
    seen = set()
    for year in range(span.start.year, span.last.year + 1):
        for period in facts.periods.get(year, ()):
            if period not in seen and overlaps(period.span, span) and _applies(period, meeting, facts):
                seen.add(period)
                values = (("name", period.name), ("first", period.span.start), ("last", period.span.last))
                yield _speaks("avoided-period", policy.avoided_period, *values)


def _applies(period: Period, meeting: Meeting, facts: Facts) -> bool:
    for what, value in period.applies_to:
        if (
            what == "all"
            or (what == "kind" and value == meeting.kind)
            or (what == "audience" and value in meeting.people.pools)
            or (what == "duty_station" and value == meeting.city)
            or (what == "host_region" and value == facts.country_regions.get(meeting.country))
        ):
            return True
    return False


def _long_run(meeting: Meeting, policy: Policy) -> Iterator[Reason]:
    run = meeting.taken
    if run and meeting.secretariats and run.days > policy.long_run_days:
        yield _speaks("long-run", policy.long_run, ("days", run.days), ("most", policy.long_run_days))


def _speaks(rule: str, level: int, *values: tuple[str, object]) -> Reason:
    return Reason(rule, Effect.SPEAKS, values, Severity(level))  # type: ignore[arg-type]
