"""An .ics file as a sheet: each event of it, and each date of a series, as a row in the columns of the calendar.

UIDs are the ids at the source, so that the same file again finds its events; the UID of an event of ours is its id.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz
from sqlalchemy import select

from calendar_app.models import Event
from calendar_app.planning.dates import first_of_month_back
from calendar_app.services import own_entries
from calendar_app.services.column_guess import PLACE
from calendar_app.services.file_kinds import problem_of_kind
from calendar_app.services.joining import has_call, without_joining
from calendar_app.services.named_meetings import what_is_named
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference import reference
from calendar_app.services.row_cells import MAX_ID, event_id_of
from calendar_app.services.sentences import in_english, marked
from calendar_app.services.sheet_cells import written_anew
from calendar_app.services.sheets import Sheet, SheetError
from calendar_app.services.source_items import names_of_series
from calendar_app.services.written_status import status_of, without_status
from feeds.reading import child
from feeds.reading.values import SENTENCES, Failure, Horizon, ReadFailedError

if TYPE_CHECKING:
    import uuid

    from sqlalchemy.orm import Session

    from calendar_app.services.sheet_cells import Cells
    from feeds.reading.values import ReadEvent, Remark

# How far the dates of a series are worked out: to the end of the month, this many months from today.
_HORIZON = 24
_JOINING = marked("How to join online is left out of the description: it is for those who are invited.")

# What titles and categories name, but nobody said: it counts for new events only.
GUESSED = frozenset({"conventions", "kind", "body", "body_numbers"})
_TITLES = ("title", *(f"title_{code}" for code in LANGUAGES))
# Columns that say one thing together.
_UNITS = (
    _TITLES,
    ("start", "end", "start_time", "end_time", "timezone", "date_precision", "date_text"),
    ("city", "country", "venue", "format"),
    ("latitude", "longitude"),
    ("status",),
)
_NOT_SAID = frozenset({"id", "last_modified"})

# Why a file cannot be read; what a source on the web is told has other words.
_FAILURES = {
    Failure.EMPTY: marked("%(file)s is empty. Look whether it was saved, and send it again."),
    Failure.WEB_PAGE: marked("%(file)s is a web page, perhaps one for signing in. Download the calendar again."),
    Failure.NOT_THE_FORMAT: marked("%(file)s is no calendar file. Save the calendar again as .ics."),
    Failure.TRUNCATED: marked("%(file)s is cut off in the middle. Save the calendar again as .ics."),
    Failure.TOO_LARGE: marked("%(file)s is too large. Divide it into several files."),
    Failure.TOO_MANY: marked("%(file)s has too many events. Divide it into several files."),
    Failure.GAVE_UP: marked("%(file)s takes too much time or memory to read. Divide it into several files."),
}


def read_ics(name: str, data: bytes, today: date, zone: str) -> Sheet:
    """Return the events of an .ics file; `zone` is where times without a zone are meant. Raises `SheetError`."""
    if wrong := problem_of_kind(name, data):
        raise SheetError(wrong)
    horizon = Horizon(date(1970, 1, 1), first_of_month_back(today, -_HORIZON - 1))
    try:
        feed = child.read(data, "text/calendar", "ics", default_zone=ZoneInfo(zone), horizon=horizon)
    except ReadFailedError as problem:
        raise SheetError(in_english(_FAILURES[problem.reason], file=name)) from None
    sheet = Sheet(remarks=[_in_english(remark) for remark in (*feed.problems, *feed.notes)])
    series = names_of_series(feed.events)
    for number, event in enumerate(feed.events, 1):
        anew = _row(event, zone, series.get(event.uid, ""))
        sheet.rows.append((number, anew.cells))
        if has_call(event.description):
            anew.notes.append(in_english(_JOINING))
        sheet.notes |= {number: anew.notes} if anew.notes else {}
    return sheet


def leave_own(session: Session, rows: list[tuple[int, dict[str, str]]]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows without what our own feeds say anyway of an event that the calendar has: it is no change."""
    ids = {line: event_id for line, cells in rows if (event_id := event_id_of(cells.get("id", "")))}
    own: dict[uuid.UUID, Event] = {}
    wanted = list(ids.values())
    for first in range(0, len(wanted), 500):
        query = select(Event).where(Event.id.in_(wanted[first : first + 500]))
        own |= {event.id: event for event in session.scalars(query)}
    return [(line, _own(own[ids[line]], cells) if ids.get(line) in own else cells) for line, cells in rows]


def _own(event: Event, given: dict[str, str]) -> dict[str, str]:
    """Return what a row says of an event that is not what our feeds say of it, in whichever language."""
    # Their descriptions are put together of many facts, and the address is that of the event's page.
    made_up = {"description", "web_url", "series", *GUESSED}
    cells = {name: text for name, text in given.items() if name not in made_up}
    if not any(name in cells for name in _TITLES):
        # What is left of an event that is not public any more.
        return {"id": cells["id"]}
    if event.start is not None:
        zone = cells.get("timezone", "UTC")
        entry = cells
        for code in LANGUAGES:
            left = _left(entry, _row(own_entries.written(event, code, reference()), zone).cells)
            cells = min(cells, left, key=len)
            if cells.keys() <= _NOT_SAID:
                break
    title = next((cells.pop(name) for name in _TITLES if name in cells), "")
    if title and title not in event.titles.values():
        # A feed is in one language, and only its titles show which.
        code = max(event.titles, key=lambda code: fuzz.ratio(event.titles[code], title))
        cells["title" if code == "en" else f"title_{code}"] = title
    return cells


def _left(cells: dict[str, str], expected: dict[str, str]) -> dict[str, str]:
    """Return cells without those that are as expected; what belongs together stays together."""
    same = [unit for unit in _UNITS if all(cells.get(name, "") == expected.get(name, "") for name in unit)]
    left_out = {name for unit in same for name in unit}
    return {name: text for name, text in cells.items() if name not in left_out}


def _row(event: ReadEvent, zone: str, series: str = "") -> Cells:
    known: dict[str, str] = {"series": series}
    if own_entries.is_ours(event):
        event, dates = own_entries.taken_apart(event)
        known |= dates
    anew = written_anew(_cells(event, zone) | known, None, reference())
    _forget_city_position(anew.cells)
    # What a feed does not say it does not deny.
    anew.cells = {column: text for column, text in anew.cells.items() if text}
    return anew


def _forget_city_position(cells: dict[str, str]) -> None:
    """Leave out where a city lies if the list of cities says the same: that is no position of the meeting itself."""
    lists = reference()
    city = lists.cities.get(lists.city_slug(cells.get("city", "")))
    if city and (cells["latitude"], cells["longitude"]) == (f"{city.latitude:.8f}", f"{city.longitude:.8f}"):
        cells["latitude"] = cells["longitude"] = ""


def _in_english(remark: Remark) -> str:
    sentence, detail = SENTENCES[remark.code], remark.detail
    if not remark.uid:
        return in_english(sentence, detail=detail)
    return in_english("%(because)s (%(uid)s)", because=sentence, detail=detail, uid=remark.uid[:60])


def _cells(event: ReadEvent, zone: str) -> dict[str, str]:
    title = without_status(event.summary)
    # Words of the list are taken wherever they stand as a category.
    what = what_is_named(replace(event, treaties=event.categories), {"en": title}, (), reference())
    cells = {
        "id": _id(event),
        "title": title[:500],
        "conventions": "; ".join(what["processes"]),
        "kind": what["kind"] if what["kind"] != "other" else "",
        "body": "; ".join(body.code for body in what["bodies"]),
        "body_numbers": "; ".join(str(body.number or "") for body in what["bodies"]),
        "description": without_joining(event.description),
        "status": status_of(event) or "",
        PLACE: event.location,
        "web_url": event.url if event.url.startswith(("http://", "https://")) else "",
        "latitude": "" if event.latitude is None else f"{event.latitude:.8f}",
        "longitude": "" if event.longitude is None else f"{event.longitude:.8f}",
        # Of our own events, so that an old file takes nothing back; of others it would say nothing about ours.
        "last_modified": event.last_modified.isoformat() if event.last_modified and event_id_of(event.uid) else "",
    }
    if event.start is None:
        return cells | {"date_text": "Date to be announced", "date_precision": "words"}
    return cells | _times(event, event.start, zone)


def _id(event: ReadEvent) -> str:
    """Return the id of an event at its source, whole or as the length of an id allows."""
    text = f"{event.uid}#{event.recurrence_id}" if event.recurrence_id else event.uid
    # A bare number is refused in sheets; in a feed it is as good as any other UID.
    return ("uid:" + text if text.isdigit() else text)[-MAX_ID:]


def _times(event: ReadEvent, start: date, usual: str) -> dict[str, str]:
    """Return days and hours. UTC is nobody's zone, so `usual` instead."""
    end = event.end
    if not isinstance(start, datetime):
        last = end - timedelta(days=1) if end and end > start else start
        return {"start": start.isoformat(), "end": last.isoformat(), "date_precision": "day"}
    name = usual if event.timezone in {"", "UTC", "Etc/UTC"} else event.timezone
    start = start.astimezone(ZoneInfo(name))
    last_moment = end.astimezone(start.tzinfo) if isinstance(end, datetime) and end > start else start
    # What ends at midnight ends on the day before.
    last = (last_moment - timedelta(seconds=1)).date() if last_moment > start else start.date()
    return {
        "start": start.date().isoformat(),
        "end": last.isoformat(),
        "start_time": f"{start:%H:%M}",
        "end_time": f"{last_moment:%H:%M}" if last_moment > start else "",
        "timezone": name,
        "date_precision": "day",
    }
