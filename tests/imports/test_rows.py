"""The rows of a preview: a hundred on a page, by what becomes of them, with reasons in the reader's language."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import imports as job
from calendar_app.models import Event
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Visibility
from calendar_app.services import events, sentences
from calendar_app.services.columns import COLUMNS, write_row
from calendar_app.services.records import BodyMeeting, as_json, record_of
from calendar_app.services.reference import reference
from calendar_app.services.sentences import in_english
from calendar_app.services.wording import Words
from tests.conftest import counted_queries
from tests.imports.test_imports import HEADER, apply, look, outcomes, plain, stored, upload
from tests.work.filling import fields_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

pytestmark = pytest.mark.either_database

NOT_LISTED = "“Conventions and processes” names 'Basell', which is not in the list."
REFUSED, NEW = 120, 3
ROWS = "".join(f"Refused {n},31 April 2027,,,\n" for n in range(REFUSED)) + "".join(
    f"New {n},{n + 1} March 2027,,,\n" for n in range(NEW)
)


@pytest.fixture
def ana(signed_in) -> FlaskClient:
    """A coordinator of brs."""
    return signed_in("ana@brs.example", brs="coordinator")


def lines(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"Line (\d+) ", text)]


def links(browser: FlaskClient, address: str) -> dict[str, str]:
    page = browser.get(address).get_data(as_text=True)
    found = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>([^<]+)</a>', page)
    return {html.unescape(text).strip(): html.unescape(url) for url, text in found}


def test_rows_stand_a_hundred_on_a_page_refused_ones_first_and_each_sort_by_itself(app, ana):
    address = upload(ana, ROWS)
    text = look(ana, address)
    assert lines(text) == list(range(2, 102))
    assert "Rows 1 to 100 of 123" in text
    assert "120 rows are refused" in text
    ways = links(ana, address)
    assert {"All: 123", "Refused: 120", "New: 3"} <= set(ways)
    text = plain(ana.get(ways["Next page"]))
    assert lines(text) == list(range(102, 125))
    assert "3 new events" in text
    text = plain(ana.get(ways["New: 3"]))
    assert lines(text) == [122, 123, 124]
    assert "Next page" not in text
    assert ana.get(f"{address}?show=anything").status_code == 404
    assert lines(plain(ana.get(f"{address}?page=77"))) == list(range(102, 125))
    assert lines(plain(ana.get(f"{address}?page=-1"))) == list(range(2, 102))
    assert lines(plain(ana.get(f"{address}?page=x"))) == list(range(2, 102))


def test_a_page_of_an_import_asks_the_database_no_more_for_more_rows(app, ana):
    address = upload(ana, ROWS)
    look(ana, address)
    with counted_queries() as many:
        ana.get(address)
    other = upload(ana, "Meeting,1 March 2027,,,\n", name="one.csv")
    look(ana, other)
    with counted_queries() as few:
        ana.get(other)
    assert len(many) <= len(few)


def test_refused_rows_are_given_as_a_sheet_with_their_reasons_which_comes_in_when_it_is_mended(app, ana):
    rows = 'Good,1 March 2027,Rome,Basel,\n"=Bad, one",31 April 2027,Rome,Basell,red\n'
    address = upload(ana, rows)
    look(ana, address)
    answer = ana.get(links(ana, address)["Refused rows with their reasons (.csv)"])
    assert answer.headers["Content-Disposition"] == "attachment; filename=plans-refused.csv"
    text = answer.data.decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text)))
    assert found == [
        ["Line", "Why it is refused", *HEADER.strip().split(",")],
        [
            "3",
            "“Dates, or first day” is '31 April 2027'; there is no such day.\n" + NOT_LISTED,
            "'=Bad, one",
            "31 April 2027",
            "Rome",
            "Basell",
            "red",
        ],
    ]
    mended = text.replace("31 April", "30 April").replace("Basell", "Basel")
    again = upload(ana, mended, name="mended.csv", header="")
    look(ana, again)
    made = stored(again)
    assert [(row["outcome"], row["title"]) for row in made.report["rows"]] == [("new", "=Bad, one")]


def test_refused_rows_of_a_calendar_file_are_given_by_their_titles(app, ana):
    event = "BEGIN:VEVENT\r\nUID:a@b\r\nSUMMARY:A\r\nDTSTART;VALUE=DATE:20270301\r\nURL:https://a b\r\nEND:VEVENT\r\n"
    file = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{event}END:VCALENDAR\r\n"
    address = upload(ana, file, name="a.ics", header="")
    look(ana, address)
    rows = list(csv.reader(io.StringIO(ana.get(f"{address}/refused.csv").data.decode("utf-8-sig"))))
    assert rows[0] == ["Line", "Why it is refused", "Title"]
    assert [row[2] for row in rows[1:]] == [row["title"] for row in stored(address).report["rows"]
                                            if row["outcome"] == "refused"]  # fmt: skip


def test_what_was_decided_on_other_pages_stays_and_one_can_look_at_the_events(app, ana, add_event):
    places = {"first": date(2027, 3, 1), "city": "Accra", "country": "GH"}
    ids = [add_event(title=f"Workshop on {what} in Africa", **places) for what in ("mercury waste", "plastic bags")]
    subjects = ("the mercury waste", "the plastic bags")
    rows = "".join(f"Workshop on {what} in Africa,1 March 2027,Accra,,\n" for what in subjects)
    address = upload(ana, rows)
    look(ana, address)
    assert stored(address).choices == {"2": str(ids[0]), "3": str(ids[1])}
    page = ana.get(f"{address}?show=asked").get_data(as_text=True)
    for event_id in ids:
        assert re.search(rf'href="/events/{event_id}[^"]*">\s*Look at this event', page)
    form = fields_of(page, f"{address}/apply?show=asked")
    ana.post(f"{address}/apply?show=asked", data=form | {"choice-2": "leave", "again": "1"})
    assert outcomes(stored(address))[2] == "left"
    changed = ana.get(f"{address}?show=changed").get_data(as_text=True)
    form = fields_of(changed, f"{address}/apply?show=changed")
    assert "choice-2" not in form
    answer = ana.post(f"{address}/apply?show=changed", data=form | {"choice-3": "new", "again": "1"})
    assert answer.location == f"{address}?show=changed"
    assert outcomes(stored(address)) == {2: "left", 3: "new"}
    assert "There are no such rows." in plain(ana.get(answer.location))


def test_a_refused_row_leads_to_the_event_that_it_is_about_if_the_organisation_sees_it(app, ana, add_event):
    seen = add_event(title="Mercury", steward="minamata")
    hidden = add_event(title="Hush-hush", steward="minamata", visibility=Visibility.STEWARD)
    rows = f"{seen},Mercury COP,1 March 2027\n{hidden},My title,1 March 2027\n"
    address = upload(ana, rows, header="id,title,start\n")
    look(ana, address)
    page = ana.get(address).get_data(as_text=True)
    assert outcomes(stored(address)) == {2: "refused", 3: "refused"}
    assert f'href="/events/{seen}' in page
    assert str(hidden) not in page
    assert "Hush" not in page


def test_reasons_are_told_in_the_language_of_the_reader(app, ana):
    address = upload(ana, "Meeting,31 April 2027,Genva,Basell,\n")
    look(ana, address)
    arabic = ana.get(f"{address}?lang=ar").get_data(as_text=True)
    for english in ("there is no such day", "which is not in the list", "is read as", "left out"):
        assert english not in arabic
    assert "31 April 2027" in arabic


def test_a_sentence_knows_what_it_is_made_of():
    said = in_english("%(column)s is '%(text)s'; valid are %(valid)s.", column="kind", text="x", valid=["a", "b"])
    assert said == "kind is 'x'; valid are a, b."
    kept = sentences.stored(said)
    assert sentences.in_words(kept, Words("en"), "“{}”".format) == "“kind” is 'x'; valid are a, b."
    assert sentences.stored("as it is") == sentences.in_words("as it is", Words("ar")) == "as it is"
    named = in_english("it says otherwise: %(fields)s.", fields=["titles", "span", "precision"])
    labels = {"titles": "Title", "span": "Dates", "precision": "Dates"}
    assert sentences.in_words(named, Words("en"), field=labels.__getitem__) == "It says otherwise: Title, Dates."


def test_a_row_that_is_strongly_likely_an_event_of_the_calendar_does_not_come_in_until_somebody_chooses(
    app, ana, add_event
):
    event_id = add_event(
        title="Eighteenth meeting of the Open-ended Working Group", first=date(2027, 6, 21), last=date(2027, 6, 25),
        city="Geneva", country="CH", bodies=(BodyMeeting("BC-OEWG", 18),),
    )  # fmt: skip
    weak = add_event(title="Workshop on plastic waste", first=date(2027, 9, 20), steward="brs")
    rows = (
        "OEWG-18 of the Basel Convention,22-26 June 2027,Geneva,Basel,\nWorkshop on plastic waste,1 November 2027,,,\n"
    )
    address = upload(ana, rows)
    text = look(ana, address)
    made = stored(address)
    assert (outcomes(made), made.choices) == ({2: "open", 3: "new"}, {"2": "open", "3": "new"})
    assert [row["likely"][0]["id"] for row in made.report["rows"]] == [str(event_id), str(weak)]
    assert "1 row is perhaps in the calendar already: it is not brought in until you choose" in text
    assert "Not brought in until you choose: 1" in text
    assert "before you look at other rows" in text
    fields = fields_of(ana.get(address).get_data(as_text=True), f"{address}/apply")
    assert ("choice-2" in fields, fields["choice-3"]) == (False, ["new"])
    for choice, outcome in ((str(event_id), "changed"), ("new", "new"), ("leave", "left")):
        ana.post(f"{address}/apply", data=fields | {"choice-2": choice, "again": "1"})
        assert outcomes(stored(address))[2] == outcome
    again = upload(ana, rows)
    look(ana, again)
    apply(ana, again)
    job.carry_out(app)
    assert outcomes(stored(again)) == {2: "open", 3: "new"}
    assert db.session.scalar(select(func.count()).select_from(Event)) == 3
    assert "1 row was not brought in: it is perhaps in the calendar already" in plain(ana.get(again))


def test_a_row_that_repeats_one_which_may_be_an_event_of_the_calendar_is_no_new_event(app, ana, add_event):
    event_id = add_event(
        title="Eighteenth meeting of the Open-ended Working Group", first=date(2027, 6, 21), last=date(2027, 6, 25),
        city="Geneva", country="CH", bodies=(BodyMeeting("BC-OEWG", 18),),
    )  # fmt: skip
    address = upload(ana, "OEWG-18 of the Basel Convention,22-26 June 2027,Geneva,Basel,\n" * 2)
    look(ana, address)
    assert outcomes(stored(address)) == {2: "open", 3: "left"}
    fields = fields_of(ana.get(address).get_data(as_text=True), f"{address}/apply")
    for choice, found in (
        (str(event_id), ["changed", "repeated"]),
        ("new", ["new", "repeated"]),
        ("leave", ["left"] * 2),
    ):
        ana.post(f"{address}/apply", data=fields | {"choice-2": choice, "again": "1"})
        assert list(outcomes(stored(address)).values()) == found, choice


def test_an_old_export_takes_nothing_back_that_others_entered_since_and_says_that_it_is_old(app, ana, add_event):
    """Between the export and its return a colleague gives the venue, the French title and other days."""
    event_id = add_event(title="Meeting", first=date(2027, 3, 1), city="Geneva", country="CH", notes="Ask for rooms")
    add_event(title="Untouched", first=date(2027, 4, 1))
    shown = [
        write_row(event, record_of(event), reference())
        for event in db.session.scalars(select(Event).order_by(Event.start))
    ]
    later = clock.now() + timedelta(hours=1)
    with transaction() as session:
        event = session.get_one(Event, event_id)
        span = Span.inclusive(date(2027, 3, 8), date(2027, 3, 9))
        record = replace(record_of(event), venue="Palexpo", titles={"en": "Meeting", "fr": "Réunion"}, span=span)
        events.change(session, event, record, events.Change("Ben", later), reference())
    shown[0] |= {"city": "Rome", "country": "IT"}
    shown[1] |= {"venue": "Hall 2"}
    for cells, expected in (
        (shown[0], {"city": "Rome", "country": "IT", "venue": "Palexpo", "span": span}),
        (shown[0] | {"venue": "Room 5"}, {"city": "Rome", "venue": "Room 5", "span": span}),
        (shown[0] | {"end": "2027-03-03"}, {"span": Span.inclusive(date(2027, 3, 1), date(2027, 3, 3))}),
    ):
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows([shown[1], cells])
        address = upload(ana, out.getvalue(), header="")
        text = look(ana, address)
        assert outcomes(stored(address)) == {2: "changed", 3: "changed"}
        rows = {row["line"]: row for row in stored(address).report["rows"]}
        after = {"city": "Geneva", "country": "CH", "venue": "Palexpo", "titles": record.titles} | rows[3]["after"]
        wanted = {name: value for name, value in as_json(replace(record, **expected)).items() if name in expected}
        assert {name: after.get(name, as_json(record)[name]) for name in expected} == wanted
        assert after["titles"] == record.titles
        assert rows[2]["warnings"] == []
        # First what one must not miss.
        assert text.index("The event was changed in the calendar since this file was made.") < text.index("Hall 2")
    assert "What was entered there since stays: Title, Venue." in text


WRITTEN = [
    ("status", "Confirmé", "confirmed"), ("status", "annulée", "cancelled"), ("status", "provisoire", "tentative"),
    ("status", "reporté", "postponed"), ("status", "confirmado", "confirmed"), ("status", "aplazada", "postponed"),
    ("status", "подтверждено", "confirmed"), ("status", "Отменён", "cancelled"), ("status", "مؤكد", "confirmed"),
    ("status", "ملغاة", "cancelled"), ("status", "مؤقت", "tentative"), ("status", "已确认", "confirmed"),
    ("status", "推迟", "postponed"), ("status", "planned", "tentative"), ("status", "à confirmer", "tentative"),
    ("format", "en ligne", "online"), ("format", "présentiel", "in-person"), ("format", "Hybride", "hybrid"),
    ("format", "a distancia", "online"), ("format", "очно", "in-person"), ("format", "онлайн", "online"),
    ("format", "حضوري", "in-person"), ("format", "عبر الإنترنت", "online"), ("format", "混合", "hybrid"),
]  # fmt: skip


def test_words_for_status_and_format_are_understood_in_six_languages_and_brs_as_three_conventions(app, ana):
    header = "title,start,end,status,format,conventions\n"
    rows = "".join(
        f"M{n},2027-03-01,2027-03-01,{text if name == 'status' else ''},{text if name == 'format' else ''},BRS\n"
        for n, (name, text, _code) in enumerate(WRITTEN)
    )
    address = upload(ana, rows + "Last,2027-03-01,2027-03-01,peut-être,,BRS; Minamata\n", header=header)
    look(ana, address)
    *found, last = stored(address).report["rows"]
    assert [row["after"][name] for row, (name, _text, _code) in zip(found, WRITTEN, strict=True)] == [
        code for _name, _text, code in WRITTEN
    ]
    assert {tuple(row["after"]["processes"]) for row in found} == {("basel", "rotterdam", "stockholm")}
    assert "peut-être" in str(last["problems"])
    assert len(last["problems"]) == 1


def test_a_new_event_without_a_status_is_said_to_be_taken_as_confirmed(app, ana, add_event):
    add_event(title="Known", first=date(2027, 3, 1))
    header = "title,start,end,status\n"
    rows = "A,2027-03-01,2027-03-01,\nB,Q2 2027,,\nC,2027-03-01,2027-03-01,Confirmed\nKnown,2027-03-01,2027-03-01,\n"
    address = upload(ana, rows + "D,TBC,,\n", header=header)
    text = look(ana, address)
    notes = {row["title"]: [note[0] for note in row["notes"]] for row in stored(address).report["rows"]}
    assert notes["A"] == ["No status is given; it is taken as confirmed."]
    assert notes["B"] == ["No status is given; it is taken as confirmed, although the days are not known yet."]
    assert (notes["C"], notes["Known"], notes["D"]) == ([], [], [])
    assert "it is taken as confirmed, although the days are not known yet" in text


def test_an_old_calendar_file_of_ours_takes_nothing_back_either(app, ana, add_event):
    event_id = add_event(title="Meeting", first=date(2027, 3, 1), city="Geneva", country="CH")
    data = app.test_client().get("/feeds/calendar.ics?from=2027-01&to=2027-12").get_data(as_text=True)
    later = clock.now() + timedelta(hours=1)
    with transaction() as session:
        event = session.get_one(Event, event_id)
        record = replace(record_of(event), city="Rome", country="IT")
        events.change(session, event, record, events.Change("Ben", later), reference())
    for text, outcome in ((data, "same"), (re.sub(r"(SUMMARY[^:]*:)Meeting", r"\1Big meeting", data), "changed")):
        address = upload(ana, text, name="ours.ics", header="")
        page = look(ana, address)
        assert outcomes(stored(address)) == {1: outcome}
        assert set(stored(address).report["rows"][0].get("after", {})) <= {"titles"}
        assert "What was entered there since stays" in page
