"""The form says of a record what it is, and what nobody changes stays as it was."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from calendar_app.extensions import db
from calendar_app.models import Event
from calendar_app.planning.dates import Precision, Span, month
from calendar_app.planning.vocabulary import Format, LinkKind, OrganiserRole, Status
from calendar_app.services.event_form_text import description, several_lines, single_line
from calendar_app.services.events import whole_record
from calendar_app.services.records import BodyMeeting, EventRecord, Link, Organiser, record_of
from calendar_app.web.submit.form_record import record_of_form, values_of
from calendar_app.web.submit.forms import EventForm
from tests.work import filling

pytestmark = pytest.mark.xdist_group("submit")
BASE = EventRecord(
    titles={"en": "Meeting", "fr": "Réunion"},
    descriptions={"en": "Text", "ru": "Текст"},
    kind="workshop",
    processes=("basel",),
    bodies=(BodyMeeting("BC-COP", 17), BodyMeeting("SC-COP")),
    organisers=(
        Organiser("BRS", "brs"),
        Organiser("A centre", "", OrganiserRole.CO_ORGANISER),
        Organiser("A fund", "", OrganiserRole.FUNDER),
    ),
    span=Span(date(2027, 9, 1), date(2027, 11, 1)),
    precision=Precision.MONTH,
    date_text="September or October 2027",
    status=Status.POSTPONED,
    format=Format.HYBRID,
    city="Geneva",
    country="CH",
    latitude=46.2,
    longitude=6.1,
    languages=("en", "pt"),
    links=tuple(Link(LinkKind.SAME_AS, uuid.UUID(int=n)) for n in range(1, 6)),
    part_of=uuid.UUID(int=9),
    series="A series",
    decisions=("BC-17/1",),
    steward="brs",
    notes="Internal",
)


def sent(values: dict) -> MultiDict:
    """What a browser sends for the data of fields."""
    pairs = []
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, date):
                pairs.append((name, one.strftime("%Y-%m") if name == "month" else one.isoformat()))
            else:
                pairs.append((name, "" if one is None else str(one)))
    return MultiDict(pairs)


def read(base: EventRecord, **changes) -> EventRecord:
    """The record that the form gives when a person changes some of its fields."""
    form = EventForm(sent({**values_of(base), **changes}), base=base, internal=True, meta={"csrf": False})
    assert form.validate(), form.errors
    return record_of_form(form, base)


@pytest.fixture
def request_context(app):
    with app.test_request_context():
        yield


def test_every_packaged_event_passes_through_the_form_unchanged(packaged_app):
    with packaged_app.test_request_context():
        events = db.session.scalars(select(Event).options(*whole_record())).all()
        changed = [event.titles for event in events if read(record_of(event)) != record_of(event)]
        assert len(events) > 100
        db.session.remove()
    assert not changed


def test_what_the_form_has_no_field_for_stays(request_context):
    assert read(BASE) == BASE
    assert read(BASE, title="Another") == replace(BASE, titles={"en": "Another", "fr": "Réunion"})
    assert read(BASE, venue="Hall 7") == replace(BASE, venue="Hall 7", latitude=None, longitude=None)
    assert read(BASE, description="New") == replace(BASE, descriptions={"en": "New", "ru": "Текст"})


def test_a_description_stays_when_the_page_that_sends_the_form_speaks_another_language(app):
    base = replace(BASE, descriptions={"en": "Text", "fr": "Texte"})
    with app.test_request_context("/?lang=fr"):
        opened = EventForm(None, base=base, meta={"csrf": False})
        shown = sent({field.short_name: field.data for field in opened})
    assert (shown["description"], shown["description_shown"]) == ("Texte", "fr")
    texts = {}
    with app.test_request_context("/?lang=en"):
        for name, changes in {
            "nothing": {},
            "text": {"description": "Nouveau"},
            "moved": {"description_language": "ru"},
            "emptied": {"description": ""},
        }.items():
            form = EventForm(MultiDict({**shown, **changes}), base=base, meta={"csrf": False})
            texts[name] = record_of_form(form, base).descriptions
    assert texts == {
        "nothing": {"en": "Text", "fr": "Texte"},
        "text": {"en": "Text", "fr": "Nouveau"},
        "moved": {"en": "Text", "ru": "Texte"},
        "emptied": {"en": "Text"},
    }


def test_an_editor_who_changes_the_language_of_the_page_loses_no_description(signed_in, add_event, session):
    event_id = add_event(descriptions={"en": "Text", "fr": "Texte"})
    browser = signed_in("ana@brs.example", brs="coordinator")
    fields = filling.opened(browser, f"/events/{event_id}/edit?lang=fr")
    changes = {"description": "Nouveau", "description_language": "ru"}
    assert browser.post(f"/events/{event_id}/edit?lang=en", data=fields | changes).status_code == 303
    assert session.get(Event, event_id).descriptions == {"en": "Text", "ru": "Nouveau"}


def test_organisers_with_other_roles_and_relations_beyond_the_third_stay(request_context):
    record = read(BASE, lead="Minamata; BRS", co_organisers="")
    assert [(o.code or o.name, o.role) for o in record.organisers] == [
        ("minamata", "lead"), ("brs", "lead"), ("A fund", "funder"),
    ]  # fmt: skip
    record = read(BASE, link_kind_1="", link_event_1="")
    assert [link.other.int for link in record.links] == [2, 3, 4, 5]


def test_dates_said_in_another_way_lose_their_old_words(request_context):
    record = read(BASE, dates="day", first_day="2027-09-13", last_day="")
    assert (record.span, record.precision, record.date_text) == (
        Span(date(2027, 9, 13), date(2027, 9, 14)), Precision.DAY, "",
    )  # fmt: skip
    record = read(BASE, dates="month", month="2027-10", first_day="not looked at")
    assert (record.span, record.precision) == (month(2027, 10), Precision.MONTH)


def test_a_form_that_lacks_fields_leaves_what_they_would_say(request_context):
    form = EventForm(sent(values_of(BASE) | {"title": "Another"}), base=BASE, meta={"csrf": False})
    for name in ("dates", "first_day", "last_day", "month", "quarter", "year", "date_text"):
        del form[name]
    assert form.validate(), form.errors
    record = record_of_form(form, BASE)
    assert record == replace(BASE, titles={"en": "Another", "fr": "Réunion"})


def test_a_title_moved_to_another_language_leaves_no_copy(request_context):
    record = read(replace(BASE, titles={"en": "Реунион"}), title_language="ru")
    assert record.titles == {"ru": "Реунион"}


@given(st.text())
def test_lines_and_texts_are_clean_whatever_is_typed(text):
    line, lines = single_line(text), several_lines(text)
    assert "\n" not in line
    assert not {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0, 0x1B)} & set(line + lines)
    assert single_line(line) == line
    assert several_lines(lines) == lines


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a < b & c > d", "a < b & c > d"),
        ("<b>bold</b> &amp; more", "bold & more"),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("<script>alert(1)</script>x<p>", "x"),
        ("Write to <ana@example.org>", "Write to <ana@example.org>"),
        ("AT&amp;T", "AT&amp;T"),
        ("a\u202eb\u2066c\u200fd", "abc\u200fd"),
    ],
)
def test_html_is_reduced_and_what_only_looks_like_it_stays(typed, kept):
    assert description(typed) == kept
