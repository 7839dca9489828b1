"""What changed since: exactly the difference between what somebody saw then and sees now."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision, Span, month
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import changes_since, event_work, events
from calendar_app.services.calendar import A_MEMBER, STRANGER, Viewer, visible_to
from calendar_app.services.changes_since import ChangeKind
from calendar_app.services.records import EventRecord, record_of, span_of
from calendar_app.services.reference import reference
from tests.conftest import counted_queries

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
VIEWERS = (STRANGER, A_MEMBER, Viewer(frozenset({"brs"})), Viewer(frozenset({"minamata"})))
SPANS = (Span.inclusive(date(2027, 3, 1), date(2027, 3, 3)), Span.inclusive(date(2027, 4, 5), date(2027, 4, 9)))
EDITS = st.one_of(
    st.fixed_dictionaries({"span": st.sampled_from(SPANS)}),
    st.just({"span": month(2027, 3), "precision": Precision.MONTH, "date_text": "March 2027"}),
    st.just({"span": SPANS[0], "precision": Precision.DAY, "date_text": ""}),
    st.fixed_dictionaries({"status": st.sampled_from(Status)}),
    st.fixed_dictionaries({"stage": st.sampled_from((Stage.DRAFT, Stage.PUBLISHED, Stage.WITHDRAWN))}),
    st.fixed_dictionaries({"visibility": st.sampled_from(Visibility)}),
    st.fixed_dictionaries({"steward": st.sampled_from(("brs", "minamata"))}),
    st.fixed_dictionaries({"city": st.sampled_from(("Geneva", "Nairobi"))}),
    st.just({"notes": "Only for us."}),
    st.fixed_dictionaries({"editors": st.sampled_from(([], ["minamata"]))}),
    st.just({"merge": True}),
)
STEPS = st.lists(st.tuples(st.integers(0, 2), EDITS), min_size=1, max_size=12)


def told(event: Event) -> dict:
    """Everything of an event that a change may be about."""
    return {name: span_of(event) if name == "span" else getattr(event, name) for name in changes_since.TOLD}


def seen(session, ids: list[uuid.UUID]) -> list[dict]:
    """What each viewer sees of these events, asked through the condition that all pages use."""
    session.flush()
    query = select(Event).where(Event.id.in_(ids))
    return [{e.id: told(e) for e in session.scalars(query.where(visible_to(viewer)))} for viewer in VIEWERS]


def take_step(session, ids: list[uuid.UUID], number: int, edit: dict, now: datetime) -> None:
    """Create the event the first time it is named, then change it."""
    made = events.Change("test", now)
    event = session.get(Event, ids[number])
    if event is None:
        record = EventRecord(titles={"en": f"Event {number}"}, processes=("basel",), span=SPANS[0], steward="brs")
        fields = {name: value for name, value in edit.items() if name not in {"editors", "merge"}}
        events.create(session, ids[number], replace(record, **fields), made, reference())
    elif "editors" in edit:
        event_work.set_editors(session, event, edit["editors"], made, reference())
    elif "merge" in edit:
        if event.merged_into_id is None and session.get(Event, ids[0]) and number:
            # As merging does: both records are changed.
            for one, besides in (
                (event, {"merged_into": (None, str(ids[0]))}),
                (session.get(Event, ids[0]), {"merged": (None, [str(event.id)])}),
            ):
                events.change(session, one, record_of(one), made, reference(), besides)
    else:
        events.change(session, event, replace(record_of(event), **edit), made, reference())


def expected_of_gone(session, then: dict, until: dict, now: dict) -> set[uuid.UUID]:
    """What was seen then and is not any more, but for what goes on in a record that is seen."""
    gone = [session.get(Event, key) for key in then if key not in until and key not in now]
    return {event.id for event in gone if event.merged_into_id not in now}


def expected_kind(before: dict | None, now: dict) -> ChangeKind | None:
    if before is None:
        return ChangeKind.NEW
    differing = {name for name in now if now[name] != before[name]}
    if "status" in differing and now["status"] in {Status.CANCELLED, Status.POSTPONED}:
        return ChangeKind(now["status"])
    if differing & {"span", "precision", "date_text"}:
        return ChangeKind.MOVED
    if "status" in differing and now["status"] == Status.CONFIRMED:
        return ChangeKind.CONFIRMED
    return ChangeKind.CHANGED if differing else None


@settings(max_examples=20)
@given(steps=STEPS, data=st.data())
def test_what_is_told_is_the_difference_of_what_was_seen_then_and_is_seen_now(app, steps, data):
    ids = [uuid.uuid4() for _ in range(3)]
    with transaction(keep=False) as session:
        snapshots = [seen(session, ids)]
        for count, (number, edit) in enumerate(steps, 1):
            take_step(session, ids, number, edit, START + count * HOUR)
            snapshots.append(seen(session, ids))
        first = data.draw(st.integers(0, len(steps)))
        last = data.draw(st.integers(first, len(steps)))
        half = timedelta(minutes=30)
        loaded = changes_since.load(session, START + first * HOUR + half, START + last * HOUR + half)
        for position, viewer in enumerate(VIEWERS):
            then, until, now = (snapshots[n][position] for n in (first, last, -1))
            found = {change.event.id: change for change in changes_since.changes_for(loaded, viewer)}
            kinds = {key: expected_kind(then.get(key), until[key]) for key in until if key in now}
            gone = expected_of_gone(session, then, until, now)
            kinds |= dict.fromkeys(gone, ChangeKind.GONE)
            assert {key: change.kind for key, change in found.items()} == {k: v for k, v in kinds.items() if v}
            for key, change in found.items():
                if key in gone:
                    # As it was seen then, word for word, whatever was written in it since.
                    assert told(change.event) == then[key]
                    assert change.event not in session
                    continue
                old = change.old_dates
                if old is None:
                    dates = ("span", "precision", "date_text")
                    assert key not in then or all(then[key][n] == until[key][n] for n in dates)
                else:
                    was = then[key]
                    assert (old.span, old.precision, old.date_text) == (
                        was["span"],
                        was["precision"],
                        was["date_text"],
                    )


def test_changes_take_three_queries_whatever_their_number(app, add_event, session):
    for number in range(12):
        add_event(title=f"Event {number}", first=date(2027, 3, 1 + number))
    session.expire_all()
    with counted_queries() as statements:
        found = changes_since.changes(session, STRANGER, clock.now() - HOUR, clock.now())
    assert len(found) == 12
    assert [span_of(change.event) for change in found] == sorted(span_of(change.event) for change in found)
    assert len(statements) == 3
