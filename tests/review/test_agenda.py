"""What stands on the agenda: what all members may see, in a number of questions that does not grow."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from docx import Document
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision, month
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import event_work, events, review_agenda, review_document, reviews
from calendar_app.services.calendar import A_MEMBER, can_see
from calendar_app.services.records import Organiser, record_of
from calendar_app.services.reference import reference
from calendar_app.services.review_words import ReviewWords
from calendar_app.services.wording import Words
from tests.conftest import counted_queries
from tests.review.conftest import NOVEMBER, decide, read

pytestmark = pytest.mark.either_database

THIS_MONTH = date(2026, 11, 1)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "stage": st.sampled_from((Stage.PUBLISHED, Stage.PUBLISHED, Stage.DRAFT, Stage.WITHDRAWN)),
            "visibility": st.sampled_from(Visibility),
            "status": st.sampled_from(Status),
            "steward": st.sampled_from(("brs", "minamata")),
            "weeks": st.integers(1, 80),
            "kind": st.sampled_from(("cop", "workshop")),
            "precision": st.sampled_from((Precision.DAY, Precision.MONTH)),
            "hidden_later": st.booleans(),
        }
    ),
    min_size=1,
    max_size=5,
)


def agenda(session) -> dict:
    return review_agenda.compose(session, THIS_MONTH, clock.now(), clock.today())


def section(found: dict, name: str) -> list[dict]:
    return next((s["lines"] for s in found["sections"] if s["name"] == name), [])


@settings(max_examples=4, phases=(Phase.generate,))
@given(lines=LINES)
def test_nothing_is_on_the_agenda_that_not_all_members_may_see(app, session, add_event, lines):
    ids = []
    for line in lines:
        values = {name: line[name] for name in ("stage", "visibility", "status", "steward", "kind")}
        first = clock.today() + timedelta(weeks=line["weeks"])
        title = f"zz{uuid.uuid4().hex}"
        if line["precision"] == Precision.MONTH:
            span = month(first.year, first.month)
            values |= {"precision": Precision.MONTH, "first": span.start, "last": span.last}
        else:
            # Delegates who have to be at several of these at once make clashes.
            values |= {"first": first, "audiences": ("chemicals-delegates",), "city": "Geneva", "country": "CH"}
        ids.append((add_event(title=title, notes=f"notes of {title}", **values), title))
    with transaction() as writing:
        for (event_id, _title), line in zip(ids, lines, strict=True):
            event = writing.get(Event, event_id)
            if line["hidden_later"]:
                record = replace(record_of(event), visibility=Visibility.STEWARD)
                events.change(writing, event, record, events.Change("x", clock.now()), reference())
    session.rollback()
    facts = reviews.minutes(session, THIS_MONTH, clock.now(), clock.today())
    text = json.dumps(facts)
    for event_id, title in ids:
        seen = can_see(A_MEMBER, session.get(Event, event_id))
        assert seen or title not in text
        assert f"notes of {title}" not in text
        # Nothing of it is lost, either: a new event is told as such, whatever becomes of it.
        assert (f"new/{event_id}" in review_agenda.lines_of(facts)) == seen
    assert review_document.write(facts, ReviewWords(Words()), clock.zone)


def fill(add_event, count: int) -> None:
    for number in range(count):
        day = date(2027, 1, 4) + timedelta(weeks=number)
        kind = {"kind": "cop", "audiences": ("chemicals-delegates",), "format": "in-person"}
        add_event(title=f"COP {number}", first=day, city="Geneva", country="CH", **kind)
        add_event(title=f"Workshop {number}", first=day, steward="minamata", city="Nairobi", country="KE", **kind)
        add_event(title=f"Some day {number}", first=day, status="tentative")


def test_the_page_takes_as_many_questions_for_many_events_as_for_few(app, add_event, ana):
    counts = []
    for rounds in (2, 4):
        fill(add_event, rounds)
        decide(ana, "other", "Write.", subject="Any", owner_organisation="brs")
        ana.get(NOVEMBER)
        with counted_queries() as statements:
            assert ana.get(NOVEMBER).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1], counts
    assert counts[0] <= 42


def test_of_what_an_organisation_keeps_for_others_the_review_says_who_holds_it(ana, hold, found):
    theirs = hold("brs", "MOP-37", organisers=(Organiser("", "ozone"),))
    found(theirs, hold("minamata", "COP-7"))
    page = read(ana)
    data = BytesIO(ana.get(f"{NOVEMBER}/minutes.docx").data)
    document = "\n".join(paragraph.text for paragraph in Document(data).paragraphs)
    for text in (page, document):
        assert "Ozone (kept by BRS): 7 June 2027, Geneva, Switzerland" in text
        assert "Minamata: 7 June 2027, Nairobi, Kenya" in text
        assert not re.search(r"(?<!kept by )BRS: 7 June", text)
    assert "7 June 2027 · Geneva, Switzerland · Ozone (kept by BRS)" in page


def test_a_section_says_what_is_due_and_each_event_stands_where_it_belongs(add_event, session):
    near = add_event(title="Near", first=date(2026, 12, 14))
    cop = add_event(title="COP", first=date(2028, 3, 6), kind="cop")
    add_event(title="Far workshop", first=date(2028, 3, 6))
    vague = add_event(
        title="Vague", first=date(2027, 6, 1), last=date(2027, 6, 30), precision=Precision.MONTH, date_text="June 2027"
    )
    tentative = add_event(title="Tentative", first=date(2027, 3, 1), status="tentative")
    over = add_event(title="Over", first=date(2026, 11, 16))
    found = agenda(session)
    keys = {s["name"]: [line["key"] for line in s["lines"]] for s in found["sections"]}
    assert keys["coming"] == [f"event/{near}"]
    assert keys["horizon"] == [f"event/{vague}", f"event/{cop}"]
    assert keys["dates"] == [f"dates/{vague}"]
    assert keys["tentative"] == [f"tentative/{tentative}"]
    assert f"new/{over}" in keys["new"], "it was entered since the last review, and took place since"
    assert {"cancelled", "moved", "actions", "critical"}.isdisjoint(keys), "what is empty is left out"


def test_what_nobody_has_confirmed_for_long_is_one_line_for_each_owner(add_event, session):
    ids = [add_event(title=f"Workshop {n}", first=date(2027, 3, 1 + n)) for n in range(8)]
    with transaction() as writing:
        for event_id in ids:
            writing.get(Event, event_id).created_at = clock.now() - timedelta(days=91)
        event = writing.get(Event, ids[0])
        event_work.confirm(writing, event, events.Change("x", clock.now()), reference())
    session.rollback()
    (line,) = section(agenda(session), "unconfirmed")
    assert (line["key"], line["count"], len(line["events"])) == ("unconfirmed/brs", 7, 5)
    shown = ReviewWords(Words()).line("unconfirmed", line)
    assert shown.title == "BRS: 7 events"
    assert shown.facts == ("Workshop 1, Workshop 2, Workshop 3, Workshop 4, Workshop 5, 2 more",)


def test_a_calendar_that_was_just_loaded_is_not_news_as_a_whole(app, add_event, ana, at):
    add_event(title="Loaded", first=date(2027, 3, 1))
    with transaction() as session:
        reviews.month.cycle(session, clock.now())
    at("2026-11-21T09:00+00:00")
    add_event(title="Added later", first=date(2027, 3, 2))
    found = section(agenda(session), "new")
    assert [line["event"]["titles"]["en"] for line in found] == ["Added later"]


def test_the_agenda_of_an_empty_month_says_so(ana):
    assert "Nothing asks for attention this month." in read(ana)


def test_what_was_withdrawn_or_hidden_since_the_last_review_is_named_as_members_knew_it(
    add_event, session, at, signed_in
):
    values = {"first": date(2027, 3, 1), "steward": "minamata"}
    gone, hidden = add_event(title="Withdrawn", **values), add_event(title="Hidden", **values)
    never = add_event(title="Never seen", visibility=Visibility.STEWARD, **values)
    at("2027-01-02T08:00Z")
    with transaction() as writing:
        for event_id, changed in (
            (gone, {"stage": Stage.WITHDRAWN}),
            (hidden, {"visibility": Visibility.STEWARD, "titles": {"en": "Secret name"}, "span": month(2027, 6)}),
            (never, {"stage": Stage.WITHDRAWN}),
        ):
            event = writing.get(Event, event_id)
            record = replace(record_of(event), **changed)
            events.change(writing, event, record, events.Change("x", clock.now()), reference())
    session.rollback()
    facts = review_agenda.compose(session, date(2027, 1, 1), clock.now(), clock.today())
    assert {line["key"] for line in section(facts, "gone")} == {f"gone/{gone}", f"gone/{hidden}"}
    assert not any(word in json.dumps(facts) for word in ("Never seen", "Secret name", "2027-06"))
    (shown,) = [s for s in ReviewWords(Words()).sections(facts) if s.name == "gone"]
    assert shown.heading == "No longer in the calendar"
    assert {(line.title, line.facts[0], line.event_id) for line in shown.lines} == {
        ("Withdrawn", "1 March 2027", ""), ("Hidden", "1 March 2027", "")
    }  # fmt: skip
    ana = signed_in("ana@brs.example", brs="coordinator")
    decide(ana, f"gone/{gone}", "Ask the host", review="/review/2027-01")
    assert "Ask the host" in read(ana, "/review/2027-01")
