"""The feeds beside iCalendar say nothing of their own in English to those who asked for another language."""

from __future__ import annotations

import json
from datetime import date
from html import escape
from xml.etree import ElementTree as ET

import pytest

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Format, Stage, Status
from calendar_app.services.records import BodyMeeting, Organiser
from tests.catalogues import compiled, path_of, pseudo_catalogue, read, translations_in
from tests.test_translations import DATA, english_left
from tests.visitor import Page
from tests.web.test_changes_feed import ATOM, change


def page_of(texts: list[str], language: str) -> Page:
    """The texts as a page, for the check of pages."""
    return Page(f'<html lang="{language}">{"".join(f"<p>{escape(text)}</p>" for text in texts)}</html>')


def texts_of_atom(data: bytes) -> list[str]:
    feed = ET.fromstring(data)
    texts = [feed.findtext(ATOM + name) for name in ("title", "subtitle", f"author/{ATOM}name")]
    for entry in feed.findall(f"{ATOM}entry"):
        texts += [entry.findtext(f"{ATOM}title"), *Page(entry.findtext(f"{ATOM}content")).texts]
    return texts


def texts_of_json(data: bytes) -> list[str]:
    feed = json.loads(data)
    texts = [feed["title"], feed["description"], feed["authors"][0]["name"]]
    for item in feed["items"]:
        found = item["_calendar"]
        texts += [item["title"], item["content_text"], *item["tags"], found["dates"], found.get("place", "")]
        texts += [organiser["name"] for organiser in found.get("organisers", [])]
    return [line for text in texts for line in text.split("\n")]


@pytest.mark.parametrize("language", ["zh", "ar"])
def test_no_feed_in_another_language_has_english_in_it(client, add_event, tmp_path, language):
    what = {"title": DATA, "city": "Geneva", "country": "CH", "venue": DATA}
    named = {"organisers": (Organiser("x", "brs"),), "bodies": (BodyMeeting("BC-COP", 18),), "kind": "cop"}
    event = add_event(**what, **named, format=Format.HYBRID)
    for values in (
        {"span": Span.inclusive(date(2027, 4, 6), date(2027, 4, 7))},
        {"span": Span.inclusive(date(2027, 4, 1), date(2027, 6, 30)), "precision": Precision.QUARTER},
        {"span": Span.inclusive(date(2027, 4, 6), date(2027, 4, 6)), "precision": Precision.DAY},
        {"start_time": "09:00", "end_time": "10:00", "timezone": "Europe/Zurich"},
        {"start_time": "", "end_time": "", "timezone": ""},
        {"city": "Nairobi", "country": "KE"},
        {"city": "", "country": "", "venue": ""},
        {"venue": DATA, "format": Format.ONLINE},
        {"titles": {"en": DATA * 2}},
        {"titles": {"en": DATA * 2, "fr": DATA}},
        {"contact": DATA},
        *({"status": status} for status in (Status.POSTPONED, Status.CANCELLED, Status.TENTATIVE, Status.CONFIRMED)),
        {"status": Status.POSTPONED},
    ):
        change(event, **values)
    add_event(**what, first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER)
    gone = [add_event(**what), add_event(**what, first=None, precision=Precision.WORDS, date_text=DATA)]
    for event_id in gone:
        change(event_id, stage=Stage.WITHDRAWN)
    catalogue = pseudo_catalogue() if language == "zh" else read(path_of(language))
    with translations_in(compiled(tmp_path / "translations", catalogue, language)):
        for query in ("", "&kind=cop"):
            atom = client.get(f"/feeds/changes.atom?lang={language}{query}").data
            listed = client.get(f"/feeds/events.json?tbc=1&lang={language}{query}").data
            for texts in (texts_of_atom(atom), texts_of_json(listed)):
                assert len(texts) > 8
                assert english_left(page_of(texts, language)) == set()
