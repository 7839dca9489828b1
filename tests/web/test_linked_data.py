"""schema.org's Event in the page of each public event."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from tests.web.test_changes_feed import change

if TYPE_CHECKING:
    import uuid

_BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def blocks(client, event_id: uuid.UUID, query: str = "") -> list[dict]:
    answer = client.get(f"/events/{event_id}{query}")
    assert answer.status_code == 200
    return [json.loads(block) for block in _BLOCK.findall(answer.get_data(as_text=True))]


def test_the_page_of_an_event_has_it_once(client, add_event):
    whole = add_event(title="Whole")
    event_id = add_event(title="Meeting", last=date(2027, 3, 5), city="Geneva", country="CH", part_of=whole)
    (found,) = blocks(client, event_id)
    assert (found["name"], found["startDate"], found["endDate"]) == ("Meeting", "2027-03-01", "2027-03-05")
    assert found["url"].endswith(f"/events/{event_id}")
    assert found["location"]["address"] == {
        "@type": "PostalAddress", "addressLocality": "Geneva", "addressCountry": "CH",
    }  # fmt: skip
    assert found["superEvent"]["name"] == "Whole"
    assert found["superEvent"]["url"].endswith(f"/events/{whole}")


def test_texts_are_in_the_language_of_the_page(client, add_event):
    event_id = add_event(titles={"en": "Meeting", "ar": "اجتماع"}, city="Geneva", country="CH")
    (found,) = blocks(client, event_id, "?lang=ar")
    assert found["name"] == "اجتماع"
    assert found["location"]["name"] == "جنيف"
    assert found["url"].endswith(f"/events/{event_id}")


@pytest.mark.parametrize(
    "title",
    ["</script><script>alert(1)</script>", "<!-- <script>", "]]> & \u2028 \u2029 \u202e", 'Quotes " and \\ backslash'],
)
def test_no_title_leaves_the_block(client, add_event, title):
    event_id = add_event(title=title, descriptions={"en": title})
    page = client.get(f"/events/{event_id}").get_data(as_text=True)
    assert "<script>alert" not in page
    (found,) = blocks(client, event_id)
    assert found["name"].startswith(title[:3])


def test_an_event_that_moved_says_from_where_and_a_postponed_one_has_no_day(client, add_event):
    event_id = add_event(first=date(2027, 3, 1))
    assert blocks(client, event_id)[0]["eventStatus"] == "https://schema.org/EventScheduled"
    change(event_id, span=Span.inclusive(date(2027, 4, 6), date(2027, 4, 7)))
    (found,) = blocks(client, event_id)
    assert found["eventStatus"] == "https://schema.org/EventRescheduled"
    assert (found["startDate"], found["previousStartDate"]) == ("2027-04-06", "2027-03-01")
    change(event_id, status=Status.POSTPONED)
    (found,) = blocks(client, event_id)
    assert (found["eventStatus"], found["previousStartDate"]) == ("https://schema.org/EventPostponed", "2027-04-06")
    assert "startDate" not in found


def test_days_from_before_it_was_public_are_not_told(client, add_event):
    event_id = add_event(first=date(2027, 3, 1), stage=Stage.DRAFT)
    change(event_id, span=Span.inclusive(date(2027, 4, 6), date(2027, 4, 7)))
    change(event_id, stage=Stage.PUBLISHED)
    (found,) = blocks(client, event_id)
    assert "previousStartDate" not in found
    assert "2027-03-01" not in json.dumps(found)


def test_vague_dates_and_words_have_no_day(client, add_event):
    quarter = add_event(first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER)
    words = add_event(first=None, precision=Precision.WORDS, date_text="some day")
    for event_id in (quarter, words):
        (found,) = blocks(client, event_id)
        assert not {name for name in found if name.endswith("Date")}


def test_what_is_not_public_has_none_and_names_no_hidden_whole(client, add_event, signed_in):
    hidden = add_event(title="Hidden", visibility=Visibility.MEMBERS)
    part = add_event(title="Part", part_of=hidden)
    member = signed_in("ana@brs.example", brs="coordinator")
    assert blocks(member, hidden) == []
    for browser in (client, member):
        (found,) = blocks(browser, part)
        assert "superEvent" not in found
