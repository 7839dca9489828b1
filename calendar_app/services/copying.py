"""A copy of an event as its next session: what will be the same again, with the next number and no dates."""

from __future__ import annotations

import re
from dataclasses import replace

from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services.records import BodyMeeting, EventRecord

# What people write of a numbered meeting: "COP-17", "POPRC 22", "MC/COP.6". Words such as "seventeenth" stay.
_NAME = r"(?P<name>\b[A-Z][A-Za-z/]*[-. ])"
_NUMBERED = re.compile(r"(?P<name>\b[A-Z][A-Za-z/]*-)(?P<number>[0-9]{1,3})\b")


def next_session(record: EventRecord) -> EventRecord:
    """Return a draft of the next session: numbers one higher, without dates, place, addresses, relations and results.

    Dates and place are left to the person: a day, a month or a city is never invented.
    """
    numbers = {body.number for body in record.bodies if body.number}
    return replace(
        record,
        titles={code: _next_title(title, numbers) for code, title in record.titles.items()},
        short_title=_next_title(record.short_title, numbers),
        bodies=tuple(BodyMeeting(body.code, body.number + 1 if body.number else None) for body in record.bodies),
        span=None,
        precision=Precision.DAY,
        date_text="",
        start_time="",
        end_time="",
        timezone="",
        venue="",
        city="",
        country="",
        latitude=None,
        longitude=None,
        status=Status.TENTATIVE,
        part_of=None,
        part_role="",
        part_label="",
        links=(),
        registration_url="",
        documents_url="",
        online_url="",
        web_url="",
        decisions=(),
        outcome="",
        sources=(),
        stage=Stage.DRAFT,
        publish_on=None,
        last_confirmed_at=None,
        last_confirmed_by="",
        notes="",
        services=(),
        options=(),
    )


def _next_title(title: str, numbers: set[int]) -> str:
    """Raise the number of the meeting where the title has it after a name; without numbered bodies after a hyphen."""

    def raised(match: re.Match[str]) -> str:
        return f"{match['name']}{int(match['number']) + 1}"

    if not numbers:
        return _NUMBERED.sub(raised, title)
    for number in sorted(numbers, reverse=True):
        title = re.sub(rf"{_NAME}(?P<number>{number})\b", raised, title)
    return title
