"""Which events in the calendar a new one may be the same as: a score over titles, dates, bodies and place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz
from sqlalchemy import or_, select

from calendar_app.models import Event, EventFacet
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage
from calendar_app.services.calendar import visible_to
from calendar_app.services.reference import reference
from calendar_app.services.text import fold

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.records import BodyMeeting, EventRecord
    from calendar_app.services.wording import Words

# How far apart the days of one meeting may be when two people write down what they know.
_NEAR = timedelta(days=45)
_LOOKED_AT = timedelta(days=400)
_MOST_CANDIDATES = 3000
# Titles that share this much of their words (0 to 100) are alike; below, the title says nothing.
_ALIKE, _VERY_ALIKE = 75, 90
LIKELY = 60
_FINISHED = (Stage.REJECTED, Stage.WITHDRAWN)


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
    """What is compared of an event. Titles folded; bodies as (code, number)."""

    titles: tuple[str, ...]
    kind: str = ""
    bodies: frozenset[tuple[str, int | None]] = frozenset()
    span: Span | None = None
    city_slug: str = ""


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
        score, reasons = compare(wanted, candidate)
        if score >= LIKELY:
            found.append(Likely(event_id, score, reasons))
    return sorted(found, key=lambda item: (-item.score, str(item.event_id)))[:most]


def compare(a: Facts, b: Facts) -> tuple[int, tuple[Reason, ...]]:
    """Return how likely it is, up to 100, that two events are one, and why.

    A numbered meeting of a body takes place once: the same number is nearly proof, another number the contrary.
    """
    bodies = {code for code, _number in a.bodies} & {code for code, _number in b.bodies}
    numbers_a, numbers_b = ({(c, n) for c, n in side if n and c in bodies} for side in (a.bodies, b.bodies))
    if numbers_a and numbers_b and not numbers_a & numbers_b:
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
    points, reason = _nearness(a.span, b.span)
    score += points
    reasons += [reason] if reason else []
    if a.city_slug and a.city_slug == b.city_slug:
        score += 10
        reasons.append(Reason.SAME_CITY)
    if a.kind and a.kind == b.kind:
        score += 5
    # Days and place alone are shared by many meetings that have nothing to do with one another.
    telling = {Reason.SAME_MEETING, Reason.SAME_TITLE, Reason.ALIKE_TITLE}
    return (min(score, 100), tuple(reasons)) if telling & set(reasons) else (0, ())


def _likeness(a: str, b: str) -> float:
    """Return how alike two folded titles are; a short one within a long one counts only if it has several words."""
    likeness = fuzz.token_sort_ratio(a, b)
    if min(len(a.split()), len(b.split())) > 2:  # noqa: PLR2004 - "COP 8" is within many a title
        likeness = max(likeness, fuzz.token_set_ratio(a, b) * 0.95)
    return float(likeness)


def _nearness(a: Span | None, b: Span | None) -> tuple[int, Reason | None]:
    if a is None or b is None:
        return 15, None
    if a == b:
        return 30, Reason.SAME_DAYS
    if a.start < b.end and b.start < a.end:
        return 25, Reason.OVERLAPPING
    gap = max(a.start, b.start) - min(a.end, b.end)
    return (15, Reason.NEAR) if gap <= _NEAR else (-40, None)


def facts_of(record: EventRecord) -> Facts:
    """Return what is compared of a record."""
    return Facts(
        titles=_folded([*record.titles.values(), record.short_title]),
        kind=record.kind,
        bodies=_bodies(record.bodies),
        span=record.span,
        city_slug=reference().city_slug(record.city) if record.city else "",
    )


def _bodies(bodies: Iterable[BodyMeeting]) -> frozenset[tuple[str, int | None]]:
    return frozenset((body.code, body.number) for body in bodies)


def _folded(titles: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, (fold(title) for title in titles)))


def _candidates(
    session: Session, viewer: Viewer, record: EventRecord, exclude: uuid.UUID | None
) -> list[tuple[uuid.UUID, Facts]]:
    """Return the events near in time, without days, or of the same bodies; without days of its own the latest."""
    condition = [visible_to(viewer), Event.stage.not_in(_FINISHED)]
    if exclude:
        condition.append(Event.id != exclude)
    if record.span:
        near = (Event.start < record.span.end + _LOOKED_AT) & (Event.end > record.span.start - _LOOKED_AT)
        condition.append(or_(near, Event.start.is_(None), _shares_body([body.code for body in record.bodies])))
    columns = (Event.id, Event.titles, Event.short_title, Event.kind, Event.bodies, Event.start, Event.end)
    query = select(*columns, Event.city_slug).where(*condition).order_by(Event.start.desc(), Event.id)
    return [_candidate(row) for row in session.execute(query.limit(_MOST_CANDIDATES))]


def _shares_body(codes: Sequence[str]) -> Any:  # noqa: ANN401 - a condition of SQLAlchemy
    same = select(EventFacet.event_id).where(EventFacet.facet == "body", EventFacet.value.in_(codes))
    return Event.id.in_(same)


def _candidate(row: Any) -> tuple[uuid.UUID, Facts]:  # noqa: ANN401 - a row of SQLAlchemy
    event_id, titles, short_title, kind, bodies, start, end, city_slug = row
    return event_id, Facts(
        titles=_folded([*titles.values(), short_title]),
        kind=kind,
        bodies=frozenset((body["code"], body.get("number")) for body in bodies),
        span=Span(start, end) if start else None,
        city_slug=city_slug,
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
