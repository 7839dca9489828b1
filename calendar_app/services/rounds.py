"""A round of regional meetings, entered at once: one title, and for each region its own dates and city."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import PartRole
from calendar_app.services import events
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from calendar_app.models import Event
    from calendar_app.services.events import Change
    from calendar_app.services.records import EventRecord
    from calendar_app.services.reference import Reference

# Stands in a title for the name of the region.
PLACE_OF_REGION = "[region]"


@dataclass(frozen=True, slots=True)
class Meeting:
    """The meeting of one region; without a span `date_text` says when, in words."""

    region: str
    region_name: str
    span: Span | None = None
    date_text: str = ""
    city: str = ""


def create(
    session: Session,
    common: EventRecord,
    meetings: Sequence[Meeting],
    made: Change,
    reference: Reference,
    *,
    whole_title: str = "",
    first_id: uuid.UUID | None = None,
) -> list[Event]:
    """Add an event for each meeting, with what is common to all; under a common whole if that has a title.

    The whole, if any, is the first of those returned. Its dates are the time between its parts' first and last day, if
    the days of all are known. `first_id` is the id of the first event.
    """
    created: list[Event] = []
    ids = itertools.chain([first_id or uuid.uuid4()], iter(uuid.uuid4, None))
    if whole_title:
        created.append(events.create(session, next(ids), _whole(common, meetings, whole_title), made, reference))
        common = replace(common, part_of=created[0].id, part_role=str(PartRole.PART))
    for meeting in meetings:
        record = _record(common, meeting, reference)
        created.append(events.create(session, next(ids), record, made, reference))
    session.flush()
    return created


def _record(common: EventRecord, meeting: Meeting, reference: Reference) -> EventRecord:
    slug = reference.find("city", meeting.city) if meeting.city else None
    city = reference.cities[slug] if slug else None
    return replace(
        common,
        titles={code: _titled(title, meeting.region_name) for code, title in common.titles.items()},
        regions=(meeting.region,),
        span=meeting.span,
        precision=Precision.DAY if meeting.span else Precision.WORDS,
        date_text="" if meeting.span else meeting.date_text,
        city=city.name if city else meeting.city,
        country=city.country if city else "",
    )


def _titled(title: str, region: str) -> str:
    """Put the region where the title has a place for it, else at the end."""
    return title.replace(PLACE_OF_REGION, region) if PLACE_OF_REGION in title else f"{title}: {region}"


def _whole(common: EventRecord, meetings: Sequence[Meeting], title: str) -> EventRecord:
    """Return the whole: of one meeting whose days are not known it would be wrong to say that it lies in between."""
    spans = [meeting.span for meeting in meetings if meeting.span]
    known = len(spans) == len(meetings)
    outer = Span(min(span.start for span in spans), max(span.end for span in spans)) if known else None
    return replace(
        common,
        titles=dict.fromkeys(common.titles, title),
        regions=tuple(meeting.region for meeting in meetings),
        span=outer,
        precision=Precision.WORDS,
        date_text="" if known else Words(next(iter(common.titles))).gettext("Several dates"),
    )
