"""Events rendered for feeds when they change, so that a feed is put together of bytes that are there.

`settle` keeps what is stored true in the transaction of each change; `refresh` renders anew what another program,
other words or another address of the calendar have made. Both let SEQUENCE and LAST-MODIFIED go on for whatever a
subscriber would see differently. `bodies` reads.
"""

from __future__ import annotations

import hashlib
import zoneinfo
from functools import lru_cache
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, exists, func, literal, not_, or_, outerjoin, select
from sqlalchemy.orm import aliased, joinedload

from calendar_app.models import Event, EventRendering
from calendar_app.planning import dates
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services import calendar, events, feed_entries, records, touched, wording
from calendar_app.services import reference as reference_lists
from calendar_app.services import text as texts
from calendar_app.services.calendar import feed_order, in_feed, visible_to
from calendar_app.services.feed_entries import GONE, KEPT, PLAIN
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference import digest, reference
from calendar_app.services.wording import available_languages
from feeds import checks, colors, entries
from feeds.writing import characters, ics

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.calendar import Viewer
    from calendar_app.services.filters import EventFilter

    Key = tuple[str, str]

_ENGLISH = "en"
_MOST_IDS = 500
_MADE_BY = (
    calendar, checks, characters, colors, dates, entries, feed_entries, ics, records, reference_lists, texts, wording,
)  # fmt: skip


def rendered(event: Event, home_url: str) -> dict[Key, bytes]:
    """Return the VEVENTs of an event by (language, form): in English, and in each language that says something else.

    The same event gives the same bytes everywhere, to all who may see it. Nothing is left of what has no days.
    """
    found: dict[Key, bytes] = {}
    for language in _languages(event):
        for form, entry in feed_entries.forms_of(event, language, home_url, reference()).items():
            body = ics.write_event(entry)
            if found.get((_ENGLISH, form)) != body:
                found[language, form] = body
    return found


def _languages(event: Event) -> list[str]:
    """Return English and the languages in which anything can be said of an event that English does not say."""
    spoken = available_languages() | event.titles.keys() | event.descriptions.keys()
    return [language for language in LANGUAGES if language == _ENGLISH or language in spoken]


@lru_cache(maxsize=8)
def stamp(home_url: str) -> str:
    """Return what tells apart renderings that were made in different ways.

    By the program's own text, so that nobody has to remember to count a version up.
    """
    made_with = [home_url, digest(), version("icalendar"), version("babel"), _zones()]
    mark = hashlib.sha256(" ".join(made_with).encode())
    for module in _MADE_BY:
        mark.update(Path(str(module.__file__)).read_bytes())
    for path in sorted(wording.TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo")):
        mark.update(path.parent.parent.name.encode() + path.read_bytes())
    return mark.hexdigest()


def _zones() -> str:
    """Return which time zone data are in use: a country that moves its clocks moves what is given in UTC."""
    for folder in zoneinfo.TZPATH:
        for name in ("tzdata.zi", "+VERSION"):
            if (path := Path(folder) / name).exists():
                with path.open(encoding="utf-8") as lines:
                    return lines.readline()
    return version("tzdata")


def settle(session: Session, home_url: str, now: datetime) -> None:
    """Make the renderings true again after what this transaction has changed.

    Call it before the commit, inside `using` of the lists that hold then.
    """
    ids = touched.take_shown(session)
    session.flush()
    refresh(session, ids, home_url, now)


def stale(session: Session, home_url: str) -> list[uuid.UUID]:
    """Return the events whose renderings are missing, or were made in another way than now."""
    of_event = EventRendering.event_id == Event.id
    made_so = exists().where(of_event, EventRendering.stamp == stamp(home_url))
    made_else = exists().where(of_event, EventRendering.stamp != stamp(home_url))
    query = select(Event.id).where(or_(made_else, and_(_is_shown(), ~made_so)))
    return list(session.scalars(query.order_by(Event.start, Event.id)))


def _is_shown() -> ColumnElement[bool]:
    """Return the condition of events of which a feed can show anything."""
    dated = and_(Event.start.is_not(None), Event.merged_into_id.is_(None))
    return or_(dated, and_(Event.hidden_since.is_not(None), Event.last_public_start.is_not(None)))


def refresh(session: Session, ids: Iterable[uuid.UUID], home_url: str, now: datetime) -> None:
    """Render these events and write what differs from what is stored.

    Of `stale` give so many as one transaction should hold.
    """
    mark, now = stamp(home_url), events.whole_second(now)
    for some in _chunks(ids):
        stored: dict[uuid.UUID, dict[Key, EventRendering]] = {}
        for row in session.scalars(select(EventRendering).where(EventRendering.event_id.in_(some))):
            stored.setdefault(row.event_id, {})[row.language, row.form] = row
        query = select(Event).where(Event.id.in_(some)).options(joinedload(Event.whole)).order_by(Event.id)
        # With the whole that it is part of now: another one may have been loaded before.
        for event in session.scalars(query.execution_options(populate_existing=True)):
            before = stored.get(event.id, {})
            _store(session, event, before, _advanced(session, event, before, home_url, now), mark)
        session.flush()


def _advanced(
    session: Session, event: Event, before: dict[Key, EventRendering], home_url: str, now: datetime
) -> dict[Key, bytes]:
    """Render an event; let it go on if subscribers see a difference that no change of the event itself has made.

    Calendar programs keep old texts unless SEQUENCE has risen or LAST-MODIFIED advanced.
    """
    after = rendered(event, home_url)
    for key, body in after.items():
        old = before.get(key) or before.get((_ENGLISH, key[1]))
        if old and old.body != body and old.sequence == event.sequence:
            events.advance(session, event, now)
            return rendered(event, home_url)
    return after


def _store(
    session: Session, event: Event, before: dict[Key, EventRendering], after: dict[Key, bytes], mark: str
) -> None:
    for key, body in after.items():
        row = before.pop(key, None)
        if row is None:
            language, form = key
            row = EventRendering(event_id=event.id, language=language, form=form)
            session.add(row)
        if row.body != body:
            row.body = body
        row.sequence, row.stamp = event.sequence, mark
    for row in before.values():
        session.delete(row)


def _chunks(ids: Iterable[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    every = sorted(ids)
    return (every[first : first + _MOST_IDS] for first in range(0, len(every), _MOST_IDS))


def bodies(session: Session, viewer: Viewer, wanted: EventFilter, home_url: str, *, today: date) -> list[bytes]:
    """Return the VEVENTs of a feed, as `viewer` may see them, in the order of the feed."""
    return _read(session, viewer, wanted, home_url, in_feed(viewer, wanted, today))


def bodies_of(
    session: Session, viewer: Viewer, wanted: EventFilter, home_url: str, ids: Collection[uuid.UUID]
) -> list[bytes]:
    """Return the VEVENTs of some events, in the order of a feed: tombstones of those that `viewer` may not see."""
    return _read(session, viewer, wanted, home_url, Event.id.in_(ids))


def _read(
    session: Session, viewer: Viewer, wanted: EventFilter, home_url: str, condition: ColumnElement[bool]
) -> list[bytes]:
    language, form = wanted.lang or _ENGLISH, _form(viewer, wanted)
    order = feed_order(viewer, wanted)
    english = aliased(EventRendering)
    body: ColumnElement[bytes] = english.body.expression
    joined = outerjoin(Event, english, _is(english, _ENGLISH, form))
    if language != _ENGLISH:
        own = aliased(EventRendering)
        body, joined = func.coalesce(own.body, body), outerjoin(joined, own, _is(own, language, form))
    query = select(Event.id, form, body, *order).select_from(joined).where(condition)
    # Sorted here: with the bodies in hand, databases take longer over it than over all the rest.
    rows = sorted(session.connection().execute(query).all(), key=itemgetter(*range(3, 3 + len(order))))
    missing = [row[0] for row in rows if row[2] is None]
    made = _made_now(session, missing, language, home_url) if missing else {}
    return [row[2] or made[row[0], row[1]] for row in rows]


def _is(rendering: type[EventRendering], language: str, form: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(rendering.event_id == Event.id, rendering.language == language, rendering.form == form)


def _form(viewer: Viewer, wanted: EventFilter) -> ColumnElement[str]:
    """Return in which form an event is shown."""
    cancelled = or_(Event.status == Status.CANCELLED, Event.stage == Stage.WITHDRAWN)
    kept = [(cancelled, literal(KEPT))] if wanted.keep_cancelled else []
    return case((not_(visible_to(viewer)), literal(GONE)), *kept, else_=literal(PLAIN))


def _made_now(
    session: Session, ids: Iterable[uuid.UUID], language: str, home_url: str
) -> dict[tuple[uuid.UUID, str], bytes]:
    """Render what is not stored: the calendar was written to past this program, or is just being prepared."""
    found: dict[tuple[uuid.UUID, str], bytes] = {}
    for some in _chunks(ids):
        for event in session.scalars(select(Event).where(Event.id.in_(some)).options(joinedload(Event.whole))):
            made = rendered(event, home_url)
            english = ((form, body) for (spoken, form), body in made.items() if spoken == _ENGLISH)
            found |= {(event.id, form): made.get((language, form), body) for form, body in english}
    return found
