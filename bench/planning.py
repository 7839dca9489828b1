"""What planning costs: a recompute, one changed event and the date finder, beside other ways to the same findings."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bench import made_calendar
from bench.applications import application
from bench.contenders import Calendar, Known, Tree, cheapest_days, every_pair, every_pair_of
from bench.timing import Spent, Watch, in_turn, processor, ratio, wall
from calendar_app.extensions import clock, db, transaction
from calendar_app.models import CalendarVersion, Event
from calendar_app.planning.dates import Span
from calendar_app.planning.finder import Wanted, looked_at, search
from calendar_app.planning.vocabulary import About, Format
from calendar_app.services import events, finding_scope, findings, importing, planning_facts, policies
from calendar_app.services.batch import collector_paused
from calendar_app.services.planning_meetings import all_meetings, meetings_around
from calendar_app.services.records import record_of
from calendar_app.services.reference import packaged_rows, reference
from calendar_app.services.touched import Before

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from bench.made_calendar import Template
    from bench.timing import Runs, Times
    from calendar_app.planning.findings import Finding
    from calendar_app.planning.meetings import Meeting

SIZES = (1_000, 10_000, 100_000)
ROUNDS = {1_000: 3, 10_000: 1, 100_000: 1}
# In more events than this not every pair is judged: what it would take is worked out from the number of pairs.
MOST_NAIVE = 1_000
# Nor is the tree asked for all neighbours in more: that alone would take minutes.
MOST_TREE = 10_000
# All findings of more events than this are not stored; those of the events that are changed are.
MOST_STORED = 10_000
CHANGES, NAIVE_CHANGES = 100, {1_000: 3, 10_000: 3, 100_000: 1}
FIRST, LAST, DAYS = date(2025, 1, 1), date(2027, 12, 31), 5
FINDER_ROUNDS = 5
OURS, TREE, NAIVE = "ours", "intervaltree", "every pair"
# What ours may take, in seconds.
RECOMPUTED, CHANGED, FOUND, ANSWERED = {10_000: 2.0}, 0.005, 0.1, 0.15
# A conference of the Parties in the first week of another one, elsewhere.
TYPED = {
    "organisation": "minamata", "title": "COP-7", "title_language": "en", "kind": "cop", "body": "MC-COP",
    "dates": "day", "first_day": "2027-04-19", "last_day": "2027-04-23", "city": "Geneva", "status": "confirmed",
}  # fmt: skip
PANEL_ROUNDS = 15
_SEED = 20250815
_WEEK = timedelta(weeks=1)


class World(NamedTuple):
    """A made calendar of `size` events in a database of its own."""

    app: Flask
    size: int
    known: Known


class Line(NamedTuple):
    """A line of the table: what each way spent, round by round, and the target of ours in seconds on the wall.

    `guessed` are the processor's seconds of judging every pair where they are worked out.
    """

    label: str
    times: Times
    target: float | None = None
    guessed: float | None = None


def measure(folder: Path) -> None:
    """Make the calendars and print the table."""
    watch = Watch()
    real = packaged(folder / "packaged")
    worlds = _worlds(folder, real)
    print("\nPlanning: ms of the processor, and of the clock for ours, with its target; medians, all ways in one run.")
    print(f"{'what':46}{'target':>8}{'clock':>11}{OURS:>11}{TREE:>14}{NAIVE:>13}{'tree:ours':>11}{'every:ours':>12}")
    naive = 0.0
    for world in worlds:
        line = _recompute(world, naive)
        naive = naive or processor(line.times[NAIVE])
        _print(line)
    for world in worlds:
        if world.size <= MOST_STORED:
            _print(_stored(world))
    for task in (_changed, _settled, _finder):
        for world in worlds:
            _print(task(world))
    _print(_panel(real))
    print("~ worked out from the number of pairs, not measured.")
    print(f"{'planning in all, seconds':46}{watch.spent().wall:8.0f}")


def _print(line: Line) -> None:
    ours = line.times[OURS]
    target = f"{line.target * 1000:.0f}" if line.target else ""
    cells = [f"{target:>8}", f"{wall(ours) * 1000:11.2f}", f"{processor(ours) * 1000:11.2f}"]
    ratios = []
    for way, width in ((TREE, 14), (NAIVE, 13)):
        spent = line.times.get(way)
        text = times = ""
        if spent:
            text, times = f"{processor(spent) * 1000:.2f}", f"{ratio(spent, ours):.1f}"
        elif way is NAIVE and line.guessed:
            text, times = f"~{line.guessed * 1000:.0f}", f"~{line.guessed / processor(ours):.0f}"
        cells.append(f"{text:>{width}}")
        ratios.append(times)
    print(f"{line.label:46}{''.join(cells)}{ratios[0]:>11}{ratios[1]:>12}", flush=True)


def packaged(folder: Path) -> Flask:
    """Return an application with the packaged calendar, and its findings."""
    app = application(folder)
    with app.app_context(), transaction() as session:
        change = events.Change("bench", clock.now())
        importing.import_rows(session, packaged_rows("events.csv"), change, reference())
    return app


def templates(real: Flask) -> list[list[Template]]:
    """Return the events of the packaged calendar as those that a made one is drawn from."""
    with real.app_context():
        found = made_calendar.families(db.session())
        db.session.rollback()
    return found


def _worlds(folder: Path, real: Flask) -> list[World]:
    drawn_from = templates(real)
    with real.app_context():
        known = Known(planning_facts.facts(), policies.packaged())
    worlds = []
    for size in SIZES:
        app = application(folder / f"made-{size}")
        # Not exclusive: nothing is compared and stored before it is asked for.
        with app.app_context(), transaction(exclusive=False) as session:
            made_calendar.fill(session, drawn_from, size)
            version = session.get_one(CalendarVersion, 1)
            version.planning_digest = findings.planning_digest(*known)
        worlds.append(World(app, size, known))
    return worlds


def _recompute(world: World, naive: float) -> Line:
    """Measure finding everything from scratch, the loading of all events counted. `naive`: seconds in the smallest."""
    facts, policy = world.known

    @collector_paused()
    def anew(find: Callable[[Calendar], list[Finding]]) -> list[Finding]:
        return find(Calendar(all_meetings(db.session(), facts), world.known))

    # Ours with what sessions lack, which the others do not look for.
    runs: Runs = {
        OURS: lambda: finding_scope.whole_calendar(db.session(), facts, policy).found,
    }
    guessed = None
    if world.size <= MOST_TREE:
        runs[TREE] = lambda: anew(lambda calendar: calendar.findings(Tree(calendar).pairs()))
    if world.size <= MOST_NAIVE:
        runs[NAIVE] = lambda: anew(lambda calendar: calendar.findings(every_pair(calendar)))
    else:
        guessed = naive * (world.size / SIZES[0]) ** 2
    times = _in_turn(world, runs, ROUNDS[world.size], warm_up=world.size == SIZES[0])
    return Line(f"recompute, {world.size:,} events", times, RECOMPUTED.get(world.size), guessed)


def _stored(world: World) -> Line:
    """Measure a recompute with what sessions lack, against stored findings that are current."""

    def recompute() -> None:
        with transaction() as session:
            findings.recompute(session, clock.now())

    with world.app.app_context():
        # The first one stores them all.
        times = in_turn({OURS: recompute}, 1)
    return Line(f"recompute against stored, {world.size:,} events", times)


def _changed(world: World) -> Line:
    """Measure comparing one event with all others; the tree has all events in memory before, the others load."""
    facts, policy = world.known
    times: Times = {OURS: [], TREE: [], NAIVE: []}
    with world.app.app_context():
        calendar = Calendar(all_meetings(db.session(), facts), world.known)
    tree = Tree(calendar)

    def around(meeting: Meeting) -> list[Finding]:
        before = {meeting.event: Before(meeting.kind, meeting.span, meeting.part_of)}
        return finding_scope.around(db.session(), before, facts, policy).found

    def with_tree(meeting: Meeting) -> list[Finding]:
        only = calendar.family_of(meeting)
        return calendar.findings(tree.pairs_of(calendar, only), only)

    def with_every_pair(meeting: Meeting) -> list[Finding]:
        every = Calendar(all_meetings(db.session(), facts), world.known)
        only = every.family_of(meeting)
        return every.findings(every_pair_of(every, only), only)

    for number, meeting in enumerate(_some(calendar.speaking)):
        runs: Runs = {OURS: partial(around, meeting), TREE: partial(with_tree, meeting)}
        if number < NAIVE_CHANGES[world.size]:
            runs[NAIVE] = partial(with_every_pair, meeting)
        for way, spent in _in_turn(world, runs, 1, warm_up=False).items():
            times[way] += spent
    return Line(f"one changed event, {world.size:,} events", times, CHANGED)


def _settled(world: World) -> Line:
    """Measure what a change of days adds to its transaction: comparing the event, and storing what is different.

    Events to come are changed, as planners do: of these new clashes are looked up for letters, of past ones never.
    """
    today = clock.now().date()
    with world.app.app_context():
        calendar = Calendar(all_meetings(db.session(), world.known.facts), world.known)
        db.session.rollback()
        spent = []
        for meeting in _some([m for m in calendar.speaking if m.is_exact and m.span and m.span.start - _WEEK > today]):
            # There, so that its findings are stored, and back.
            _move(meeting.event, _WEEK)
            spent.append(_move(meeting.event, -_WEEK))
    return Line(f"one changed event, stored, {world.size:,} events", {OURS: spent}, CHANGED)


def _move(event_id: uuid.UUID, by: timedelta) -> Spent:
    """Put off an event; return what its findings take."""
    with transaction() as session:
        event = session.get_one(Event, event_id)
        record = record_of(event)
        span = Span(record.span.start + by, record.span.end + by) if record.span else None
        events.change(session, event, replace(record, span=span), events.Change("bench", clock.now()), reference())
        session.flush()
        watch = Watch()
        findings.settle(session, clock.now().astimezone(clock.zone))
        session.flush()
        return watch.spent()


def _finder(world: World) -> Line:
    """Measure looking for the days of a meeting in three years, the loading of their events counted."""
    facts, policy = world.known
    with world.app.app_context():
        calendar = Calendar(all_meetings(db.session(), facts), world.known)
    wanted = Wanted(next(m for m in calendar.speaking if _is_ordinary(m)), DAYS, FIRST, LAST)

    def load() -> list[Meeting]:
        return meetings_around(db.session(), [looked_at(wanted)], (), facts, policy)

    def search_them() -> dict[date, int]:
        return {window.span.start: window.cost for window in search(wanted, load(), facts, policy).by_day}

    def with_tree() -> dict[date, int]:
        near = Calendar(load(), world.known)
        return cheapest_days(wanted, near, Tree(near))

    def with_every_pair() -> dict[date, int]:
        return cheapest_days(wanted, Calendar(load(), world.known))

    times = _in_turn(world, {OURS: search_them, TREE: with_tree}, FINDER_ROUNDS)
    once = _in_turn(world, {OURS: search_them, NAIVE: with_every_pair}, 1, warm_up=False)
    # Every pair is judged in one round only, beside one of ours.
    times = {way: once.get(way, []) + times.get(way, []) for way in (OURS, TREE, NAIVE)}
    return Line(f"finder over three years, {world.size:,} events", times, FOUND)


def _panel(real: Flask) -> Line:
    """Measure the panel beside the form: what dates run into, and better ones, on the packaged calendar."""
    client = real.test_client()

    def ask() -> bool:
        return b"severity-major" in client.get("/submit/dates", query_string=TYPED).get_data()

    if not ask():
        message = "the panel does not say what the dates run into"
        raise RuntimeError(message)
    return Line("panel beside the form, packaged calendar", in_turn({OURS: ask}, PANEL_ROUNDS), ANSWERED)


def _is_ordinary(meeting: Meeting) -> bool:
    """Tell whether it is a meeting as most that are looked for: a working week in Geneva, held by a secretariat."""
    return (
        meeting.is_exact
        and meeting.span is not None
        and meeting.span == meeting.footprint
        and meeting.span.days == DAYS
        and meeting.city == "geneva"
        and meeting.format is Format.IN_PERSON
        and meeting.whole is None
        and meeting.hours is None
        and bool(meeting.secretariats)
    )


def _some(meetings: list[Meeting]) -> list[Meeting]:
    return random.Random(_SEED).sample(meetings, min(CHANGES, len(meetings)))


def _in_turn(world: World, runs: Runs, rounds: int, *, warm_up: bool = True) -> Times:
    """Run all ways in turn in a world. Raises RuntimeError if they do not come to the same."""
    outcomes: dict[str, int] = {}

    def seen(way: str, outcome: object) -> None:
        db.session.rollback()
        outcomes[way] = _fingerprint(outcome)

    with world.app.app_context():
        # Nobody is measured opening a transaction: a change has begun its own long before its findings are asked for.
        db.session.connection()
        times = in_turn(runs, rounds, warm_up=warm_up, seen=seen)
    if len(set(outcomes.values())) > 1:
        message = f"not all ways come to the same: {outcomes}"
        raise RuntimeError(message)
    return times


def _fingerprint(outcome: object) -> int:
    """Return a number for findings, in whatever order they are, or for what days cost. Only ours looks for gaps."""
    if isinstance(outcome, list):
        told = (f for f in outcome if f.about is not About.GAP)
        return hash(frozenset((f.kind, f.about, f.a, f.b, f.options, f.severity, f.likelihood) for f in told))
    return hash(frozenset(outcome.items())) if isinstance(outcome, dict) else 0
