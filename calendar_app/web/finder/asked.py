"""What the finder's form begins with, and what it asks for once it is valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from werkzeug.datastructures import MultiDict

from calendar_app.extensions import clock
from calendar_app.planning.dates import ONE_DAY, Precision, first_of_next_month
from calendar_app.planning.vocabulary import Format, OrganiserRole
from calendar_app.services.access import may_steward
from calendar_app.services.date_search import Asked
from calendar_app.services.records import BodyMeeting, EventRecord, Organiser, record_of
from calendar_app.services.reference import reference
from calendar_app.web.finder.forms import MOST_DAYS

if TYPE_CHECKING:
    from datetime import date

    from calendar_app.models import Event
    from calendar_app.planning.dates import Span
    from calendar_app.services.access import Person
    from calendar_app.web.finder.forms import FinderForm

_USUAL_DAYS = 5
_AROUND = timedelta(weeks=8)
_AHEAD = timedelta(days=180)
_HOLDING = (OrganiserRole.LEAD, OrganiserRole.CO_ORGANISER)


def first_values(someone: Person, given: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return with what the form begins when nothing was asked yet; what is `given` already stays."""
    start = first_of_next_month(clock.today())
    values: MultiDict[str, str] = MultiDict(
        {"days": str(_USUAL_DAYS), "format": str(Format.IN_PERSON), "earliest": f"{start:%Y-%m}"}
    )
    values["latest"] = f"{start + timedelta(days=100):%Y-%m}"
    values.setlist("organiser", sorted(someone.roles))
    for name in given:
        values.setlist(name, given.getlist(name))
    return values


def values_of_event(event: Event) -> MultiDict[str, str]:
    """Return the form's values for an event, with the weeks around its dates."""
    record = record_of(event)
    first, last = _period(record.span, record.precision, clock.today())
    kind = reference().kinds.get(record.kind)
    usual = kind.facts.usual_days if kind else 1
    exact = record.span.days if record.span and record.precision is Precision.DAY else usual
    values: MultiDict[str, str] = MultiDict(
        {
            "event": str(event.id),
            "kind": record.kind,
            "days": str(min(exact, MOST_DAYS)),
            "body": "; ".join(body.code for body in record.bodies),
            "city": record.city,
            "format": str(record.format),
            "earliest": first.isoformat(),
            "latest": last.isoformat(),
        }
    )
    values.setlist("audience", list(record.audiences))
    values.setlist("convention", list(record.processes))
    values.setlist("region", list(record.regions))
    values.setlist("organiser", [o.code for o in record.organisers if o.role in _HOLDING and _is_member(o.code)])
    if exact > _USUAL_DAYS or (record.span and record.precision is Precision.DAY and _has_weekend(record.span)):
        values["weekend"] = "y"
    return values


def _period(span: Span | None, precision: Precision, today: date) -> tuple[date, date]:
    """Return the first and the last day to look at; never before tomorrow."""
    tomorrow = today + ONE_DAY
    if span is None or span.last <= tomorrow:
        return tomorrow, tomorrow + _AHEAD
    around = _AROUND if precision is Precision.DAY else timedelta()
    return max(span.start - around, tomorrow), span.last + around


def _has_weekend(span: Span) -> bool:
    return span.start.weekday() + span.days > _USUAL_DAYS


def _is_member(code: str) -> bool:
    listed = reference().organisations.get(code)
    return listed is not None and listed.member


def asked_of(form: FinderForm, event: Event | None) -> Asked:
    """Return what a valid form asks for; what it does not have stays as in `event`. Raises ValueError if it is not."""
    earliest, latest = form.earliest.day, form.latest.day
    if earliest is None or latest is None:
        message = "the form is not valid"
        raise ValueError(message)
    return Asked(
        record=_record(form, record_of(event) if event else EventRecord()),
        days=form.days.data or _USUAL_DAYS,
        earliest=earliest,
        latest=latest,
        event=event.id if event else None,
        steward=event.steward_code if event else "",
        weekdays=frozenset(int(number) for number in form.weekday.data or ()),
        within_week=not form.weekend.data,
        avoid=form.avoided,
        next_to=form.neighbour,
    )


def _record(form: FinderForm, base: EventRecord) -> EventRecord:
    """Return who meets, where and how."""
    lists = reference()
    slug = lists.find("city", form.city.data or "")
    city = lists.cities[slug] if slug else None
    country = city.country if city else base.country if form.city.data == base.city else ""
    processes = form.convention.data or [lists.bodies[code].process for code in form.bodies]
    kept = [o for o in base.organisers if not (o.role in _HOLDING and _is_member(o.code))]
    held = {o.code: o for o in base.organisers if o.role in _HOLDING}
    chosen = [held.get(code) or Organiser(lists.organisation_name(code), code) for code in form.organiser.data or ()]
    return replace(
        base,
        kind=form.kind.data,
        bodies=tuple(BodyMeeting(code) for code in form.bodies),
        audiences=tuple(form.audience.data or ()),
        processes=tuple(dict.fromkeys(processes)),
        regions=tuple(form.region.data or ()),
        organisers=(*chosen, *kept),
        city=city.name if city else form.city.data or "",
        country=country,
        format=Format(form.format.data),
        venue=base.venue if form.city.data == base.city else "",
    )


def may_hold(someone: Person, event: Event | None) -> bool:
    """Tell whether this person may hold dates for the event."""
    return event is not None and may_steward(someone, event)
