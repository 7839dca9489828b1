"""From the VEVENTs of a feed to its events: the latest of those that are there twice, and the dates of series.

A series is a VEVENT that repeats (RRULE, RDATE, EXDATE: RFC 5545, section 3.8.5) and those with its UID and a
RECURRENCE-ID, which replace one of its dates, or with RANGE=THISANDFUTURE all from that one on (section 3.8.4.4).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar

from feeds.reading import moments, rules
from feeds.reading.values import Code, ReadEvent
from feeds.reading.vevent import Parsed, When, occurrence_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from feeds.reading.lines import Property
    from feeds.reading.values import Horizon, Remarks
    from feeds.reading.vevent import Reader

MOST_OCCURRENCES = 500
# How many days the rules of a feed may make us look at, and how many characters their dates may have, all together:
# each has the texts of its series.
MOST_WORK, MOST_CHARACTERS = 300_000, 10_000_000
_OF_A_DATE = 500
_When = TypeVar("_When", date, date | None)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Series:
    """Puts the events of one feed together."""

    def __init__(self, reader: Reader, horizon: Horizon, problems: Remarks, notes: Remarks) -> None:
        """Nothing is worked out yet."""
        self._reader, self._horizon, self._problems, self._notes = reader, horizon, problems, notes
        self._work, self._room = MOST_WORK, MOST_CHARACTERS
        # Whether a rule of the series at hand is not followed, so that its first date is kept, or not from its start.
        self._refused = self._cut = False

    def events(self, found: Iterable[Parsed]) -> Iterator[ReadEvent]:
        """Yield the events in the order of the feed, those of a series together."""
        grouped: dict[str, list[Parsed]] = defaultdict(list)
        for parsed in found:
            grouped[parsed.event.uid].append(parsed)
        for group in grouped.values():
            if len(group) == 1 and not _repeats(group[0]) and not group[0].event.recurrence_id:
                yield from self._public(group[0].line, [group[0].event])
            else:
                yield from self._public(group[0].line, self._understood(group))

    def _public(self, line: int, found: list[ReadEvent]) -> Iterator[ReadEvent]:
        """Yield what everybody may see, with a remark for what not."""
        for event in found:
            if event.visibility:
                self._problems.add(Code.NOT_PUBLIC, event.visibility, line=line, uid=event.uid)
            else:
                yield event

    def _understood(self, group: list[Parsed]) -> list[ReadEvent]:
        try:
            return sorted(self._group(self._latest(group)), key=lambda event: event.recurrence_id)
        except (ValueError, ArithmeticError) as problem:
            first = group[0]
            self._problems.add(Code.NOT_READ, str(problem), line=first.line, uid=first.event.uid)
            return []

    def _latest(self, group: list[Parsed]) -> dict[str, Parsed]:
        """Return the latest of each date of a series: by SEQUENCE, then by its stamps, then the last."""
        latest: dict[str, Parsed] = {}
        for parsed in group:
            key = parsed.event.recurrence_id
            if key in latest:
                self._notes.add(Code.DUPLICATE, line=parsed.line, uid=parsed.event.uid)
            if key not in latest or _age(parsed.event) >= _age(latest[key].event):
                latest[key] = parsed
        return latest

    def _group(self, latest: dict[str, Parsed]) -> Iterator[ReadEvent]:
        master = latest.pop("", None)
        if master is not None and master.event.visibility:
            yield master.event
            return
        if master is not None and not _repeats(master):
            yield master.event
            master = None
        dates: dict[str, tuple[date, date | None]] = {}
        if master is not None:
            dates = self._dates_of(master)
            onwards = [latest[key] for key in sorted(latest) if latest[key].onwards]
            for key, span in dates.items():
                if key not in latest:
                    yield _occurrence(master, key, span, onwards)
        for key, parsed in latest.items():
            if key not in dates:
                if master is not None and not self._overlaps(parsed.event.start, parsed.event.end):
                    continue
                self._notes.add(Code.ORPHAN, line=parsed.line, uid=parsed.event.uid)
            yield replace(parsed.event, rule=master.event.rule if master is not None else parsed.event.rule)

    def _dates_of(self, master: Parsed) -> dict[str, tuple[date, date | None]]:
        """Return start and end of each date of a series within the horizon, by what tells them apart, in order.

        Of too many those are left out that are longest past, then those that are furthest off.
        """
        found: dict[str, tuple[date, date | None]] = {}
        excluded = self._excluded(master)
        texts = (master.event.description, *(text for _language, text in master.event.descriptions))
        characters = sum(map(len, texts)) + _OF_A_DATE
        self._refused = self._cut = False
        for when, length in self._latest_dates(master):
            start, end = _in_zone_of(master, when.value), _in_zone_of(master, _later(when, length))
            key = occurrence_id(start)
            if key in found or {key, _day(when.local).isoformat()} & excluded or not self._overlaps(start, end):
                continue
            if len(found) >= MOST_OCCURRENCES or (found and self._room < 0):
                self._cut = True
                break
            self._room -= characters
            found[key] = (start, end)
        if self._cut:
            detail = str(len(found))
            self._problems.add(Code.TOO_MANY_OCCURRENCES, detail, line=master.line, uid=master.event.uid)
        if self._refused and not found:
            found[occurrence_id(master.when.value)] = (master.when.value, master.event.end)
        return found

    def _latest_dates(self, master: Parsed) -> list[tuple[When, timedelta | None]]:
        """Return the dates of a series in order; without the oldest, but all recent ones, where they are too many."""
        dates = sorted(self._all_dates(master), key=lambda date_: _sortable(date_[0].local))
        recent = bisect_left(dates, self._horizon.recent, key=lambda date_: _day(date_[0].local))
        skipped = min(recent, max(len(dates) - MOST_OCCURRENCES, 0))
        self._cut |= any(_day(when.local) >= self._horizon.first for when, _length in dates[:skipped])
        return dates[skipped:]

    def _all_dates(self, master: Parsed) -> Iterator[tuple[When, timedelta | None]]:
        yield master.when, master.length
        for written in master.repeating.get("RRULE", ())[:5]:
            if self._work < 0:
                self._refuse(Code.TOO_MUCH_WORK, "", written, master)
                break
            for when in self._ruled(master, written):
                yield when, master.length
        for written in master.repeating.get("RDATE", ()):
            for part in written.value.split(",")[:MOST_OCCURRENCES]:
                yield from self._listed(master, written._replace(value=part))

    def _ruled(self, master: Parsed, written: Property) -> Iterator[When]:
        """Yield the dates of a rule, from a length of the event before the horizon on."""
        try:
            rule = rules.parse(written.value)
        except rules.RuleRefusedError as refused:
            self._refuse(Code.RULE_REFUSED, str(refused), written, master)
            return
        local, zone = master.when
        start = local.date() if isinstance(local, datetime) else local
        first = self._horizon.first - min(master.length or timedelta(), timedelta(days=366)) - timedelta(days=1)
        end = self._horizon.end + timedelta(days=1)
        is_much = rules.cost(rule, start, first, end) > self._work - MOST_WORK // 2
        if is_much and not rule.count and max(start, first) < self._horizon.recent:
            # Half of the work is for what is to come: where the long pasts of series are too much, they are left out.
            first = max(first, self._horizon.recent)
            self._cut = True
        self._work -= rules.cost(rule, start, first, end)
        if self._work < 0:
            self._refuse(Code.TOO_MUCH_WORK, "", written, master)
            return
        for day in rules.days(rule, start, first, end):
            when = When(datetime.combine(day, local.time()) if isinstance(local, datetime) else day, zone)
            if _within(rule, when):
                yield when

    def _refuse(self, code: Code, detail: str, written: Property, master: Parsed) -> None:
        self._problems.add(code, detail, line=written.line, uid=master.event.uid)
        self._refused = True

    def _listed(self, master: Parsed, written: Property) -> Iterator[tuple[When, timedelta | None]]:
        """Yield a date of an RDATE, which may be a period with an end or a length of its own (section 3.3.9)."""
        start, _, until = written.value.partition("/")
        when = self._reader.when(written._replace(value=start))
        if when is None or not moments.in_range(when.local):
            self._notes.add(Code.BAD_VALUE, "RDATE", line=written.line)
            return
        length = master.length
        if until:
            ends = self._reader.when(written._replace(value=until))
            length = _between(when.value, ends.value) if ends is not None else moments.duration(until)
            # A period without a length has no end that could be told.
            length = length if length and length > timedelta() else None
            if not isinstance(when.local, datetime):
                length = max(timedelta(days=(length or timedelta()).days), timedelta(days=1))
        if isinstance(when.local, datetime) == isinstance(master.when.local, datetime):
            yield when, length
        else:
            self._notes.add(Code.BAD_VALUE, "RDATE", line=written.line)

    def _excluded(self, master: Parsed) -> set[str]:
        """Return what tells the dates apart that a series leaves out; a day counts for any time on it."""
        found = set()
        for written in master.repeating.get("EXDATE", ()):
            for part in written.value.split(",")[:MOST_OCCURRENCES]:
                when = self._reader.when(written._replace(value=part))
                if when is None or not moments.in_range(when.local):
                    self._notes.add(Code.BAD_VALUE, "EXDATE", line=written.line)
                else:
                    whole_days = not isinstance(master.when.local, datetime)
                    found.add(_day(when.local).isoformat() if whole_days else occurrence_id(when.value))
        return found

    def _overlaps(self, start: date | None, end: date | None) -> bool:
        """Return whether a span meets the horizon; days are those of its own clock."""
        if start is None:
            return False
        first = start.date() if isinstance(start, datetime) else start
        if end is None:
            return self._horizon.first <= first < self._horizon.end
        if isinstance(end, datetime):
            end = end.date() + timedelta(days=1 if end.time() > time() else 0)
        return first < self._horizon.end and (end > self._horizon.first or first >= self._horizon.first)


def _occurrence(master: Parsed, key: str, span: tuple[date, date | None], onwards: list[Parsed]) -> ReadEvent:
    """Return a date of a series, as the last change that holds "from here on" has it."""
    changed = next((parsed for parsed in reversed(onwards) if parsed.event.recurrence_id <= key), None)
    if changed is None:
        return replace(master.event, recurrence_id=key, start=span[0], end=span[1])
    local, clock = _local(span[0]) + _shift(changed, master), changed.when.local
    if not isinstance(clock, datetime):
        local = _day(local)
    elif not isinstance(local, datetime):
        local = datetime.combine(local, clock.time())
    when = When(local, changed.when.zone)
    end = _later(when, changed.length)
    return replace(changed.event, recurrence_id=key, rule=master.event.rule, start=when.value, end=end)


def _shift(changed: Parsed, master: Parsed) -> timedelta:
    """Return by how much a change moves the dates that it holds for, on the clock."""
    key = changed.event.recurrence_id
    original = moments.local(key)
    if isinstance(original, datetime) and master.when.zone is not None:
        moment = original.replace(tzinfo=UTC)
        start = master.event.start
        original = _local(moment.astimezone(start.tzinfo)) if isinstance(start, datetime) else original
    if original is None or isinstance(original, datetime) != isinstance(changed.when.local, datetime):
        return timedelta()
    return changed.when.local - original


def _between(start: date, end: date) -> timedelta | None:
    """Return the length of a period, None where there is none."""
    if isinstance(start, datetime) and isinstance(end, datetime) and end > start:
        return end - start
    return None


def _in_zone_of(master: Parsed, value: _When) -> _When:
    """Return the same moment in the zone of a series: a date of it may be listed in another."""
    start = master.event.start
    if isinstance(value, datetime) and isinstance(start, datetime):
        return value.astimezone(start.tzinfo)
    return value


def _local(value: date) -> date:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _later(when: When, length: timedelta | None) -> date | None:
    """Return the end of an event of a length, on the clock of its start."""
    return None if length is None else When(when.local + length, when.zone).value


def _within(rule: rules.Rule, when: When) -> bool:
    """Return whether a date is not after the end of its rule, which is in UTC or on the same clock."""
    if rule.until is None:
        return True
    if not isinstance(rule.until, datetime) or not isinstance(when.local, datetime):
        return _day(when.local) <= _day(rule.until)
    if rule.until_utc:
        value = when.value
        return isinstance(value, datetime) and value <= rule.until.replace(tzinfo=UTC)
    return when.local <= rule.until


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _sortable(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _repeats(parsed: Parsed) -> bool:
    return ("RRULE" in parsed.repeating or "RDATE" in parsed.repeating) and not parsed.event.recurrence_id


def _age(event: ReadEvent) -> tuple[int, datetime, datetime]:
    return event.sequence, event.last_modified or _LONG_AGO, event.stamp or _LONG_AGO
