"""Each text of a feed says the language it is in, whatever the feed's own is; where there are two, it says none."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar
from sqlalchemy import delete

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event, EventRendering
from calendar_app.planning.vocabulary import Status
from calendar_app.services import event_work, events, renderings
from calendar_app.services.calendar import STRANGER
from calendar_app.services.filters import EventFilter
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    import uuid

pytestmark = pytest.mark.either_database

FRENCH = "La réunion se tient à huis clos."
ARABIC = re.compile(r"[\u0600-\u06ff]")
LATIN = re.compile(r"[A-Za-z]{4,}")


class Marked(HTMLParser):
    """The texts of a fragment, each with the language of the innermost element that says one."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.languages, self.texts = [""], dict[str, str]()
        self.feed(fragment)

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.languages.append(dict(attrs).get("lang", self.languages[-1]))

    def handle_endtag(self, tag):
        if tag != "br":
            self.languages.pop()

    def handle_data(self, data):
        self.texts[data] = self.languages[-1]


def feed(client, language: str, path: str = "/feeds/all.ics?") -> Calendar:
    return Calendar.from_ical(client.get(f"{path}lang={language}").data)


def said(component, name: str) -> str | None:
    return component[name].params.get("LANGUAGE")


@pytest.fixture
def meeting(add_event) -> uuid.UUID:
    """A meeting with words of its own in one language."""
    return add_event(
        titles={"en": "Meeting", "fr": "Réunion"},
        descriptions={"fr": FRENCH},
        status=Status.TENTATIVE,
        kind="cop",
    )


@pytest.mark.parametrize(
    ("language", "title", "description", "name"),
    [
        # French titles are French; its own words come in French where they are not there otherwise; the interface
        # is there in English and Arabic.
        ("fr", "fr", None, "en"),
        ("en", "en", None, "en"),
        ("ar", "en", None, "ar"),
        ("zh", "en", None, "en"),
    ],
)
def test_a_description_of_two_languages_names_none(client, meeting, language, title, description, name):
    calendar = feed(client, language)
    (event,) = calendar.walk("VEVENT")
    assert said(event, "SUMMARY") == title
    assert said(event, "DESCRIPTION") == description
    assert FRENCH in event["DESCRIPTION"]
    assert [said(calendar, each) for each in ("NAME", "DESCRIPTION")] == [name, name]


@pytest.mark.parametrize(("language", "labels"), [("fr", "en"), ("en", "en"), ("ar", "ar"), ("zh", "en")])
def test_its_html_marks_each_part(client, meeting, language, labels):
    (event,) = feed(client, language).walk("VEVENT")
    marked = Marked(str(event["X-ALT-DESC"])).texts
    assert marked.pop(FRENCH) == "fr"
    assert len(marked) > 2
    assert {marked[text] for text in marked if not text.startswith("http")} == {labels}


def test_without_words_of_its_own_a_description_is_in_the_language_of_its_labels(client, add_event):
    add_event(title="Meeting", kind="cop")
    for language, expected in (("ar", "ar"), ("fr", "en"), ("en", "en")):
        (event,) = feed(client, language).walk("VEVENT")
        assert said(event, "DESCRIPTION") == expected
        assert bool(ARABIC.search(event["DESCRIPTION"])) is (expected == "ar")
        assert f'<html lang="{expected}"><body><p>' in event["X-ALT-DESC"]


def test_a_tombstone_is_in_the_language_of_its_one_word(client, add_event):
    event_id = add_event(title="Secret")
    with transaction() as session:
        made = events.Change("test", clock.now())
        event_work.withdraw(session, session.get(Event, event_id), made, reference())
    for language, expected in (("ar", "ar"), ("fr", "en")):
        (event,) = feed(client, language).walk("VEVENT")
        assert said(event, "SUMMARY") == expected
        assert bool(ARABIC.search(event["SUMMARY"])) is (expected == "ar")


@pytest.mark.parametrize("language", ["en", "ar", "es", "fr", "ru", "zh"])
def test_no_text_of_the_real_calendar_says_another_language_than_its_letters(packaged_app, language):
    calendar = feed(packaged_app.test_client(), language, "/feeds/calendar.ics?from=2014-01-01&tbc=1&")
    texts = [(said(calendar, "NAME"), calendar["NAME"]), (said(calendar, "DESCRIPTION"), calendar["DESCRIPTION"])]
    for event in calendar.walk("VEVENT"):
        # A mark before the title is in the reader's language, not in that of the title.
        texts.append((said(event, "SUMMARY"), re.sub(r"^(\[.*?\]|\(.*?\)) ", "", event["SUMMARY"])))
        texts.append((said(event, "DESCRIPTION"), event["DESCRIPTION"]))
    assert len(texts) > 100
    for says, text in texts:
        if says is None:
            assert language == "ar"
            assert ARABIC.search(text)
            assert LATIN.search(text)
        else:
            assert bool(ARABIC.search(text)) is (says == "ar"), text


@pytest.mark.parametrize("language", ["en", "ar", "fr", "zh"])
def test_what_is_not_rendered_yet_comes_in_the_language_asked_for(session, meeting, language):
    def bodies() -> list[bytes]:
        wanted = EventFilter(lang=language)
        return renderings.bodies(session, STRANGER, wanted, "https://calendar.example.org", today=clock.today())

    session.execute(delete(EventRendering))
    (now,) = bodies()
    renderings.refresh(session, [meeting], "https://calendar.example.org", clock.now())
    assert bodies() == [now]
