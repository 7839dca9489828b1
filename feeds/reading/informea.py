"""InforMEA's meeting (its API 1.5.6 and 2, `Meeting.java` of InforMEA/odata.provider) as a value.

`start` is the day of the meeting, but is written as a moment: midnight where the service runs, or in UTC. Both are days
here; a moment that is neither has its hours. `end` is the last day, included.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from feeds import checks
from feeds.reading import moments, texts
from feeds.reading.values import Code, ReadEvent, ReadStatus

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from feeds.reading.values import Remarks

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Milliseconds, and minutes east of UTC (OData 2.0, JSON format, section 4: Edm.DateTime).
_DATE = re.compile(r"/Date\((-?\d{1,17})(?:([+-]\d{1,4}))?\)/")
_SECONDS = re.compile(r"-?\d{9,11}")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?)?")
_LAST_MINUTE = time(23, 59)
_STATUSES = {
    "tentative": ReadStatus.TENTATIVE,
    "confirmed": ReadStatus.CONFIRMED,
    "postponed": ReadStatus.POSTPONED,
    "cancelled": ReadStatus.CANCELLED,
    "canceled": ReadStatus.CANCELLED,
    "over": ReadStatus.CONFIRMED,  # it took place
    "nodate": None,
}
_MOST_TEXTS = 20
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_COUNTRY = re.compile(r"[A-Z]{2,3}")
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})


class Meetings:
    """Collects the meetings of a page; of those with the same id the latest."""

    def __init__(self, default_zone: ZoneInfo, problems: Remarks, notes: Remarks) -> None:
        """`default_zone` is where the service runs."""
        self._zone, self._problems, self._notes = default_zone, problems, notes
        self._found: dict[str, ReadEvent] = {}

    def events(self) -> tuple[ReadEvent, ...]:
        """Return what was collected, in the order of the service."""
        return tuple(self._found.values())

    def add(self, row: object, number: int) -> None:
        """Take a row of the service, the `number`th, or remark why not."""
        if not isinstance(row, dict):
            self._problems.add(Code.NO_ID, line=number)
            return
        fields = {str(name).lower(): value for name, value in row.items()}
        uid = self._line(fields, "id")
        if not uid:
            self._problems.add(Code.NO_ID, line=number)
            return
        event = self._event(fields, uid, number)
        if event is None:
            return
        known = self._found.get(uid)
        if known is not None:
            self._notes.add(Code.DUPLICATE, line=number, uid=uid)
            if (event.last_modified or _EPOCH) < (known.last_modified or _EPOCH):
                return
        self._found[uid] = event

    def _event(self, fields: dict[str, Any], uid: str, number: int) -> ReadEvent | None:
        said = self._line(fields, "status").lower()
        if said and said not in _STATUSES:
            self._notes.add(Code.BAD_VALUE, "status", line=number)
        span: tuple[date | None, date | None] = (None, None)
        if said != "nodate":
            span = self._span(fields, uid, number)
            if span[0] is None:
                return None
        titles = self._texts(fields, "title", texts.line)
        descriptions = self._texts(fields, "description", texts.text)
        if not titles:
            self._notes.add(Code.NO_TITLE, line=number, uid=uid)
        latitude, longitude = self._place(fields, number)
        country = self._line(fields, "country").upper()
        if country and not _COUNTRY.fullmatch(country):
            self._notes.add(Code.BAD_VALUE, "country", line=number)
        return ReadEvent(
            uid=uid,
            summary=_in_english(titles),
            description=_in_english(descriptions),
            titles=titles,
            descriptions=descriptions,
            start=span[0],
            end=span[1],
            timezone=self._zone.key if isinstance(span[0], datetime) else "",
            status=_STATUSES.get(said),
            location=self._line(fields, "location"),
            city=self._line(fields, "city"),
            country=country if _COUNTRY.fullmatch(country) else "",
            latitude=latitude,
            longitude=longitude,
            url=self._url(fields, number),
            last_modified=self._moment(fields.get("updated"), "updated", number),
            treaties=self._treaties(fields),
            kind=self._line(fields, "kind").lower(),
            meeting_type=self._line(fields, "type").lower(),
            access=self._line(fields, "access").lower(),
            virtual=self._truth(fields.get("virtual")),
        )

    def _span(self, fields: dict[str, Any], uid: str, number: int) -> tuple[date | None, date | None]:
        """Return the half-open span of a meeting, (None, None) after a remark if it has no start."""
        written = fields.get("start")
        if written is None or written == "":
            self._problems.add(Code.NO_START, line=number, uid=uid)
            return None, None
        start = self._when(written)
        if start is None:
            self._problems.add(Code.BAD_START, str(written)[:40], line=number, uid=uid)
            return None, None
        if not moments.in_range(start):
            self._problems.add(Code.OUT_OF_RANGE, str(start.year), line=number, uid=uid)
            return None, None
        last = self._when(fields.get("end"))
        if last is None or not moments.in_range(last) or _day(last) < _day(start):
            if fields.get("end") not in ("", None):
                self._notes.add(Code.BAD_END, str(fields["end"])[:40], line=number, uid=uid)
            return start, None if isinstance(start, datetime) else start + _DAY
        if isinstance(start, datetime) and isinstance(last, datetime):
            return start, last if last > start else None
        return _day(start), _day(last) + _DAY

    def _when(self, written: object) -> date | None:
        """Return the day of a moment at midnight, else the moment where the service is, None for anything else."""
        moment, said = _parsed(written)
        if moment is None or not isinstance(said, datetime):
            return said
        if said.time() == time():
            return said.date()
        local = moment.astimezone(self._zone)
        if local.time() == time() or local.time() >= _LAST_MINUTE:
            return local.date()
        return local.replace(microsecond=0)

    def _moment(self, written: object, name: str, number: int) -> datetime | None:
        if written in ("", None):
            return None
        moment, said = _parsed(written)
        if moment is not None:
            return moment.replace(microsecond=0)
        if said is None:
            self._notes.add(Code.BAD_VALUE, name, line=number)
            return None
        return datetime.combine(said, time(), tzinfo=UTC)

    def _texts(self, fields: dict[str, Any], name: str, cleaned: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401
        """Return (language, text) of a list of {language, value}, of {language: text} or of a text alone."""
        written = _listed(fields.get(name))
        if written is None:
            written = _listed(fields.get(f"{name}s"))
        found: dict[str, str] = {}
        for item in (written or [])[:_MOST_TEXTS]:
            for language, text in _pairs(item, name):
                shown = cleaned(text, name, self._notes)
                if shown and language not in found:
                    found[language] = shown
        return tuple(found.items())

    def _treaties(self, fields: dict[str, Any]) -> tuple[str, ...]:
        written = _listed(fields.get("treaty")) or _listed(fields.get("treaties")) or []
        named = (item.get("value", item.get("treaty", "")) if isinstance(item, dict) else item for item in written[:50])
        cleaned = (texts.line(name, "treaty", self._notes, 100).lower() for name in named if isinstance(name, str))
        return tuple(dict.fromkeys(name for name in cleaned if name))

    def _line(self, fields: dict[str, Any], name: str) -> str:
        written = fields.get(name)
        if isinstance(written, bool) or not isinstance(written, (str, int, float)):
            return ""
        return texts.line(str(written), name, self._notes)

    def _url(self, fields: dict[str, Any], number: int) -> str:
        address = self._line(fields, "url")
        if not address:
            return ""
        try:
            checks.address("url", address, checks.WEB_SCHEMES)
        except ValueError:
            self._notes.add(Code.BAD_VALUE, "url", line=number)
            return ""
        return address

    def _place(self, fields: dict[str, Any], number: int) -> tuple[float | None, float | None]:
        written = [fields.get(name) for name in ("latitude", "longitude")]
        if any(value in (None, "") for value in written):
            return None, None
        try:
            latitude, longitude = (float(value) for value in written if isinstance(value, (str, int, float)))
            checks.place(latitude, longitude)
        except (ValueError, OverflowError):
            self._notes.add(Code.BAD_VALUE, "latitude", line=number)
            return None, None
        return (latitude, longitude) if (latitude, longitude) != (0, 0) else (None, None)

    def _truth(self, written: object) -> bool | None:
        said = str(written).strip().lower()[:10]
        return True if said in _TRUE else False if said in _FALSE else None


def _parsed(written: object) -> tuple[datetime | None, date | None]:
    """Return a moment in UTC and what the clock shows where it is written; (None, day) for a day alone, else Nones."""
    if isinstance(written, bool) or not isinstance(written, (str, int)):
        return None, None
    text = str(written).strip()[:60]
    try:
        if ticks := _DATE.fullmatch(text):
            moment = _EPOCH + timedelta(milliseconds=int(ticks[1]))
            return moment, (moment + timedelta(minutes=int(ticks[2] or 0))).replace(tzinfo=None)
        if _SECONDS.fullmatch(text):
            moment = _EPOCH + timedelta(seconds=int(text))
            return moment, moment.replace(tzinfo=None)
        if found := _ISO.fullmatch(text):
            return _iso(*found.groups())
    except (ValueError, OverflowError):
        pass
    return None, None


def _iso(day: str, clock: str | None, offset: str | None) -> tuple[datetime | None, date]:
    """Return what `_parsed` does for ISO 8601; without an offset it is in UTC, as the same in JSON of version 2 is."""
    if clock is None:
        return None, date.fromisoformat(day)
    moment = datetime.fromisoformat(f"{day}T{clock}{offset or '+00:00'}")
    return moment.astimezone(UTC), moment.replace(tzinfo=None)


def _listed(written: object) -> list[Any] | None:
    """Return a value that may be a list, `{"results": [...]}`, or one thing alone; None where there is nothing."""
    if isinstance(written, dict):
        if "__deferred" in written:
            return None
        results = written.get("results")
        return results if isinstance(results, list) else [written]
    if isinstance(written, list):
        return written
    return None if written in (None, "") else [written]


def _pairs(item: object, name: str) -> list[tuple[str, str]]:
    if isinstance(item, str):
        return [("en", item)]
    if not isinstance(item, dict):
        return []
    fields = {str(key).lower(): value for key, value in item.items()}
    text = fields.get("value", fields.get(name))
    if isinstance(text, str):
        language = str(fields.get("language") or "en").strip()
        return [(language.lower() if _LANGUAGE.fullmatch(language.lower()) else "en", text)]
    return [(key, value) for key, value in fields.items() if isinstance(value, str) and _LANGUAGE.fullmatch(key)]


def _in_english(found: tuple[tuple[str, str], ...]) -> str:
    """Return the English text of several, else the first."""
    return dict(found).get("en") or next((text for _, text in found), "")


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
