"""Which events in the calendar a new one may be the same as: a score over titles, dates, bodies and place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz
from sqlalchemy import or_, select

from calendar_app.models import Event, EventFacet
from calendar_app.planning.dates import Precision, Span, overlaps
from calendar_app.planning.vocabulary import Stage
from calendar_app.services.calendar import visible_to
from calendar_app.services.meeting_names import is_about, meetings_in, part_of_meeting, telling_words
from calendar_app.services.reference import reference
from calendar_app.services.text import fold

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.records import EventRecord
    from calendar_app.services.wording import Words

# How far apart the days of one meeting may be when two people write down what they know.
NEAR = timedelta(days=45)
_LOOKED_AT = timedelta(days=400)
_MOST_CANDIDATES = 3000
# Titles that share this much of their words (0 to 100) are alike; below, the title says nothing.
_ALIKE, _VERY_ALIKE = 75, 90
LIKELY = 60
FINISHED = (Stage.REJECTED, Stage.WITHDRAWN)
# What `facts_of_row` reads.
COMPARED = (
    Event.id,
    Event.titles,
    Event.short_title,
    Event.kind,
    Event.bodies,
    Event.processes,
    Event.start,
    Event.end,
    Event.precision,
    Event.start_time,
    Event.city_slug,
    Event.series,
)


class Reason(StrEnum):
    """Why two events may be one."""

    SAME_MEETING = "same-meeting"
    SAME_TITLE = "same-title"
    ALIKE_TITLE = "alike-title"
    SAME_DAYS = "same-days"
    OVERLAPPING = "overlapping"
    NEAR = "near"
    SAME_CITY = "same-city"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of an event. Titles folded; bodies as (code, number).

    `is_exact` tells that the span is that of the event, not the month or year it falls into; `starts_at` is "HH:MM".
    """

    titles: tuple[str, ...]
    kind: str = ""
    bodies: frozenset[tuple[str, int | None]] = frozenset()
    span: Span | None = None
    city_slug: str = ""
    is_exact: bool = True
    starts_at: str = ""
    # Which part of a meeting it is, and whether it is only about one.
    parts: frozenset[str] = frozenset()
    is_about: bool = False
    # The words by which each title tells itself from others.
    telling: frozenset[frozenset[str]] = frozenset()
    series: str = ""


@dataclass(frozen=True, slots=True)
class Likely:
    """An event that may be the same: how likely (up to 100), and why."""

    event_id: uuid.UUID
    score: int
    reasons: tuple[Reason, ...]


def likely(
    session: Session, viewer: Viewer, record: EventRecord, exclude: uuid.UUID | None = None, most: int = 5
) -> list[Likely]:
    """Return the events visible to `viewer` that may be the same as `record`, the likeliest first."""
    wanted = facts_of(record)
    if not wanted.titles and not wanted.bodies:
        return []
    found = []
    for event_id, candidate in _candidates(session, viewer, record, exclude):
        if are_siblings(wanted, candidate):
            continue
        score, reasons = compare(wanted, candidate)
        if score >= LIKELY:
            found.append(Likely(event_id, score, reasons))
    return sorted(found, key=lambda item: (-item.score, str(item.event_id)))[:most]


def likely_each(
    session: Session,
    viewer: Viewer,
    records: Sequence[EventRecord],
    leave_out: Collection[uuid.UUID],
    most: int = 3,
    *,
    are_decided_on: bool = False,
) -> list[list[Likely]]:
    """Return the same for each of many records, with one look at the calendar; `leave_out` are events of their own.

    What is in a file may be a date that was moved, of a series too; what is in the calendar and decided on may not.
    """
    condition = [visible_to(viewer), Event.stage.not_in(FINISHED), Event.merged_into_id.is_(None)]
    candidates = [facts_of_row(row) for row in session.execute(select(*COMPARED).where(*condition).order_by(Event.id))]
    candidates = [(event_id, facts) for event_id, facts in candidates if event_id not in leave_out]
    found: list[list[Likely]] = []
    for wanted in map(facts_of, records):
        near = ((event_id, facts) for event_id, facts in candidates if _may_be(wanted, facts))
        scores = (
            (event_id, compare(wanted, facts))
            for event_id, facts in near
            if not (are_decided_on and are_siblings(wanted, facts))
        )
        likely = [Likely(event_id, score, reasons) for event_id, (score, reasons) in scores if score >= LIKELY]
        found.append(sorted(likely, key=lambda item: (-item.score, str(item.event_id)))[:most])
    return found


def are_siblings(a: Facts, b: Facts) -> bool:
    """Tell whether two are dates of one series: on other days, and not by their numbers the same meeting."""
    is_one_series = bool(a.series) and a.series == b.series
    return is_one_series and a.span != b.span and not any(number for _code, number in a.bodies & b.bodies)


def _may_be(a: Facts, b: Facts) -> bool:
    """Tell whether two events are near enough for `compare` to find them likely: a cheap look at their days first."""
    if a.span is None or b.span is None or a.bodies & b.bodies:
        return True
    return max(a.span.start, b.span.start) - min(a.span.end, b.span.end) <= NEAR


def compare(a: Facts, b: Facts) -> tuple[int, tuple[Reason, ...]]:
    """Return how likely it is, up to 100, that two events are one, and why.

    A numbered meeting of a body takes place once: the same number is nearly proof, another number the contrary.
    """
    bodies = {code for code, _number in a.bodies} & {code for code, _number in b.bodies}
    numbers_a, numbers_b = (_numbered(side.bodies, bodies) for side in (a, b))
    if (numbers_a and numbers_b and not numbers_a & numbers_b) or other_part(a, b) or _other_bodies(a, b):
        return 0, ()
    reasons: list[Reason] = []
    score = 0
    if numbers_a & numbers_b:
        score += 60
        reasons.append(Reason.SAME_MEETING)
    elif bodies:
        score += 10
    likeness = max((_likeness(x, y) for x in a.titles for y in b.titles), default=0)
    if likeness >= _VERY_ALIKE:
        score += 45
        reasons.append(Reason.SAME_TITLE)
    elif likeness >= _ALIKE:
        score += 30
        reasons.append(Reason.ALIKE_TITLE)
    points, reason = _nearness(a, b)
    score += points
    reasons += [reason] if reason else []
    if a.city_slug and a.city_slug == b.city_slug:
        score += 10
        reasons.append(Reason.SAME_CITY)
    if a.kind and a.kind == b.kind:
        score += 5
    if a.is_about != b.is_about:
        # A meeting is not the one that prepares it, although that is named after it.
        score -= 25
    # Days and place alone are shared by many meetings that have nothing to do with one another.
    telling = {Reason.SAME_MEETING, Reason.SAME_TITLE, Reason.ALIKE_TITLE}
    return (min(max(score, 0), 100), tuple(reasons)) if telling & set(reasons) else (0, ())


def _likeness(a: str, b: str) -> float:
    """Return how alike two folded titles are; a short one within a long one counts only if it has several words."""
    likeness = fuzz.token_sort_ratio(a, b)
    if min(len(a.split()), len(b.split())) > 2:  # noqa: PLR2004 - "COP 8" is within many a title
        likeness = max(likeness, fuzz.token_set_ratio(a, b) * 0.95)
    return float(likeness)


def _numbered(side: Iterable[tuple[str, int | None]], bodies: Collection[str]) -> set[tuple[str, int]]:
    return {(code, number) for code, number in side if number and code in bodies}


def _other_bodies(a: Facts, b: Facts) -> bool:
    """Tell whether two are numbered meetings of bodies that have nothing to do with one another."""
    counted = [{code for code, number in side.bodies if number} for side in (a, b)]
    return all(counted) and not {code for code, _n in a.bodies} & {code for code, _n in b.bodies}


def other_part(a: Facts, b: Facts) -> bool:
    """Tell whether two titles speak of different parts of a meeting: "part I" and "part II", online and in person."""
    numbers = [{part for part in side.parts if part.startswith("part ")} for side in (a, b)]
    modes = [side.parts & {"online", "in-person"} for side in (a, b)]
    return any(one and other and not one & other for one, other in (numbers, modes))


def _nearness(a: Facts, b: Facts) -> tuple[int, Reason | None]:
    if a.span is None or b.span is None:
        return 15, None
    if a.span == b.span:
        # That two fall into the same year says less than that they take place on the same days.
        return (30, Reason.SAME_DAYS) if a.is_exact and b.is_exact else (25, Reason.OVERLAPPING)
    if overlaps(a.span, b.span):
        return 25, Reason.OVERLAPPING
    gap = max(a.span.start, b.span.start) - min(a.span.end, b.span.end)
    return (15, Reason.NEAR) if gap <= NEAR else (-40, None)


def facts_of(record: EventRecord) -> Facts:
    """Return what is compared of a record."""
    return _facts(
        (*record.titles.values(), record.short_title),
        tuple((body.code, body.number) for body in record.bodies),
        record.processes,
        kind=record.kind,
        span=record.span,
        city_slug=reference().city_slug(record.city) if record.city else "",
        is_exact=record.precision is Precision.DAY,
        starts_at=record.start_time,
        series=record.series,
    )


def _facts(
    titles: Iterable[str],
    bodies: Iterable[tuple[str, int | None]],
    processes: Iterable[str],
    **values: Any,  # noqa: ANN401 - fields of `Facts`
) -> Facts:
    """Return the facts of an event of these titles, with all that the titles tell."""
    named = [title for title in titles if title]
    return Facts(
        titles=tuple(filter(None, map(fold, named))),
        bodies=meetings_in(named, tuple(processes), bodies, reference()),
        parts=frozenset(part for title in named for part in part_of_meeting(title)),
        is_about=any(is_about(title) for title in named),
        telling=frozenset(filter(None, (telling_words(title) for title in named))),
        **values,
    )


def _candidates(
    session: Session, viewer: Viewer, record: EventRecord, exclude: uuid.UUID | None
) -> list[tuple[uuid.UUID, Facts]]:
    """Return the events near in time, without days, or of the same bodies; without days of its own the latest."""
    condition = [visible_to(viewer), Event.stage.not_in(FINISHED)]
    if exclude:
        condition.append(Event.id != exclude)
    if record.span:
        near = (Event.start < record.span.end + _LOOKED_AT) & (Event.end > record.span.start - _LOOKED_AT)
        condition.append(or_(near, Event.start.is_(None), _shares_body([body.code for body in record.bodies])))
    query = select(*COMPARED).where(*condition).order_by(Event.start.desc(), Event.id)
    return [facts_of_row(row) for row in session.execute(query.limit(_MOST_CANDIDATES))]


def _shares_body(codes: Sequence[str]) -> Any:  # noqa: ANN401 - a condition of SQLAlchemy
    same = select(EventFacet.event_id).where(EventFacet.facet == "body", EventFacet.value.in_(codes))
    return Event.id.in_(same)


def facts_of_row(row: Any) -> tuple[uuid.UUID, Facts]:  # noqa: ANN401 - a row of SQLAlchemy
    """Return the id and the facts of an event from a row of the columns `COMPARED`."""
    bodies = tuple((body["code"], body.get("number")) for body in row.bodies)
    return row.id, _facts(
        (*row.titles.values(), row.short_title),
        bodies,
        row.processes,
        kind=row.kind,
        span=Span(row.start, row.end) if row.start else None,
        city_slug=row.city_slug,
        is_exact=row.precision == Precision.DAY,
        starts_at=row.start_time,
        series=row.series,
    )


def in_words(reasons: Iterable[Reason], words: Words) -> str:
    """Return the reasons as "same title, same days"."""
    texts = {
        Reason.SAME_MEETING: words.gettext("same body and number"),
        Reason.SAME_TITLE: words.gettext("same title"),
        Reason.ALIKE_TITLE: words.gettext("similar title"),
        Reason.SAME_DAYS: words.gettext("same days"),
        Reason.OVERLAPPING: words.gettext("days that overlap"),
        Reason.NEAR: words.gettext("days close by"),
        Reason.SAME_CITY: words.gettext("same city"),
    }
    return words.listed(texts[reason] for reason in reasons)
