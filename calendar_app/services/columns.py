"""The columns of the calendar as a sheet, and an event written as a row of it.

Import, export and the packaged calendar share them. `row_reading.read_row` is the inverse of `write_row`.
"""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from calendar_app.services.records import LANGUAGES, EventRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.models import Event
    from calendar_app.services.reference import Reference

_OTHERS = [code for code in LANGUAGES if code != "en"]
SOURCE_COLUMNS = {
    "source_ids": "source_id",
    "source_file": "citation",
    "source_url": "url",
    "source_quote": "quote",
    "source_dates": "dates",
    "source_notes": "note",
    "source_conflicts": "conflicts",
}
COLUMNS = (
    *"id title short_title body organiser conventions kind start end date_precision date_text status format".split(),
    *"venue city country regions source_file source_quote source_url source_ids source_dates source_notes".split(),
    *"source_conflicts body_numbers organiser_roles steward visibility stage part_label part_of part_role".split(),
    *"series links".split(),
    *"start_time end_time timezone description".split(),
    *(f"title_{code}" for code in _OTHERS),
    *(f"description_{code}" for code in _OTHERS),
    *"access audiences languages registration_url documents_url online_url web_url contact".split(),
    *"remote_participation latitude longitude cooperation_area decisions outcome".split(),
    *"notes expected_participants staffing key_persons services options".split(),
    *"publish_on last_confirmed_at last_confirmed_by".split(),
    *"sequence created_at last_modified status_since merged_into".split(),
    *"hidden_since last_public_start last_public_end".split(),
)
# Text of one line, addresses, and text of any length.
LINE_COLUMNS = (
    "short_title",
    "date_text",
    "venue",
    "part_label",
    "series",
    "contact",
    "cooperation_area",
    "last_confirmed_by",
)
URL_COLUMNS = ("registration_url", "documents_url", "online_url", "web_url")
LONG_COLUMNS = ("outcome", "notes", "staffing", "remote_participation")
# Fields that people know by another name.
_SAID = {
    "titles": "title",
    "descriptions": "description",
    "processes": "conventions",
    "bodies": "body",
    "organisers": "organiser",
    "span": "dates",
    "precision": "dates",
    "date_text": "dates",
}
# Signs, not letters: an accent that follows would join a letter.
_ESCAPES = str.maketrans({"\\": "\\\\", "|": "\\/", "\n": "\\,"})
_MEANT = {"/": "|", ",": "\n"}
_ESCAPED = re.compile(r"\\(.)")


def write_row(event: Event, record: EventRecord, reference: Reference) -> dict[str, str]:
    """Return the cells of an event, every column of `COLUMNS`; `read_row` gives the same record back."""
    cells = {name: _text(getattr(record, name)) for name in (*LINE_COLUMNS, *URL_COLUMNS)}
    cells.update({name: _text(getattr(record, name)) for name in LONG_COLUMNS})
    for code in LANGUAGES:
        suffix = "" if code == "en" else f"_{code}"
        cells[f"title{suffix}"] = record.titles.get(code, "")
        cells[f"description{suffix}"] = record.descriptions.get(code, "")
    cells |= {
        "id": str(event.id),
        "kind": record.kind,
        "conventions": _joined(reference.processes[slug].short_name for slug in record.processes),
        "regions": _joined(record.regions),
        "body": _joined(body.code for body in record.bodies),
        "body_numbers": _aligned_cell([_text(body.number) for body in record.bodies]),
        "organiser": _joined(organiser.code or organiser.name for organiser in record.organisers),
        "organiser_roles": _joined(organiser.role for organiser in record.organisers),
        "start": _text(record.span and record.span.start),
        "end": _text(record.span and record.span.last),
        "date_precision": str(record.precision),
        "part_of": _text(record.part_of),
        "links": _joined(f"{link.kind} {link.other}" for link in record.links),
        "services": "\n".join(
            line_of(s.provider, s.kind, s.people, s.first_day, s.last_day, s.state, s.note) for s in record.services
        ),
        "options": "\n".join(
            line_of(o.first_day, o.last_day, o.city, o.state, o.held_until, o.note) for o in record.options
        ),
        "sequence": str(event.sequence),
        "created_at": event.created_at.isoformat(),
        "last_modified": event.last_modified.isoformat(),
        "status_since": event.status_since.isoformat(),
        "merged_into": _text(event.merged_into_id),
        "hidden_since": _text(event.hidden_since),
        "last_public_start": _text(event.last_public_start),
        "last_public_end": _text(event.last_public_end),
    }
    for name in (
        "status",
        "format",
        "venue",
        "city",
        "country",
        "steward",
        "visibility",
        "stage",
        "part_role",
        "access",
    ):
        cells[name] = str(getattr(record, name))
    for name in ("start_time", "end_time", "timezone", "expected_participants"):
        cells[name] = _text(getattr(record, name))
    for name in ("latitude", "longitude"):
        degrees = getattr(record, name)
        cells[name] = "" if degrees is None else f"{degrees:.8f}".rstrip("0").rstrip(".")
    for name in ("publish_on", "last_confirmed_at"):
        cells[name] = _text(getattr(record, name))
    for name in ("audiences", "languages", "decisions", "key_persons"):
        cells[name] = _joined(getattr(record, name))
    for name, attribute in SOURCE_COLUMNS.items():
        # One line for each source: a line break inside would give its rest to the next one.
        cells[name] = "\n".join(" ".join(getattr(source, attribute).splitlines()) for source in record.sources)
    return {name: cells[name] for name in COLUMNS}


def _text(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return ""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    return str(value)


def _joined(values: Iterable[str]) -> str:
    return "; ".join(values)


def _aligned_cell(values: list[str]) -> str:
    return "; ".join(values) if any(values) else ""


def said_of(fields: Iterable[str]) -> list[str]:
    """Return what people call fields of a record: the columns, and "dates" for all that says when; each once."""
    return list(dict.fromkeys(_SAID.get(name, name) for name in fields))


def line_of(*values: Any) -> str:  # noqa: ANN401
    """Write values as one line, with bars between; `parts_of` is the inverse."""
    return " | ".join(_text(value).translate(_ESCAPES) for value in values)


def parts_of(line: str) -> list[str]:
    """Split a line that `line_of` wrote."""
    return [_ESCAPED.sub(lambda m: _MEANT.get(m[1], m[1]), part.strip()) for part in line.split("|")]
