"""What search engines find: the sitemap with every public event, and where it is."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from calendar_app.planning.vocabulary import Stage, Visibility
from tests.conftest import counted_queries
from tests.web.test_changes_feed import change

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


def pages(client) -> dict[str, ET.Element]:
    """The pages by path."""
    root = ET.fromstring(client.get("/sitemap.xml").data)
    found = {urlsplit(entry.findtext(f"{NAMESPACE}loc")).path: entry for entry in root}
    assert len(found) == len(root)
    return found


def test_every_page_that_is_named_can_be_read_in_every_language_that_is_named(client, add_event):
    add_event(titles={"en": "Meeting", "fr": "Réunion"})
    for path, entry in pages(client).items():
        assert client.get(path).status_code == 200, path
        for link in entry.findall(LINK):
            parts = urlsplit(link.get("href"))
            assert client.get(f"{parts.path}?{parts.query}").status_code == 200, link.get("href")


def test_public_events_are_in_it_with_their_last_change_and_no_others(client, add_event):
    shown = add_event()
    change(shown, at=datetime(2026, 11, 21, 8, tzinfo=UTC), venue="Hall")
    for stage in set(Stage) - {Stage.PUBLISHED}:
        add_event(stage=stage)
    for visibility in (Visibility.MEMBERS, Visibility.STEWARD):
        add_event(visibility=visibility)
    withdrawn = add_event()
    change(withdrawn, stage=Stage.WITHDRAWN)
    found = pages(client)
    assert [path for path in found if path.startswith("/events/")] == [f"/events/{shown}"]
    assert found[f"/events/{shown}"].findtext(f"{NAMESPACE}lastmod") == "2026-11-21T08:00:00Z"


def test_a_page_is_named_in_the_languages_in_which_there_is_something_of_it(client, add_event):
    event_id = add_event(titles={"en": "Meeting", "fr": "Réunion"})
    languages = {path: [link.get("hreflang") for link in entry.findall(LINK)] for path, entry in pages(client).items()}
    assert languages[f"/events/{event_id}"] == ["en", "ar", "fr", "x-default"]
    assert languages["/"] == ["en", "ar", "x-default"]


def test_an_empty_calendar_has_a_sitemap(client):
    assert "/about" in pages(client)


def test_robots_are_told_where_it_is_and_kept_from_nothing(app, client):
    answer = client.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.get_data(as_text=True).splitlines() == [
        "User-agent: *",
        "Disallow:",
        "",
        f"Sitemap: {app.config['PUBLIC_URL']}/sitemap.xml",
    ]


def test_it_needs_as_many_queries_for_many_events_as_for_one(client, add_event):
    counts = []
    for number in (1, 30):
        for _one in range(number):
            add_event(title=str(uuid.uuid4()))
        client.get("/sitemap.xml")
        with counted_queries() as statements:
            # Not kept yet under this address.
            assert client.get("/sitemap.xml?lang=en").status_code == 200
        counts.append(len(statements))
    assert 1 <= counts[0] == counts[1] <= 3
