"""Harvesting a source: what is due is claimed, what it says is reconciled with the calendar, and the plan carried out.

Asking and reading takes place between the transactions (`source_reading`), the decision is pure (`reconciling`); here
is what stands in the database. Everything that one run changes is written together or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, select, update

from calendar_app.models import Revision, Source, SourceItem, SourceRun
from calendar_app.services import matching, own_events, source_asks, source_letters
from calendar_app.services.calendar import Viewer
from calendar_app.services.duplicates import facts_of
from calendar_app.services.events import Change, whole_second
from calendar_app.services.harvest_view import View, view_of
from calendar_app.services.harvest_writing import Writing
from calendar_app.services.known_again import known_again
from calendar_app.services.matching import Match
from calendar_app.services.own_events import in_our_words
from calendar_app.services.reconciling import Act, Feed, Plan, Said, decide
from calendar_app.services.record_values import from_json
from calendar_app.services.records import EventRecord
from calendar_app.services.sentences import Sentence, in_english
from calendar_app.services.source_asks import Answer, Ask
from calendar_app.services.source_items import feed_of, is_recurring, rules_of
from calendar_app.services.source_units import spoken

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.reference import Reference

# Dates of series come into sight as time passes: a feed that has some is read again although it is the same.
READ_AGAIN = timedelta(days=7)
# So long at most a run takes. One that died with its process is not waited for any longer.
RUN_TAKES = timedelta(minutes=5)
RUNS_KEPT = timedelta(days=400)
_MOST_LISTED = 200
# An address; in quotation marks it goes to their end, whatever stands in it.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#\s“”]*@)?([^/?#\s“”]*)(?:[^“”\n]*(?=”)|\S*)", re.IGNORECASE)


class Trust(StrEnum):
    """What becomes of what a source says: straight into the calendar, or before the people of its owner."""

    DIRECT = "direct"
    MODERATED = "moderated"


class Outcome(StrEnum):
    """How a run ended. `much-gone`: what is gone waits for an answer, the rest is done."""

    UNCHANGED = "unchanged"
    DONE = "done"
    MUCH_GONE = "much-gone"
    FAILED = "failed"


class Stage(StrEnum):
    """How far a run is that a person waits for; "" while none is."""

    WAITING = "waiting"
    ASKING = "asking"
    COMPARING = "comparing"


@dataclass(frozen=True, slots=True)
class Due:
    """A source that is ours to harvest now. `is_waited_for`: somebody looks at its page."""

    source_id: int
    name: str
    ask: Ask
    is_waited_for: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What a run would do, with all that it was decided on."""

    plan: Plan
    view: View
    titles: Mapping[str, str] = field(default_factory=dict)


def is_any_due(session: Session, now: datetime) -> bool:
    """Tell whether any source is due."""
    query = select(Source.id).where(Source.due_at <= now, Source.paused.is_(False), ~_is_asked(now)).limit(1)
    return session.scalar(query) is not None


def claim(session: Session, now: datetime, today: date) -> Due | None:
    """Return a source that is due, and push on when it is asked next: of several who see it one gets it."""
    query = select(Source).where(Source.due_at <= now, Source.paused.is_(False)).order_by(Source.due_at, Source.id)
    for source in session.scalars(query).all():
        if _push_on(session, source, now):
            return _due(source, now, today)
    return None


def claim_one(session: Session, source: Source, now: datetime, today: date) -> Due | None:
    """Return a source to harvest now whether it is due or not; None if somebody else does so at this moment."""
    return _due(source, now, today) if _push_on(session, source, now) else None


def _is_asked(now: datetime) -> ColumnElement[bool]:
    """Tell of a source whether a run of it is on: it was claimed a moment ago, and no run was noted since.

    An unchanged feed is not noted: it counts as being asked until a run would have come to its end.
    """
    noted = exists().where(SourceRun.source_id == Source.id, SourceRun.at >= Source.asked_at)
    return and_(Source.asked_at.is_not(None), Source.asked_at > now - RUN_TAKES, ~noted)


def _push_on(session: Session, source: Source, now: datetime) -> bool:
    values = {"due_at": now + timedelta(hours=source.interval_hours), "asked_at": whole_second(now)}
    result = session.execute(
        update(Source)
        .where(Source.id == source.id, Source.due_at == source.due_at, ~_is_asked(now))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _due(source: Source, now: datetime, today: date) -> Due:
    return Due(source.id, source.name, ask_of(source, now, today), is_waited_for=bool(source.stage))


def ask_of(source: Source, now: datetime, today: date) -> Ask:
    """Return what a source is asked: for what is new, or for all of it if its series have to be worked out anew."""
    ask = Ask(source.url, source.kind, source.timezone, today, source.etag, source.modified, source.digest)
    if source.recurring and (source.read_at is None or now - source.read_at >= READ_AGAIN):
        return replace(ask, etag="", modified="", digest="")
    return ask


def whole(source: Source, today: date) -> Ask:
    """Return what a source is asked when all of it is wanted, whether it is new or not."""
    return Ask(source.url, source.kind, source.timezone, today)


def needs_writing(session: Session, source: Source, answer: Answer, today: date) -> bool:
    """Tell whether anything has to be written after an answer: an unchanged feed is noted once a day."""
    if answer.feed is not None or source.failing_since or source.stage or changed_here(session, source):
        return True
    last = session.scalar(select(func.max(SourceRun.at)).where(SourceRun.source_id == source.id))
    return last is None or last.date() < today


def changed_here(session: Session, source: Source) -> bool:
    """Tell whether an event that this source speaks of was changed since its last run."""
    query = (
        select(Revision.id)
        .join(SourceItem, SourceItem.event_id == Revision.event_id)
        .where(Revision.id > source.revision_seen, SourceItem.source_id == source.id)
    )
    return session.scalar(query.limit(1)) is not None


def plan_of(session: Session, source: Source, feed: Feed, today: date) -> Decided:
    """Return what a run would do, and change nothing."""
    view = view_of(session, source, today)
    viewer = Viewer(frozenset({source.owner_code}))
    own = _own_events(session, viewer, feed, view)
    view = view.with_events(session, own.values())
    feed = replace(
        feed,
        items=[
            in_our_words(item, view.calendar[own[item.uid]].state, source.name) if item.uid in own else item
            for item in feed.items
        ],
    )
    again = known_again(feed, view.remembered.values())
    new = [item for item in feed.items if item.uid not in view.remembered and item.uid not in again]
    matches: dict[str, Match] = {}
    if new:
        calendar = matching.calendar_of(session, viewer)
        # Another id of the same source is another event, unless it is gone from the feed.
        here = {item.uid for item in feed.items}
        held = {item.event_id for uid, item in view.remembered.items() if uid in here}
        for item in new:
            record = replace(EventRecord(), **from_json(item.state))
            if item.uid in own:
                matches[item.uid] = Match((own[item.uid],), sure=True)
            elif match := calendar.match(facts_of(record), held):
                matches[item.uid] = match
    view = view.with_events(session, {m.likely[0] for m in matches.values() if m.sure})
    plan = decide(feed, view.remembered.values(), view.calendar, matches, is_direct=source.trust == Trust.DIRECT)
    titles = {item.uid: next(iter(item.state["titles"].values())) for item in feed.items}
    return Decided(plan, view, titles)


def _own_events(session: Session, viewer: Viewer, feed: Feed, view: View) -> dict[str, uuid.UUID]:
    """Return which items have the id of an event of ours, and are that event: no other item of the source is."""
    uids = [item.uid for item in feed.items]
    # What was seen once stays what it is, whoever may see it now.
    remembered = own_events.by_their_id(session, None, [uid for uid in uids if uid in view.remembered])
    own = remembered | own_events.by_their_id(session, viewer, uids)
    here = {item.uid for item in feed.items}
    held = {item.event_id: uid for uid, item in view.remembered.items() if uid in here}
    became = {uid: item.event_id for uid, item in view.remembered.items()}
    return {
        uid: event_id
        for uid, event_id in own.items()
        if held.get(event_id, uid) == uid and became.get(uid, event_id) == event_id
    }


def feed_said(session: Session, source: Source, answer: Answer, facts: Reference) -> Feed:
    """Return what a source says: now, or what it said last if its answer is the same."""
    rows = (
        session.execute(
            select(SourceItem.uid, SourceItem.said, SourceItem.missing_since, SourceItem.gone_at).where(
                SourceItem.source_id == source.id
            )
        )
        .tuples()
        .all()
    )
    if answer.feed is None:
        same = [Said(uid, spoken(said)) for uid, said, missing, gone in rows if missing is None and gone is None]
        return Feed(tuple(same), is_whole=False)
    feed = feed_of(answer.feed, source.timezone, rules_of(source.rules), source.name, facts)
    # Of a series all dates are meant.
    unread = {uid for uid, *_rest in rows if feed.unread & {uid, uid.rpartition("#")[0]}}
    return replace(feed, unread=frozenset(unread))


def finish(
    session: Session,
    source: Source,
    answer: Answer,
    now: datetime,
    today: date,
    facts: Reference,
    home: str,
    ask: Ask | None = None,
) -> SourceRun:
    """Carry out what an answer comes to, note the run, and tell people what they should know; `home` is our address.

    The same answer again comes to nothing, and so does one to an `ask` before the settings were changed.
    """
    if ask and (ask.url, ask.kind, ask.timezone) != (source.url, source.kind, source.timezone):
        answer = Answer(None)
    started = whole_second(now)
    feed = feed_said(session, source, answer, facts)
    run = SourceRun(
        source_id=source.id, at=started, outcome=Outcome.UNCHANGED, error="", counts={}, notes=[], acts=[], seconds=0.0
    )
    if answer.feed is not None or changed_here(session, source):
        decided = plan_of(session, source, feed, today)
        writing = Writing(session, source, decided.view, Change(actor_of(source), now), facts, home)
        writing.carry_out(decided.plan)
        run.outcome = Outcome.MUCH_GONE if decided.plan.is_in_doubt else Outcome.DONE
        run.counts, run.acts = counts_of(decided.plan), writing.acts[:_MOST_LISTED]
        if answer.feed is not None:
            run.notes = [
                {"code": str(r.code), "detail": r.detail, "uid": r.uid, "line": r.line, "times": r.times}
                for r in (*answer.feed.problems, *answer.feed.notes)
            ]
            source.read_at, source.recurring = started, is_recurring(answer.feed)
            source_letters.much_gone(session, source, decided.plan, now, home)
        elif not any(item.missing_since for item in decided.view.items.values()):
            source.much_gone_at = None
    source.etag, source.modified, source.digest = answer.etag, answer.modified, answer.digest
    session.flush()
    source.revision_seen = session.scalar(select(func.max(Revision.id))) or 0
    source_letters.works_again(session, source, now, home)
    source.failing_since, source.told_at = None, None
    _end_stage(source, now)
    _keep(session, run)
    return run


def hosts_only(sentence: str) -> str:
    """Return a sentence with the hosts of addresses in place of them: the rest of an address may be a secret."""
    if not isinstance(sentence, Sentence):
        return _ADDRESS.sub(r"\1", sentence)
    # Each value as if it stood in quotation marks: to its end.
    values = {
        name: _ADDRESS.sub(r"\1", f"“{value}”")[1:-1] if isinstance(value, str) else value
        for name, value in sentence.values.items()
    }
    return in_english(sentence.template, **values)


def failed(session: Session, source: Source, sentence: str, now: datetime, home: str) -> SourceRun:
    """Note that a source could not be read, and why; after three days its owner's people are told."""
    told = hosts_only(sentence)
    run = SourceRun(
        source_id=source.id, at=whole_second(now), outcome=Outcome.FAILED, error=source_asks.kept(told),
        counts={}, notes=[], acts=[], seconds=0.0,
    )  # fmt: skip
    source.failing_since = source.failing_since or now
    _end_stage(source, now)
    source_letters.fails(session, source, told, now, home)
    _keep(session, run)
    return run


def _end_stage(source: Source, now: datetime) -> None:
    """Note that nobody waits any more, unless another run was wanted meanwhile."""
    is_wanted = source.stage and source.due_at <= now and not source.paused
    source.stage = Stage.WAITING if is_wanted else ""


def _keep(session: Session, run: SourceRun) -> None:
    old = select(SourceRun).where(SourceRun.source_id == run.source_id, SourceRun.at < run.at - RUNS_KEPT)
    for gone in session.scalars(old):
        session.delete(gone)
    session.add(run)
    session.flush()


def actor_of(source: Source) -> str:
    """Return how a source stands in histories."""
    return f"source {source.name}"


def counts_of(plan: Plan) -> dict[str, Any]:
    """Return how many events each thing happens to."""
    counts = {act.value: sum(step.act is act for step in plan.steps) for act in Act}
    counts["disagree"] = sum(bool(step.disagreeing) for step in plan.steps)
    counts["missing"] = len(plan.missing)
    return {name: number for name, number in counts.items() if number}
