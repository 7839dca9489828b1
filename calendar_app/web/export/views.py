"""The list that somebody looks at as a file: CSV, XLSX, or a table for Word."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, limiter
from calendar_app.services import calendar, event_lists, exporting, sheets
from calendar_app.services.event_table import EventTable, Line
from calendar_app.services.records import organisers_of
from calendar_app.services.reference import reference
from calendar_app.web import filter_form
from calendar_app.web.event_lines import Reader
from calendar_app.web.events.listing import sections
from calendar_app.web.page import current_language, read_filter, title_language, viewer, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from calendar_app.models import Event
    from calendar_app.services.filters import EventFilter
    from calendar_app.web.event_lines import EventLine

blueprint = Blueprint("export", __name__, url_prefix="/export")

_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@blueprint.get("/<any(coming, past):listed>.<any(csv, xlsx, docx):form>")
# Each takes a while to make.
@limiter.limit("30 per minute")
def export(listed: str, form: str) -> Response:
    """Give all events of a list, for any filter, as far as the reader may see them."""
    wanted, past = read_filter(), listed == "past"
    data = _word(wanted, past=past) if form == "docx" else _sheet(wanted, form, past=past)
    name = f"{listed}-events-{clock.today().isoformat()}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-cache"}
    return Response(data, mimetype=_TYPES[form], headers=headers)


def addresses(wanted: EventFilter, *, past: bool) -> list[dict[str, str]]:
    """Return the files in which a list can be had, with labels and addresses."""
    listed = "past" if past else "coming"
    own = {
        form: url_for("export.export", listed=listed, form=form).partition("?")[0] + wanted.query() for form in _TYPES
    }
    return [
        {"label": _("Excel workbook"), "url": own["xlsx"]},
        {"label": _("CSV text for any spreadsheet"), "url": own["csv"]},
        {"label": _("Table for Word"), "url": own["docx"]},
        {"label": _("Calendar file (ICS)"), "url": url_for("feeds.filtered") + _as_feed(wanted, past=past)},
    ]


def _as_feed(wanted: EventFilter, *, past: bool) -> str:
    """Return the parameters with which a feed gives the days of the list, and vague dates as it does."""
    today = clock.today().isoformat()
    first = wanted.first_text or ("1970-01-01" if past else today)
    last = today if past and not (wanted.last and wanted.last < clock.today()) else wanted.last_text
    return wanted.query(first_text=first, last_text=last, tbc=True)


def _sheet(wanted: EventFilter, form: str, *, past: bool) -> bytes:
    session, today = db.session(), clock.today()
    columns = exporting.columns_for(session, viewer(), wanted, today=today, past=past)
    rows = exporting.rows(session, viewer(), wanted, reference(), today=today, past=past)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"events.{form}"
        sheets.write_sheet(path, columns, rows)
        return path.read_bytes()


def _word(wanted: EventFilter, *, past: bool) -> bytes:
    session, today, language = db.session(), clock.today(), current_language()
    query = event_lists.all_listed(viewer(), wanted, today=today, past=past, options=[])
    events = session.scalars(query.execution_options(yield_per=exporting.AT_ONCE))
    # What has parts is not told in a table.
    reader = Reader(words(), title_language(), today, viewer(), {}, clock.zone)
    fields = filter_form.form(wanted, words(), calendar.places_in_use(session, viewer()), "")
    chosen = [choice.said for choice in filter_form.in_words(wanted, fields) if choice.name != "lang"]
    product = _("Joint meeting calendar")
    heading = _("Past events") if past else _("Coming events")
    table = EventTable(
        title=_("Joint meeting calendar: %(part)s", part=heading),
        notes=("; ".join(chosen) or _("All events"), _("As of %(day)s", day=words().day(today))),
        headings=(_("Dates"), _("Meeting"), _("Place"), _("Organiser"), _("Status")),
        groups=_groups(events, reader, now_first=not past and wanted.first is None),
        language=language,
    )
    # Here, because what writes Word files takes megabytes in each process, most of which never do.
    from calendar_app.services import word_table  # noqa: PLC0415

    return word_table.write(table, product, clock.now())


def _groups(events: Iterable[Event], reader: Reader, *, now_first: bool) -> Iterator[tuple[str, list[Line]]]:
    """Yield the sections of the list page with their rows; in each, vague dates come last."""
    organisers: dict[str, str] = {}

    def noted() -> Iterator[Event]:
        for event in events:
            organisers[url_for("events.event", event_id=str(event.id))] = _organisers(event, reader)
            yield event

    months, undated = sections(noted(), reader, now_first=now_first)
    for month in months:
        lines = [*month.events, *month.to_be_confirmed]
        yield month.heading, [_line(line, organisers[line.url], reader) for line in lines]
    if undated:
        yield _("No month known yet"), [_line(line, organisers[line.url], reader) for line in undated]


def _organisers(event: Event, reader: Reader) -> str:
    known, said = reference().organisations, reader.words
    names = (
        said.gettext(known[o.code].short_name) if o.code in known else said.isolated(o.name)
        for o in organisers_of(event)
    )
    return said.listed(names)


def _line(line: EventLine, organisers: str, reader: Reader) -> Line:
    hours = f" {line.time}" if line.time else ""
    return Line(
        dates=f"{line.date_words if line.vague else line.dates}{hours}",
        title=line.title,
        language=line.title_language or reader.words.language,
        place=line.place,
        organiser=organisers,
        status=line.status_label,
    )
