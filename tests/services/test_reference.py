"""The packaged lists: a mistake is named with its file and line, a change reaches the events that are stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from babel import Locale

from calendar_app.extensions import db, transaction
from calendar_app.models import Event
from calendar_app.services import calendar, event_lists, events, filters
from calendar_app.services.records import OWN_NAMES
from calendar_app.services.reference import Body, ReferenceFileError, digest, packaged, reference

FACTS = reference()


def test_a_row_that_cannot_be_read_is_named_with_file_and_line():
    with pytest.raises(ReferenceFileError, match=r"cities\.csv, line 2: could not convert string to float"):
        packaged("cities.csv", lambda row: float(row["name"]))
    with pytest.raises(ReferenceFileError, match=r"cities\.csv: the column 'height' is missing"):
        packaged("cities.csv", lambda row: row["height"])


def test_every_process_has_a_colour_of_its_own_or_the_one_of_the_outside():
    colours = [process.color for process in FACTS.processes.values() if process.tier < 3]
    assert len(set(colours)) == len(colours)
    assert all(len(process.color) == 7 and process.color.startswith("#") for process in FACTS.processes.values())


def test_a_changed_name_reaches_stored_events_once_the_lists_are_read_anew(add_event, session):
    add_event(title="A meeting", first=date(2027, 3, 1), bodies=())
    event = session.query(Event).one()
    event_id, modified = event.id, event.last_modified
    changed = replace(
        FACTS, processes=FACTS.processes | {"basel": replace(FACTS.processes["basel"], aliases=("Basilej",))}
    )

    def found() -> int:
        wanted = filters.parse({"q": ["basilej"]}, FACTS, lambda _name, _value: None)
        page = event_lists.page_of_events(
            db.session(), calendar.STRANGER, wanted, today=date(2026, 1, 1), past=False, number=1
        )
        return page.total

    assert found() == 0
    with transaction() as writing:
        assert events.derive_anew(writing, changed, "another digest") == 1
    assert found() == 1
    with transaction() as writing:
        assert events.derive_anew(writing, changed, "another digest") == 0
    assert db.session().get(Event, event_id).last_modified == modified


def test_the_digest_is_stable_and_bodies_carry_their_process():
    assert digest() == digest()
    assert all(isinstance(body, Body) and body.process in FACTS.processes for body in FACTS.bodies.values())


@pytest.mark.parametrize(("language", "name"), OWN_NAMES.items())
def test_languages_are_called_in_themselves_as_cldr_calls_them(language, name):
    assert name == Locale.parse(language).get_language_name(language).capitalize()
