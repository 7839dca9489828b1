"""From what a reader found in a feed to what a source says of an event, in our words: pure, but for the lists."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from calendar_app.planning.dates import EARLIEST, LATEST, ONE_DAY, Precision, Span
from calendar_app.planning.vocabulary import Format, Status
from calendar_app.services.countries import is_country
from calendar_app.services.joining import has_call, is_online, says_online, without_joining
from calendar_app.services.letters import language_of
from calendar_app.services.named_meetings import what_is_named
from calendar_app.services.reconciling import Feed, Said
from calendar_app.services.records import LANGUAGES, EventRecord, as_json
from calendar_app.services.text import clean, fold
from calendar_app.services.written_status import status_of, without_status
from feeds.reading.values import SENTENCES as _SENTENCES
from feeds.reading.values import Code, ReadEvent, ReadFeed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from calendar_app.services.reference import Reference

MOST_RULES = 50
# What a remark of a reader says, by its code; "%(detail)s" stands for what it is about.
SENTENCES = {str(code): text for code, text in _SENTENCES.items()}
_LONGEST_UID, _LONGEST_TEXT, _LONGEST_URL, _LONGEST_CITY = 300, 300, 1000, 120
_ZONE_LOST = frozenset({Code.FLOATING, Code.UNKNOWN_ZONE})
# What separates the parts of a location.
_PARTS = re.compile(r"[,;(\n–-]")
# The names of some countries have a hyphen.
_COUNTRY_PARTS = re.compile(r"[,;(\n–]|\s-\s")
# Words of places that are no cities, and numbers of rooms and houses.
_BUILDING = re.compile(
    r"\d|\b(?:h[oôó]tel|cent(?:re|er|ro)|hall|room|rooms|sal(?:a|le|ón)|pala(?:is|ce|cio)|house|building|campus|resort"
    r"|universit\w*|universidad|institut\w*|headquarters|ministry|minist[èe]re|ministerio|offices?|embassy)\b",
    re.IGNORECASE,
)
_WEB = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of a source's table: an event in whose text `words` stand gets these, as far as they are not empty."""

    words: str
    convention: str = ""
    kind: str = ""
    body: str = ""


def rules_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules as a source keeps them."""
    return tuple(Rule(**{name: str(row.get(name, "")) for name in Rule.__slots__}) for row in rows)


def feed_of(read: ReadFeed, zone: str, rules: Iterable[Rule], name: str, facts: Reference) -> Feed:
    """Return what a source says now. `zone` is its usual one, `name` what an event without a title is called."""
    guessed = any(note.code in _ZONE_LOST for note in read.notes)
    series = names_of_series(read.events)
    rules = tuple(rules)
    items = {}
    for event in _joined(read.events):
        state = _state(event, zone, rules, name, facts)
        if event.recurrence_id:
            state["series"] = series[event.uid]
        uid = uid_of(event)
        items[uid] = Said(uid, state, zone_is_guessed=guessed and event.timezone in {zone, ""} and not event.all_day)
    return Feed(
        tuple(items.values()),
        unread=frozenset(map(clean, read.left_out)),
        is_whole=not read.nameless,
    )


def _joined(events: Iterable[ReadEvent]) -> Iterator[ReadEvent]:
    """Yield events, those of InforMEA that say the same for another treaty as one: it has a record for each treaty."""
    by_content: dict[object, ReadEvent] = {}
    for event in sorted(events, key=lambda event: event.uid):
        if not event.treaties:
            yield event
            continue
        said = (event.titles, event.start, event.end, event.city, event.location)
        known = by_content.get(said, event)
        treaties = tuple(dict.fromkeys((*known.treaties, *event.treaties)))
        by_content[said] = replace(known, treaties=treaties)
    yield from by_content.values()


def uid_of(event: ReadEvent) -> str:
    """Return the id of an event, or of one date of a series, in its source: at most 300 characters."""
    whole = clean(event.uid) + (f"#{event.recurrence_id}" if event.recurrence_id else "")
    if len(whole) <= _LONGEST_UID:
        return whole
    return f"{whole[:200]}…{hashlib.sha256(whole.encode()).hexdigest()}"


def names_of_series(events: Iterable[ReadEvent]) -> dict[str, str]:
    """Return what each series is called: what most of its dates are."""
    titles: dict[str, Counter[str]] = {}
    for event in events:
        if event.recurrence_id:
            titles.setdefault(event.uid, Counter())[_title(event.summary)] += 1
    return {uid: found.most_common(1)[0][0][:_LONGEST_TEXT] for uid, found in titles.items()}


def _title(text: str) -> str:
    return " ".join(clean(without_status(text)).split())


def _state(event: ReadEvent, zone: str, rules: tuple[Rule, ...], name: str, facts: Reference) -> dict[str, Any]:
    """Return the fields of which a source says something, as JSON."""
    titles = _by_language(event.titles, event.summary, _title) or {"en": name}
    descriptions = _by_language(event.descriptions, event.description, lambda text: without_joining(clean(text)))
    values: dict[str, Any] = {
        "titles": titles,
        "descriptions": descriptions,
        "status": status_of(event) or Status.CONFIRMED,
        "web_url": event.url if _WEB.fullmatch(event.url) and len(event.url) <= _LONGEST_URL else "",
        "latitude": event.latitude,
        "longitude": event.longitude,
        "access": event.access if event.access in {"public", "invitation"} else "",
        **what_is_named(event, titles, rules, facts),
        **_when(event, zone),
        **_where(event, facts),
    }
    written = as_json(EventRecord(**values))
    return {field: written[field] for field in values if written[field] not in (None, "", [], {})}


def _by_language(named: Iterable[tuple[str, str]], plain: str, cleaned: Callable[[str], str]) -> dict[str, str]:
    """Return a text by language: as the source names it, else by its letters; Latin ones count as English."""
    texts = {code: text for code, written in named if code in LANGUAGES and (text := cleaned(written))}
    text = cleaned(plain)
    if text and text not in texts.values():
        texts.setdefault(language_of(text) or "en", text)
    return texts


def _when(event: ReadEvent, zone: str) -> dict[str, Any]:
    """Return the days, and the hours in the zone in which the source writes them; UTC is nobody's, so `zone` instead.

    A day that the calendar does not hold is a typing error of the source: then nothing is known of the days.
    """
    if event.start is None:
        return {}
    if not isinstance(event.start, datetime):
        last = event.end - ONE_DAY if event.end and event.end > event.start else event.start
        return _days(event.start, last) if _is_held(event.start, last) else {}
    place = zone if event.timezone in {"", "UTC", "Etc/UTC"} else event.timezone
    start = event.start.astimezone(ZoneInfo(place))
    end = event.end.astimezone(ZoneInfo(place)) if isinstance(event.end, datetime) else None
    first, last = start.date(), start.date()
    if end and end > start:
        # What ends at midnight does not take place on the day that begins then.
        last = (end - timedelta(minutes=1)).date() if end.time() == time() else end.date()
    if not _is_held(first, last):
        return {}
    return {
        **_days(first, last),
        "start_time": f"{start:%H:%M}",
        "end_time": f"{end:%H:%M}" if end and end > start else "",
        "timezone": place,
    }


def _days(first: date, last: date) -> dict[str, Any]:
    return {"span": Span.inclusive(first, last), "precision": Precision.DAY}


def _is_held(first: date, last: date) -> bool:
    return EARLIEST <= first <= last < LATEST


def _where(event: ReadEvent, facts: Reference) -> dict[str, Any]:
    """Return city, country, venue and how people take part; a place that is not in the list of cities is a venue."""
    city, country = _line(event.city, _LONGEST_CITY), event.country.upper()
    halls = (part for part in _WEB.sub("", event.location).split(";") if not is_online(part))
    venue = _line(";".join(halls), _LONGEST_TEXT).strip(" ,;")
    if not city:
        for part in _PARTS.split(event.location):
            if slug := facts.find("city", part.strip()):
                city = facts.cities[slug].name
                break
    if not city and not is_country(country):
        city, country = _ending(event.location, facts)
    if city and not is_country(country):
        known = facts.cities.get(facts.city_slug(city))
        country = known.country if known else facts.find("country", event.country) or ""
    says_so = has_call(event.location) or any(map(says_online, _PARTS.split(event.location)))
    online = event.virtual or (event.virtual is None and says_so)
    taking_part = (Format.HYBRID if city else Format.ONLINE) if online else Format.UNKNOWN
    if event.virtual is False:
        taking_part = Format.IN_PERSON
    return {
        "city": city,
        "country": country if is_country(country) else "",
        "venue": "" if _is_no_building(venue, city, country, facts) else venue,
        "format": taking_part,
    }


def _ending(location: str, facts: Reference) -> tuple[str, str]:
    """Return city and country of a place that ends with a country, "" for what it does not tell.

    The city is what stands before the country by itself ("Kigali, Rwanda"), or a city of the list that ends the part
    before it ("Hilton Nairobi, Kenya").
    """
    *rest, last = [part.strip(" .)") for part in _COUNTRY_PARTS.split(location)]
    # "San Francisco, CA" is not in Canada.
    country = "" if is_country(last.upper()) else facts.find("country", last) or ""
    if not country or not rest:
        return "", country
    words = rest[-1].split()
    for first in range(len(words)):
        slug = facts.find("city", " ".join(words[first:]))
        if slug and facts.cities[slug].country == country:
            return facts.cities[slug].name, country
    is_city = len(rest) == 1 and not _BUILDING.search(rest[0]) and not is_online(rest[0])
    return _line(rest[0], _LONGEST_CITY) if is_city else "", country


def _is_no_building(venue: str, city: str, country: str, facts: Reference) -> bool:
    """Tell whether a location names the city and its country alone: two meetings there do not share a building."""
    if fold(venue) == fold(city):
        return True
    for separators in (_PARTS, _COUNTRY_PARTS):
        parts = [part for text in separators.split(venue) if (part := text.strip(" ).")) and fold(part) != fold(city)]
        if all(facts.find("country", part) == country for part in parts):
            return True
    return False


def _line(text: str, most: int) -> str:
    return " ".join(clean(text).split())[:most].strip()


def is_recurring(read: ReadFeed) -> bool:
    """Tell whether a feed has series: their dates come into sight as time passes, though nothing in it changes."""
    return any(event.recurrence_id for event in read.events)


def said_dates(state: Mapping[str, Any]) -> str:
    """Return the days as a source states them, for its note on the event."""
    if not state.get("span"):
        return ""
    first, last = state["span"]
    hours = f" {state['start_time']}" if state.get("start_time") else ""
    return (first if first == last else f"{first} – {last}") + hours
