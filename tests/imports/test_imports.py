"""Bringing a file in through the browser: nothing changes before it is looked through, and all of it can be undone."""

from __future__ import annotations

import html
import io
import re
import sys
import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.jobs import imports as job
from calendar_app.models import Event, Import, Revision
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import events, imports, sheets
from calendar_app.services.columns import COLUMNS
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from tests.work.filling import fields_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

pytestmark = pytest.mark.either_database

HEADER = "Meeting,Dates,Where,MEA,Colour\n"


@pytest.fixture
def ana(signed_in) -> FlaskClient:
    """A coordinator of brs."""
    return signed_in("ana@brs.example", brs="coordinator")


def upload(browser: FlaskClient, rows: str, name: str = "plans.csv", header: str = HEADER) -> str:
    """Send a file; return the address of the import."""
    token = fields_of(browser.get("/imports").get_data(as_text=True))["csrf_token"]
    data = {"csrf_token": token, "organisation": "brs", "file": (io.BytesIO((header + rows).encode()), name)}
    answer = browser.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location.removesuffix("/columns")


def look(browser: FlaskClient, address: str, **typed: str) -> str:
    """Take the guessed columns; return the text of the page that says what each row would do."""
    fields = fields_of(browser.get(f"{address}/columns").get_data(as_text=True))
    answer = browser.post(f"{address}/columns", data=fields | typed, follow_redirects=True)
    return plain(answer)


def plain(answer) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)[-3000:]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def test_a_column_that_numbers_the_rows_refuses_none_of_them_and_is_named_once(app, ana):
    rows = "".join(f"{number},Workshop {number},{number} June 2027\n" for number in (1, 2, 3))
    address = upload(ana, rows, header="ID,Meeting,Dates\n")
    page = look(ana, address)
    assert page.count("The numbers of the rows are not taken as ids") == 1
    assert "--source" not in page
    assert outcomes(stored(address)) == {2: "new", 3: "new", 4: "new"}


@pytest.mark.parametrize(
    ("precision", "wording", "shown"),
    [("month", "", "Dates 1–30 June 2027 → June 2027"), ("words", "mid-year", "Dates 1–30 June 2027 → mid-year")],
)
def test_a_row_that_changes_only_how_exactly_days_are_known_shows_both(app, ana, add_event, precision, wording, shown):
    event_id = add_event(title="Workshop", first=date(2027, 6, 1), last=date(2027, 6, 30))
    address = upload(ana, f"{event_id},Workshop,{precision},{wording}\n", header="id,title,date_precision,date_text\n")
    assert shown in look(ana, address).replace("Now", "").replace("It will be", "→")


def apply(browser: FlaskClient, address: str, **typed: str) -> None:
    """Press the button."""
    fields = fields_of(browser.get(address).get_data(as_text=True), f"{address}/apply")
    answer = browser.post(f"{address}/apply", data=fields | {"apply": "1"} | typed)
    assert answer.status_code == 303, answer.get_data(as_text=True)


def bring_in(app, browser: FlaskClient, rows: str, **typed: str) -> str:
    address = upload(browser, rows)
    look(browser, address, **typed)
    apply(browser, address)
    job.carry_out(app)
    return address


def undo(browser: FlaskClient, address: str) -> str:
    fields = fields_of(browser.get(address).get_data(as_text=True), f"{address}/undo")
    return plain(browser.post(f"{address}/undo", data=fields, follow_redirects=True))


def stored(address: str) -> Import:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Import, uuid.UUID(address.rpartition("/")[2]))


def by_title() -> dict[str, Event]:
    db.session.rollback()
    return {event.titles["en"]: event for event in db.session.scalars(select(Event))}


def outcomes(made: Import) -> dict[int, str]:
    return {row["line"]: row["outcome"] for row in made.report["rows"]}


def test_a_file_is_matched_looked_through_and_carried_out_as_drafts_of_the_organisation(app, ana):
    address = upload(ana, "COP in Geneva,3-7 May 2027,Geneva/online,Basel,red\nA workshop,Q2 2028,Rome,Basell,\n")
    page = ana.get(f"{address}/columns").get_data(as_text=True)
    assert [fields_of(page)[f"column-{n}"] for n in range(5)] == [
        ["title"],
        ["start"],
        ["place"],
        ["conventions"],
        [""],
    ]
    text = look(ana, address)
    assert "1 new event" in text
    assert "1 row is refused" in text
    assert "“Conventions and processes” names 'Basell', which is not in the list." in text
    assert "left out: Colour" in text
    assert by_title() == {}
    apply(ana, address)
    waiting = ana.get(address)
    assert waiting.headers["Refresh"] == "3"
    assert by_title() == {}
    job.carry_out(app)
    event = by_title()["COP in Geneva"]
    record = record_of(event)
    assert (record.steward, record.stage, record.city, record.format) == ("brs", Stage.DRAFT, "Geneva", "hybrid")
    assert (str(record.span.start), str(record.span.last)) == ("2027-05-03", "2027-05-07")
    revision = db.session.scalars(select(Revision)).one()
    assert (revision.import_id, revision.actor) == (stored(address).id, "Ana (BRS)")
    text = plain(ana.get(address))
    assert "1 event was added" in text
    assert "Refresh" not in ana.get(address).headers


def test_the_page_tells_an_import_that_waits_from_one_under_way_and_a_killed_one_is_carried_out_later(
    app, ana, monkeypatch
):
    address = upload(ana, "A workshop,3-7 May 2027,Geneva,Basel,\n")
    look(ana, address)
    apply(ana, address)
    assert "The import waits for its turn" in plain(ana.get(address))
    with monkeypatch.context() as killed:
        killed.setattr(imports, "apply", lambda *_: sys.exit())
        with pytest.raises(SystemExit):
            job.carry_out(app)
    assert stored(address).state == "waiting"
    page = plain(ana.get(address))
    assert "The import is being carried out" in page
    assert re.search(r"Since \d\d:\d\d:\d\d Europe/Zurich 1 row is brought in", page)
    job.carry_out(app)
    assert [*by_title()] == ["A workshop"]


def test_what_each_row_would_do_is_said_and_nothing_is_done_by_looking(app, ana, add_event):
    day = {"first": date(2027, 3, 1)}
    add_event(title="Changes", city="Geneva", country="CH", venue="Hall 1", **day)
    add_event(title="Stays", **day)
    before = db.session.scalar(select(func.count()).select_from(Revision))
    header = "Title,Dates,City,Venue\n"
    rows = (
        "Changes,1 March 2027,Geneva,Hall 2\nStays,1 March 2027,,\nNew,2 March 2027,,\nnew,2/3/2027,,\n"
        "New,2 March 2027,,\nOther,31 April 2027,,\n,,,a heading\n"
    )
    address = upload(ana, rows, header=header)
    text = look(ana, address)
    assert outcomes(stored(address)) == {
        2: "changed", 3: "changed", 4: "new", 5: "refused", 6: "repeated", 7: "refused", 8: "heading",
    }  # fmt: skip
    assert "Venue Hall 1 → Hall 2" in text
    assert "the same as line 4" in text
    assert "“Dates, or first day” is '31 April 2027'; there is no such day." in text
    assert "“Dates, or first day” is '2/3/2027'; it may be two days" in text
    assert db.session.scalar(select(func.count()).select_from(Revision)) == before


def test_events_of_others_are_not_changed_and_it_is_said_whom_to_ask(app, ana, add_event):
    event_id = add_event(title="Mercury", steward="minamata", city="Geneva", country="CH")
    address = upload(ana, f"{event_id},Mercury COP,1 March 2027\n", header="id,title,start\n")
    text = look(ana, address)
    assert "Secretariat of the Minamata Convention on Mercury, which alone changes it" in text
    assert outcomes(stored(address)) == {2: "refused"}
    address = upload(ana, f"{event_id},Mercury,1 March 2027\n", header="id,title,start\n")
    look(ana, address)
    assert outcomes(stored(address))[2] in {"same", "refused"}


def test_nobody_learns_from_an_import_what_only_others_see(app, ana, add_event):
    hidden = {"steward": "minamata", "visibility": Visibility.STEWARD, "city": "Geneva", "country": "CH"}
    add_event(title="Secret round", **hidden)
    address = upload(ana, "Secret round,1 March 2027,Geneva,,\n")
    text = look(ana, address)
    made = stored(address)
    assert outcomes(made) == {2: "new"}
    assert made.report["rows"][0]["likely"] == []
    assert "Minamata" not in text
    apply(ana, address)
    job.carry_out(app)
    db.session.rollback()
    assert sorted(db.session.scalars(select(Event.steward_code))) == ["brs", "minamata"]


def test_what_the_calendar_seems_to_have_is_ticked_as_the_same_and_can_be_decided_otherwise(app, ana, add_event):
    event_id = add_event(
        title="Workshop on mercury waste in Africa", first=date(2027, 3, 1), city="Accra", country="GH", venue="Hall"
    )
    address = upload(ana, "Workshop on the mercury waste in Africa,1 March 2027,Accra,,\n")
    text = look(ana, address)
    assert "same title, same days, same city" in text
    made = stored(address)
    assert (outcomes(made), made.choices) == ({2: "changed"}, {"2": str(event_id)})
    # An empty cell of a sheet that does not know the event clears nothing.
    changed = made.report["rows"][0]
    # What dates mean takes three fields, so all of them are told where one differs.
    assert set(changed["after"]) == {"titles", "span", "precision", "date_text"}
    fields = fields_of(ana.get(address).get_data(as_text=True), f"{address}/apply")
    assert fields["choice-2"] == [str(event_id)]
    for choice, outcome in (("new", "new"), ("leave", "left"), (str(event_id), "changed")):
        ana.post(f"{address}/apply", data=fields | {"choice-2": choice, "again": "1"})
        assert outcomes(stored(address)) == {2: outcome}
    # What was changed with the button that carries it out is shown first.
    ana.post(f"{address}/apply", data=fields | {"choice-2": "new", "apply": "1"})
    assert (stored(address).state, outcomes(stored(address))) == (imports.PREVIEW, {2: "new"})
    apply(ana, address)
    job.carry_out(app)
    assert len(by_title()) == 2


def test_undoing_an_import_withdraws_what_is_new_and_leaves_what_others_changed_since(app, ana, add_event, signed_in):
    add_event(title="Changes", venue="Hall 1", first=date(2027, 3, 1))
    header = "title,start,end,venue\n"
    rows = "Changes,2027-03-01,2027-03-01,Hall 2\nNew,2027-05-01,2027-05-01,\nTouched,2027-06-01,2027-06-01,\n"
    address = upload(ana, rows, header=header)
    look(ana, address, stage="published")
    apply(ana, address)
    job.carry_out(app)
    with transaction() as session:
        event = session.get_one(Event, by_title()["Touched"].id)
        record = replace(record_of(event), venue="Elsewhere")
        events.change(session, event, record, events.Change("Ben", clock.now()), reference())
    assert signed_in("mia@minamata.example", minamata="coordinator").get(address).status_code == 404
    text = undo(ana, address)
    found = {title: record_of(event) for title, event in by_title().items()}
    assert found["Changes"].venue == "Hall 1"
    assert (found["New"].stage, found["Touched"].stage) == (Stage.WITHDRAWN, Stage.PUBLISHED)
    assert "somebody has changed them since: Touched" in text
    assert "2 events are as they were" in text
    assert stored(address).state == imports.UNDONE


def test_the_columns_that_were_chosen_are_remembered_for_the_same_header(app, ana):
    address = upload(ana, "A,1 March 2027,Geneva,,Hall 5\n")
    look(ana, address, **{"column-4": "venue", "column-3": ""})
    again = upload(ana, "B,1 March 2028,Geneva,,Hall 6\n", name="next.csv")
    fields = fields_of(ana.get(f"{again}/columns").get_data(as_text=True))
    assert [fields[f"column-{n}"] for n in range(5)] == [["title"], ["start"], ["place"], [""], ["venue"]]


def test_an_import_that_is_cut_off_changes_nothing_and_is_carried_out_later(app, ana, monkeypatch):
    address = upload(ana, "A,1 March 2027,,,\nB,2 March 2027,,,\n")
    look(ana, address)
    apply(ana, address)
    create, count = events.create, []

    def die(*arguments: Any, **rest: Any) -> Event:
        count.append(1)
        if len(count) == 2:
            raise KeyboardInterrupt
        return create(*arguments, **rest)

    monkeypatch.setattr(events, "create", die)
    with pytest.raises(KeyboardInterrupt):
        job.carry_out(app)
    assert by_title() == {}
    assert stored(address).state == imports.WAITING
    monkeypatch.setattr(events, "create", create)
    job.carry_out(app)
    job.carry_out(app)
    assert set(by_title()) == {"A", "B"}


def test_an_import_that_waits_can_be_stopped(app, ana):
    address = upload(ana, "A,1 March 2027,,,\n")
    look(ana, address)
    apply(ana, address)
    fields = fields_of(ana.get(address).get_data(as_text=True), f"{address}/stop")
    assert "The import is stopped" in plain(ana.post(f"{address}/stop", data=fields, follow_redirects=True))
    job.carry_out(app)
    assert by_title() == {}
    apply(ana, address)
    job.carry_out(app)
    assert "too late" in plain(ana.post(f"{address}/stop", data=fields, follow_redirects=True))
    assert set(by_title()) == {"A"}


def test_who_may_not_decide_any_more_carries_nothing_out(app, ana):
    address = upload(ana, "A,1 March 2027,,,\n")
    look(ana, address)
    apply(ana, address)
    with transaction() as session:
        session.get_one(Import, stored(address).id).organisation_code = "minamata"
    job.carry_out(app)
    assert (stored(address).failed, by_title()) == ("rights", {})


def test_files_are_deleted_after_thirty_days_and_reports_stay(app, ana):
    address = bring_in(app, ana, "A,1 March 2027,,,\n")
    with transaction() as session:
        assert imports.forget_files(session, clock.now() + timedelta(days=29)) == 0
        assert imports.forget_files(session, clock.now() + timedelta(days=31)) == 1
    assert stored(address).data is None
    assert "1 event was added" in plain(ana.get(address))
    assert ana.get(f"{address}/columns").status_code == 303


def test_the_template_has_choices_in_its_cells_and_its_example_is_no_event(app, ana, tmp_path):
    data = ana.get("/imports/template.xlsx").data
    page = load_workbook(io.BytesIO(data))["Meetings"]
    assert {str(choice.sqref).split("2:")[0] for choice in page.data_validations.dataValidation} >= {"D", "E", "L"}
    (tmp_path / "template.xlsx").write_bytes(data)
    sheet = sheets.read_sheet(tmp_path / "template.xlsx", COLUMNS)
    assert (sheet.rows, len(sheet.headings)) == ([], 1)


def test_what_was_withdrawn_comes_back_when_it_comes_in_again_and_that_is_said_before(app, ana, add_event):
    rows = "Undone,1 March 2027,,,\nBy hand,2 March 2027,,,\nCalled off,4 March 2027,,,\n"
    event_id = add_event(title="By hand", first=date(2027, 3, 2), stage=Stage.WITHDRAWN)
    add_event(title="Others", first=date(2027, 3, 3), stage=Stage.WITHDRAWN, steward="minamata")
    earlier = bring_in(app, ana, "Undone,1 March 2027,,,\n")
    assert by_title()["Undone"].stage == Stage.DRAFT
    undo(ana, earlier)
    address = upload(ana, rows)
    text = look(ana, address, stage="published")
    assert outcomes(stored(address)) == {2: "back", 3: "back", 4: "new"}
    assert "2 withdrawn events come back" in text
    assert text.count("It is withdrawn in the calendar, and comes back published.") == 2
    fields = fields_of(ana.get(address).get_data(as_text=True), f"{address}/apply")
    for choice, outcome in (("leave", "left"), ("back", "back")):
        ana.post(f"{address}/apply", data=fields | {"choice-3": choice, "again": "1"})
        assert outcomes(stored(address)) == {2: "back", 3: outcome, 4: "new"}
        again = fields_of(ana.get(address).get_data(as_text=True), f"{address}/apply")
        assert (again["choice-2"], again["choice-3"]) == (["back"], [choice])
    assert by_title()["Undone"].stage == Stage.WITHDRAWN
    apply(ana, address)
    job.carry_out(app)
    found = by_title()
    assert {found[title].stage for title in ("Undone", "By hand", "Called off")} == {Stage.PUBLISHED}
    revision = db.session.scalars(select(Revision).where(Revision.event_id == event_id).order_by(Revision.id)).all()[-1]
    assert (revision.before["stage"], revision.after["stage"]) == (Stage.WITHDRAWN, Stage.PUBLISHED)
    assert revision.import_id == stored(address).id
    undo(ana, address)
    assert {event.stage for event in by_title().values()} == {Stage.WITHDRAWN}


def test_a_draft_that_comes_in_as_published_is_published_and_that_is_said_before(app, ana):
    bring_in(app, ana, "Draft,1 March 2027,,,\n")
    address = upload(ana, "Draft,1 March 2027,,,\n")
    assert "stays as it is" in look(ana, address)
    text = look(ana, address, stage="published")
    assert "It is a draft in the calendar, and is published." in text
    apply(ana, address)
    job.carry_out(app)
    assert by_title()["Draft"].stage == Stage.PUBLISHED
    undo(ana, address)
    assert by_title()["Draft"].stage == Stage.DRAFT


def test_an_export_brings_nothing_back_that_it_says_is_withdrawn_and_a_feed_nothing_that_is_cancelled(
    app, ana, add_event
):
    event_id = add_event(title="Gone", first=date(2027, 3, 1), stage=Stage.WITHDRAWN)
    for header, cell in (("stage", "withdrawn"), ("status", "cancelled")):
        address = upload(ana, f"{event_id},Gone,2027-03-01,{cell}\n", header=f"id,title,start,{header}\n")
        look(ana, address)
        assert outcomes(stored(address))[2] in {"same", "changed"}
        assert "stage" not in stored(address).report["rows"][0].get("after", {})


def test_what_was_withdrawn_does_not_come_back_beside_the_same_event_that_stands(app, ana, add_event):
    earlier = bring_in(app, ana, "Meeting,1 March 2027,,,\n")
    assert by_title()["Meeting"].stage == Stage.DRAFT
    undo(ana, earlier)
    standing = add_event(title="Meeting", first=date(2027, 3, 1))
    address = upload(ana, "Meeting,1 March 2027,,,\n")
    look(ana, address)
    row = stored(address).report["rows"][0]
    assert (row["outcome"], row["event"]) == ("changed", str(standing))
