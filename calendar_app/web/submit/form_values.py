"""What the fields of the event form say of a record that is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calendar_app.planning.dates import ONE_DAY, Precision, month
from calendar_app.planning.vocabulary import OrganiserRole
from calendar_app.services.records import LANGUAGES, EventRecord, in_language
from calendar_app.web.page import public_url

if TYPE_CHECKING:
    import uuid

MOST_LINKS = 3
_MONTHS_OF_QUARTER, _MONTHS_OF_YEAR = 3, 12
# Fields whose value is that of the record.
PLAIN = (
    "kind part_role start_time end_time timezone status format remote_participation venue city country web_url "
    "registration_url documents_url online_url access contact notes expected_participants staffing visibility "
    "publish_on"
).split()


def values_of(record: EventRecord, language: str = "en") -> dict[str, Any]:
    """Return the data of the fields of `EventForm`; the first title is that in `language` if there is one."""
    values: dict[str, Any] = {name: getattr(record, name) for name in PLAIN}
    if not record.titles:
        values |= {"kind": "", "status": ""}  # of a new event they have to be chosen
    title, title_language = in_language(record.titles, language)
    text, text_language = in_language(record.descriptions, language)
    values |= {f"title_{code}": record.titles.get(code, "") for code in LANGUAGES if code != title_language}
    values |= {f"title_{title_language}": ""}
    values |= {"title": title, "title_language": title_language}
    values |= {"description": text, "description_language": text_language}
    values |= {"convention": list(record.processes), "region": list(record.regions)}
    values |= {"languages": list(record.languages), "key_persons": "\n".join(record.key_persons)}
    values["body"] = "; ".join(body.code for body in record.bodies)
    numbers = [str(body.number or "") for body in record.bodies]
    values["meeting_number"] = "; ".join(numbers) if any(numbers) else ""
    values |= _organisers(record) | _dates(record) | _relations(record)
    return values


def _organisers(record: EventRecord) -> dict[str, str]:
    leads = [o.name for o in record.organisers if o.role == OrganiserRole.LEAD]
    others = [o.name for o in record.organisers if o.role == OrganiserRole.CO_ORGANISER]
    return {"lead": "; ".join(leads), "co_organisers": "\n".join(others)}


def _dates(record: EventRecord) -> dict[str, Any]:
    """Return the dates in the way that fits; periods for which the form has no field are words."""
    values: dict[str, Any] = {"dates": "day", "first_day": None, "last_day": None, "month": None}
    values |= {"quarter": "", "year": "", "date_text": record.date_text}
    span, precision = record.span, record.precision
    months = _months(record)
    if span is None:
        values["dates"] = "words" if record.date_text else "day"
    elif precision is Precision.DAY:
        values |= {"first_day": span.start, "last_day": span.last}
    elif precision is Precision.MONTH and months == 1:
        values |= {"dates": "month", "month": span.start}
    elif precision is Precision.QUARTER and months == _MONTHS_OF_QUARTER:
        values |= {"dates": "quarter", "quarter": f"{span.start.year}-Q{span.start.month // 3 + 1}"}
    elif precision is Precision.YEAR and months == _MONTHS_OF_YEAR:
        values |= {"dates": "year", "year": str(span.start.year)}
    else:
        values["dates"] = "words"
    return values


def _months(record: EventRecord) -> int:
    """Return how many months the dates cover, up to a year."""
    if record.span is None:
        return 0
    day, count = record.span.start, 0
    while day < record.span.end and count <= _MONTHS_OF_YEAR:
        day, count = (month(day.year, day.month).last + ONE_DAY), count + 1
    return count


def _relations(record: EventRecord) -> dict[str, str]:
    values = {"part_of": _address(record.part_of) if record.part_of else ""}
    for number in range(1, MOST_LINKS + 1):
        link = record.links[number - 1] if number <= len(record.links) else None
        values[f"link_kind_{number}"] = str(link.kind) if link else ""
        values[f"link_event_{number}"] = _address(link.other) if link else ""
    return values


def _address(event_id: uuid.UUID) -> str:
    return public_url(f"/events/{event_id}")
