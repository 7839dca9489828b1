"""Whatever people do to a few events, what is stored of them stays what a look at the whole calendar gives.

That is the findings, and what feeds show.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete

from calendar_app.extensions import clock, transaction
from calendar_app.models import Base, Event
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import (
    Format,
    LinkKind,
    OptionState,
    OrganiserRole,
    PartRole,
    ServiceState,
    Stage,
    Status,
    Visibility,
)
from calendar_app.services import events, merging
from calendar_app.services.feed_entries import GONE
from calendar_app.services.records import BodyMeeting, EventRecord, Link, Option, Organiser, ServiceGiven, record_of
from calendar_app.services.reference import reference
from tests.findings.truth import rendered_anew, renderings, said, stored

FIRST = date(2027, 3, 1)
CLEARED = [t for t in reversed(Base.metadata.sorted_tables) if t.name.startswith(("finding", "event", "revision"))]
CLEARED += [Base.metadata.tables[name] for name in ("services", "date_options")]
CLEARED.sort(key=lambda table: table.name == "events")

DAYS = st.builds(
    lambda start, length: Span(FIRST + timedelta(start), FIRST + timedelta(start + length)),
    # Most meet; some lie so far apart that only what prepares a session can still belong to it.
    st.one_of(st.integers(0, 30), st.integers(0, 30), st.integers(0, 300)),
    # Some are longer than what takes part, or nearly.
    st.one_of(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6), st.sampled_from([90, 93, 190])),
)
PLACES = st.sampled_from([("Geneva", "CH"), ("Bangkok", "TH"), ("Nairobi", "KE"), ("", "")])
KINDS = st.sampled_from("cop negotiating-session subsidiary-body regional-preparatory briefing webinar".split())
NUMBERS = st.integers(0, 6)


def _organisers(codes):
    roles = (OrganiserRole.LEAD, OrganiserRole.CO_ORGANISER)
    return tuple(Organiser(code, code, role) for code, role in zip(codes, roles, strict=False))


def some_of(*values, most=2):
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


CHANGES = {
    "kind": KINDS,
    "processes": some_of("basel", "minamata"),
    "bodies": some_of(BodyMeeting("BC-COP"), BodyMeeting("RC-CRC"), BodyMeeting("SC-POPRC"), most=1),
    "audiences": some_of("chemicals-delegates", "poprc-members", "brs-programme-officers"),
    "organisers": some_of("brs", "minamata").map(_organisers),
    "series": st.sampled_from(["", "a series"]),
    "status": st.sampled_from([*Status, Status.CONFIRMED, Status.CONFIRMED]),
    "format": st.sampled_from(Format),
    "remote_participation": st.sampled_from(["", "They may speak."]),
    "venue": st.sampled_from(["", "CICG"]),
    "regions": some_of("Africa", "Asia-Pacific", "GRULAC"),
    "key_persons": some_of("Ana"),
    "expected_participants": st.sampled_from([None, 100]),
    "stage": st.sampled_from([Stage.PUBLISHED, Stage.PUBLISHED, Stage.SCHEDULED, Stage.DRAFT, Stage.WITHDRAWN]),
    "start_time": st.just("09:00"),
    "visibility": st.sampled_from([*Visibility, Visibility.PUBLIC]),
    "steward": st.sampled_from(["brs", "brs", "minamata"]),
}


@st.composite
def dates(draw):
    """Days, a month, hours on one day, or nothing."""
    span = draw(DAYS)
    sort = draw(st.sampled_from(["days", "days", "days", "month", "hours", "none"]))
    if sort == "none":
        return {"span": None, "date_text": "to be decided"}
    if sort == "month":
        start = span.start.replace(day=1)
        span = Span(start, (start + timedelta(31)).replace(day=1))
        return {"span": span, "precision": Precision.MONTH, "start_time": "", "end_time": "", "timezone": ""}
    if sort == "hours":
        span = Span(span.start, span.start + timedelta(1))
        hours = {"start_time": "09:00", "end_time": "11:00", "timezone": "Europe/Zurich"}
        return {"span": span, "precision": Precision.DAY, **hours}
    return {"span": span, "precision": Precision.DAY}


@st.composite
def fields(draw):
    """A few fields of an event with new values."""
    names = draw(st.lists(st.sampled_from(sorted(CHANGES)), max_size=4, unique=True))
    values = {name: draw(CHANGES[name]) for name in names}
    if draw(st.booleans()):
        values |= draw(dates())
    if draw(st.booleans()):
        values["city"], values["country"] = draw(PLACES)
    return values


class Calendar(RuleBasedStateMachine):
    """Some events in a few weeks, and people who change them; several changes may be one transaction."""

    def __init__(self):
        super().__init__()
        self.events = []
        self.shown = {}
        with transaction() as session:
            for table in CLEARED:
                session.execute(delete(table))

    def _made(self):
        return events.Change("test", clock.now())

    def _change(self, number, **values):
        if not self.events:
            return
        with transaction() as session:
            event = session.get(Event, self.events[number % len(self.events)])
            events.change(session, event, replace(record_of(event), **values), self._made(), reference())

    def _other(self, number):
        return self.events[number % len(self.events)]

    @initialize(several=st.lists(fields(), min_size=3, max_size=5))
    def begin(self, several):
        """A calendar of some sessions in Geneva, each a little different."""
        with transaction() as session:
            for number, values in enumerate(several):
                self._create(session, {"span": Span(FIRST, FIRST + timedelta(3 + number))} | values)

    def _create(self, session, values):
        first = {
            "titles": {"en": f"Meeting {len(self.events)}"}, "kind": "subsidiary-body", "city": "Geneva",
            "country": "CH", "processes": ("basel",), "steward": "brs", "format": Format.IN_PERSON,
            "organisers": _organisers(["brs"]),
        }  # fmt: skip
        self.events.append(uuid.uuid4())
        record = replace(EventRecord(), **(first | values))
        events.create(session, self.events[-1], record, self._made(), reference())

    @rule(values=fields())
    def create(self, values):
        with transaction() as session:
            self._create(session, values)

    @rule(number=NUMBERS, values=fields())
    def change(self, number, values):
        self._change(number, **values)

    @rule(number=NUMBERS, other=NUMBERS, values=fields(), more=fields())
    def change_two(self, number, other, values, more):
        with transaction() as session:
            for which, new in ((number, values), (other, more)):
                event = session.get(Event, self._other(which))
                events.change(session, event, replace(record_of(event), **new), self._made(), reference())

    @rule(number=NUMBERS, span=DAYS)
    def move(self, number, span):
        self._change(number, span=span, precision=Precision.DAY)

    @rule(number=NUMBERS, other=NUMBERS, role=st.sampled_from(PartRole))
    def become_part(self, number, other, role):
        """An event becomes part of one that is not part of it."""
        if not self.events:
            return
        part, whole = self._other(number), self._other(other)
        with transaction() as session:
            seen = whole
            while seen is not None and seen != part:
                seen = session.get(Event, seen).part_of_id
        if seen is None:
            self._change(number, part_of=whole, part_role=role)

    @rule(number=NUMBERS)
    def leave(self, number):
        self._change(number, part_of=None, part_role="")

    @rule(number=NUMBERS, other=NUMBERS, kind=st.sampled_from(LinkKind))
    def link(self, number, other, kind):
        if self.events and self._other(number) != self._other(other):
            self._change(number, links=(Link(kind, self._other(other)),))

    @rule(number=NUMBERS)
    def unlink(self, number):
        self._change(number, links=())

    @rule(number=NUMBERS, spans=st.lists(st.tuples(DAYS, st.sampled_from(OptionState)), max_size=2))
    def consider(self, number, spans):
        options = tuple(Option(span.start, span.last, "", state) for span, state in spans)
        self._change(number, options=options)

    @rule(number=NUMBERS, provider=st.sampled_from(["brs", "minamata"]), state=st.sampled_from(ServiceState))
    def serve(self, number, provider, state):
        self._change(number, services=(ServiceGiven(provider, "registration", state=state),))

    @rule(number=NUMBERS, other=NUMBERS)
    def merge(self, number, other):
        with transaction() as session:
            loser, winner = (session.get(Event, self._other(which)) for which in (number, other))
            if merging.may_merge(loser, winner):
                fill = merging.fillable(session, loser, winner)
                merging.merge(session, loser, winner, fill, self._made(), reference())

    @rule(number=NUMBERS)
    def undo_merge(self, number):
        with transaction() as session:
            winner = session.get(Event, self._other(number))
            last = merging.last_merge(session, winner)
            if last:
                merging.unmerge(session, winner, last.id, self._made(), reference())

    @invariant()
    def true(self):
        """What is stored is what the whole calendar says."""
        assert stored() == said()

    @invariant()
    def shown_anew(self):
        """What feeds show is what the events say; what reads differently has a higher SEQUENCE and a later time."""
        now = renderings()
        assert {key: rendering.body for key, rendering in now.items()} == rendered_anew()
        for key, rendering in now.items():
            before = self.shown.get(key)
            if before and before.body != rendering.body:
                assert rendering.sequence > before.sequence
                # Of a tombstone it is when the event was hidden, and the clock of tests stands still.
                assert rendering.last_modified > before.last_modified or key[-1] == GONE
        # What is not shown for a time is not forgotten by those who had it.
        self.shown |= now


def test_all_that_is_stored_is_true_after_whatever_was_done(app):
    run_state_machine_as_test(Calendar, settings=settings(max_examples=12, stateful_step_count=12))
