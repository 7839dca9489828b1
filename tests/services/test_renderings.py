"""What feeds show of events is rendered when something changes, and stays what the events say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from flask_migrate import stamp
from icalendar import Event as VEvent
from sqlalchemy import delete, select, update

from calendar_app.cli import prepare
from calendar_app.extensions import clock, db, transaction
from calendar_app.models import CalendarVersion, Event, EventRendering
from calendar_app.planning.vocabulary import Status, Visibility
from calendar_app.services import calendar, events, filters, importing, organisations, reference_entries, renderings
from calendar_app.services.access import Person
from calendar_app.services.feed_entries import GONE, KEPT, PLAIN
from calendar_app.services.records import BodyMeeting, Organiser, record_of
from calendar_app.services.reference import reference
from tests.conftest import counted_queries
from tests.findings.truth import rendered_anew
from tests.findings.truth import renderings as as_stored

if TYPE_CHECKING:
    import uuid

HOME = "http://127.0.0.1:8000"
ADMINISTRATOR = Person(account_id=None, name="Sam", email="sam@example.org", system_administrator=True)


def stored(event_id: uuid.UUID) -> dict[tuple[str, str], VEvent]:
    """What is stored of one event, read."""
    db.session.rollback()
    rows = db.session.scalars(select(EventRendering).where(EventRendering.event_id == event_id))
    return {(row.language, row.form): VEvent.from_ical(row.body) for row in rows}


def age(event_id: uuid.UUID) -> tuple[int, object]:
    vevent = stored(event_id)["en", PLAIN]
    return int(vevent["SEQUENCE"]), vevent["LAST-MODIFIED"].dt


def change(event_id: uuid.UUID, **values) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        made = events.Change("test", clock.now())
        events.change(session, event, replace(record_of(event), **values), made, reference())


def version() -> tuple[int, object]:
    db.session.rollback()
    row = calendar.calendar_version(db.session())
    return row.version, row.changed_at


def test_an_event_is_rendered_with_its_first_transaction(add_event):
    titles = {"en": "Workshop", "fr": "Atelier"}
    found = stored(add_event(titles=titles))
    # Spanish, Russian and Chinese say what English says.
    assert found.keys() == {("en", PLAIN), ("fr", PLAIN), ("ar", PLAIN)}
    assert found["fr", PLAIN]["SUMMARY"] == "Atelier"


def test_the_packaged_calendar_is_stored_as_it_would_be_rendered_now(packaged):
    shown = {key: rendering.body for key, rendering in as_stored().items()}
    assert len(shown) > 300
    assert shown == rendered_anew()


def test_each_form_is_there_while_it_is_needed(add_event):
    event_id = add_event()
    change(event_id, status=Status.CANCELLED)
    found = stored(event_id)
    assert found["en", PLAIN]["STATUS"] == "CANCELLED"
    assert found["en", KEPT]["STATUS"] == "TENTATIVE"
    change(event_id, visibility=Visibility.MEMBERS)
    assert {form for _language, form in stored(event_id)} == {PLAIN, KEPT, GONE}
    assert str(stored(event_id)["en", GONE]["SUMMARY"]) == "[CANCELLED]"
    change(event_id, status=Status.CONFIRMED, visibility=Visibility.PUBLIC)
    assert {form for _language, form in stored(event_id)} == {PLAIN}


def test_what_has_no_days_is_not_rendered(add_event):
    event_id = add_event(first=None, date_text="to be decided")
    assert stored(event_id) == {}


def test_what_only_its_own_people_see_changes_no_byte(add_event):
    event_id = add_event()
    before = stored(event_id)
    change(event_id, notes="For us alone", expected_participants=12)
    assert stored(event_id) == before


def test_a_new_name_of_an_organisation_goes_on_in_what_it_holds_and_in_nothing_else(add_event):
    held = add_event(organisers=(Organiser("BRS", "brs"),))
    other = add_event(organisers=(Organiser("Minamata", "minamata"),))
    before, untouched, old = age(held), age(other), version()
    with transaction() as session:
        wanted = replace(reference().organisations["brs"], name="Secretariat of the three conventions")
        organisations.save(session, wanted, new=False, by=ADMINISTRATOR, now=clock.now())
    assert "Secretariat of the three conventions" in stored(held)["en", PLAIN]["DESCRIPTION"]
    assert age(held)[0] == before[0] + 1
    assert age(held)[1] > before[1]
    assert age(other) == untouched
    assert version()[1] > old[1], "readers are told that the feed changed"


@pytest.mark.parametrize(
    ("name", "code", "column", "value", "line"),
    [
        ("bodies", "BC-COP", "name", "Conference of all Parties", "DESCRIPTION"),
        ("cities", "geneva", "latitude", "46.5", "GEO"),
    ],
)
def test_a_changed_list_goes_on_in_the_events_that_refer_to_it(add_event, name, code, column, value, line):
    event_id = add_event(bodies=(BodyMeeting("BC-COP", 18),), city="Geneva", country="CH")
    before, text = age(event_id), str(stored(event_id)["en", PLAIN][line])
    with transaction() as session:
        row = dict(reference_entries.row_of(session, name, code).values) | {column: value}
        reference_entries.put(session, name, row, new=False, by=ADMINISTRATOR, now=clock.now())
    assert str(stored(event_id)["en", PLAIN][line]) != text
    assert age(event_id)[0] == before[0] + 1


def test_parts_name_their_whole_only_while_everybody_may_see_it(add_event):
    whole = add_event()
    part = add_event(part_of=whole)
    assert stored(part)["en", PLAIN]["RELATED-TO"] == str(whole)
    before = age(part)
    change(whole, visibility=Visibility.MEMBERS)
    assert "RELATED-TO" not in stored(part)["en", PLAIN]
    assert age(part)[0] == before[0] + 1
    change(whole, visibility=Visibility.PUBLIC)
    assert stored(part)["en", PLAIN]["RELATED-TO"] == str(whole)


def test_what_another_program_rendered_is_rendered_anew_at_the_start(app, packaged, capsys):
    """Half of the calendar reads the same with the new program, half does not, and one event was never rendered."""
    with transaction() as session:
        ids = sorted(set(session.scalars(select(EventRendering.event_id))))
        other, missing = ids[: len(ids) // 2], ids[-1]
        session.execute(update(EventRendering).values(stamp="former program"))
        session.execute(update(EventRendering).where(EventRendering.event_id.in_(other)).values(body=b"former"))
        session.execute(delete(EventRendering).where(EventRendering.event_id == missing))
        before = dict(session.execute(select(Event.id, Event.sequence)).tuples().all())
        times = dict(session.execute(select(Event.id, Event.last_modified)).tuples().all())
    stamp()
    prepare()
    assert "Rendering events for feeds: 0 of" in capsys.readouterr().err
    shown = {key: rendering.body for key, rendering in as_stored().items()}
    assert shown == rendered_anew()
    assert renderings.stale(db.session(), HOME) == []
    db.session.rollback()
    for event in db.session.scalars(select(Event).where(Event.id.in_(ids))):
        assert event.sequence == before[event.id] + (event.id in other), event.id
        assert (event.last_modified > times[event.id]) is (event.id in other)


def test_another_address_of_the_calendar_is_another_rendering(packaged):
    assert renderings.stale(db.session(), HOME) == []
    assert len(renderings.stale(db.session(), "https://calendar.example.org")) > 150


def test_rendering_anew_can_be_stopped_and_goes_on(packaged):
    home = "https://calendar.example.org"
    ids = renderings.stale(db.session(), home)
    with transaction() as session:
        renderings.refresh(session, ids[:50], home, clock.now())
    assert renderings.stale(db.session(), home) == ids[50:]


def test_a_feed_is_whole_although_renderings_are_missing(client, packaged):
    whole = client.get("/feeds/calendar.ics?from=2014-01&lang=ar").data
    with transaction(exclusive=False) as session:
        session.execute(delete(EventRendering).where(EventRendering.language == "en"))
        session.execute(update(CalendarVersion).values(version=CalendarVersion.version + 1))
    assert client.get("/feeds/calendar.ics?from=2014-01&lang=ar").data == whole
    with transaction(exclusive=False) as session:
        session.execute(delete(EventRendering))
        session.execute(update(CalendarVersion).values(version=CalendarVersion.version + 1))
    assert client.get("/feeds/calendar.ics?from=2014-01&lang=ar").data == whole


def test_a_feed_is_put_together_with_few_queries(app, client, packaged):
    with counted_queries() as statements:
        assert client.get("/feeds/calendar.ics?from=2014-01").status_code == 200
    assert len(statements) <= 2, statements


def test_every_feed_of_a_filter_is_in_the_order_of_its_days(packaged):
    session = db.session()
    every = {"from": ["2014-01"]}
    wanted = filters.parse(every, reference(), lambda *_: None, feed=True)
    bodies = renderings.bodies(session, calendar.STRANGER, wanted, HOME, today=clock.today())
    starts = [VEvent.from_ical(body)["DTSTART"].dt for body in bodies]
    days = [start.date() if hasattr(start, "date") else start for start in starts]
    assert len(days) > 100
    assert all(a <= b + timedelta(days=1) for a, b in pairwise(days))


def edited(event_id, **values) -> None:
    """Change an event as a form does: found by its id, with its whole."""
    with transaction() as session:
        event = calendar.find_event(session, calendar.OPERATOR, str(event_id))
        events.change(session, event, replace(record_of(event), **values), events.Change("t", clock.now()), reference())


def test_an_event_names_the_whole_that_it_was_given_last(add_event):
    first, second = add_event(), add_event(visibility=Visibility.STEWARD)
    part = add_event()
    edited(part, part_of=first)
    assert stored(part)["en", PLAIN]["RELATED-TO"] == str(first)
    edited(part, part_of=second)
    assert "RELATED-TO" not in stored(part)["en", PLAIN], "not everybody may see that one"
    edited(part, part_of=first)
    edited(part, part_of=None)
    assert "RELATED-TO" not in stored(part)["en", PLAIN]


def test_a_higher_sequence_that_a_sheet_brings_is_in_the_feed(app):
    row = {"id": "a", "title": "A meeting", "conventions": "Basel", "start": "2027-03-01", "organiser": "brs"}
    for sequence in ("0", "7"):
        with transaction() as session:
            made = events.Change("test", clock.now())
            report = importing.import_rows(session, [(2, row | {"sequence": sequence})], made, reference())
            assert not report.rejected
    event = db.session.scalars(select(Event)).one()
    assert age(event.id)[0] == event.sequence == 7


def test_a_tombstone_tells_nothing_of_what_becomes_of_a_hidden_event(add_event, client):
    event_id = add_event(country="CH", city="Geneva", organisers=(Organiser("BRS", "brs"),))
    edited(event_id, visibility=Visibility.STEWARD)
    before = client.get("/feeds/all.ics")
    single = client.get(f"/events/{event_id}.ics")
    clock.fixed += timedelta(hours=5)
    edited(event_id, country="KE", city="Nairobi", organisers=(Organiser("M", "minamata"),), status=Status.CANCELLED)
    db.session.remove()
    assert client.get("/feeds/all.ics").data == before.data
    assert client.get(f"/events/{event_id}.ics").data == single.data
    for query, there in (
        ("country=CH", True), ("country=KE", False), ("city=geneva", True), ("organiser=brs", True),
        ("organiser=minamata", False), ("status=confirmed", True), ("status=cancelled", False),
        ("convention=basel", True), ("convention=minamata", False),
    ):  # fmt: skip
        for address in ("/feeds/calendar.ics", "/feeds/changes.atom"):
            assert (str(event_id) in client.get(f"{address}?{query}").text) is there, (address, query)
    clock.fixed -= timedelta(hours=5)


def test_an_event_that_is_public_again_is_found_as_it_is_now(add_event, client):
    event_id = add_event(country="CH")
    edited(event_id, visibility=Visibility.STEWARD)
    edited(event_id, country="KE", visibility=Visibility.PUBLIC)
    edited(event_id, visibility=Visibility.STEWARD)
    assert str(event_id) in client.get("/feeds/calendar.ics?country=KE").text
    assert str(event_id) not in client.get("/feeds/calendar.ics?country=CH").text


def test_other_data_of_time_zones_are_another_rendering(monkeypatch):
    before = renderings.stamp.__wrapped__(HOME)
    monkeypatch.setattr(renderings, "_zones", lambda: "# version 2099z")
    assert renderings.stamp.__wrapped__(HOME) != before
