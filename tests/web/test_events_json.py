"""The JSON Feed of what is coming: which events are in it, and what of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from calendar_app.extensions import clock
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Format, Stage, Status, Visibility
from calendar_app.services.records import BodyMeeting, Organiser
from tests.conftest import counted_queries

pytestmark = pytest.mark.either_database

FEED = "/feeds/events.json"


def items(client, query: str = "") -> list[dict]:
    answer = client.get(f"{FEED}?{query}")
    assert answer.status_code == 200, answer.data
    return json.loads(answer.data)["items"]


def titles(client, query: str = "") -> list[str]:
    return [item["_calendar"]["title"] for item in items(client, query)]


def test_an_event_says_what_programs_need(client, add_event):
    whole = add_event(title="Whole", first=date(2027, 3, 1), last=date(2027, 3, 12))
    event_id = add_event(
        title="Meeting", first=date(2027, 3, 1), last=date(2027, 3, 5), city="Geneva", country="CH", venue="Palais",
        format=Format.HYBRID, kind="cop", bodies=(BodyMeeting("BC-COP", 18),), online_url="https://meet.example/1",
        organisers=(Organiser("BRS Secretariat", "brs"), Organiser("A centre")), languages=("en", "fr"),
        part_of=whole, status=Status.TENTATIVE,
    )  # fmt: skip
    item = next(item for item in items(client) if item["id"] == str(event_id))
    assert item["title"] == "Meeting"
    assert item["url"].endswith(f"/events/{event_id}")
    assert item["date_published"] == item["date_modified"] == "2026-11-20T09:00:00Z"
    assert "Tentative: the dates may still change." in item["content_text"]
    assert item["tags"] == ["Basel"]
    assert item["_calendar"] == {
        "title": "Meeting", "status": "tentative", "precision": "day", "dates": "1–5 March 2027",
        "start": "2027-03-01", "end": "2027-03-06", "place": "Palais, Geneva, Switzerland", "venue": "Palais",
        "city": "Geneva", "country": "CH", "latitude": 46.2, "longitude": 6.14, "format": "hybrid",
        "online_url": "https://meet.example/1", "kind": "cop", "conventions": ["basel"],
        "bodies": [{"code": "BC-COP", "number": 18}],
        "organisers": [
            {"name": "Secretariat of the Basel, Rotterdam and Stockholm conventions", "url": "https://www.brsmeas.org"},
            {"name": "A centre"},
        ],
        "languages": ["en", "fr"], "part_of": str(whole), "sequence": 0,
    }  # fmt: skip


def test_a_whole_that_is_not_public_is_not_named(client, add_event):
    hidden = add_event(title="Hidden", stage=Stage.DRAFT)
    add_event(title="Part", part_of=hidden)
    (item,) = items(client)
    assert "part_of" not in item["_calendar"]
    assert str(hidden) not in json.dumps(item)


@pytest.mark.parametrize(
    ("first", "last", "status", "there"),
    [
        ("2026-11-20", "2026-11-20", Status.CONFIRMED, True),
        ("2026-11-10", "2026-11-20", Status.CONFIRMED, True),
        ("2026-11-10", "2026-11-19", Status.CONFIRMED, False),
        ("2026-11-10", "2026-11-19", Status.POSTPONED, True),
        ("2099-12-30", "2099-12-31", Status.CANCELLED, True),
    ],
)
def test_what_is_not_over_is_coming(client, add_event, first, last, status, there):
    add_event(title="Meeting", first=date.fromisoformat(first), last=date.fromisoformat(last), status=status)
    assert bool(items(client)) is there
    assert titles(client, "from=2026-11-10") == ["Meeting"]


def test_events_come_in_the_order_of_their_days(client, add_event):
    add_event(title="Second", first=date(2027, 3, 2))
    add_event(title="First", first=date(2027, 3, 1))
    assert titles(client) == ["First", "Second"]


def test_vague_dates_come_on_request_without_a_day(client, add_event):
    add_event(title="Quarter", first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER,
              date_text="second quarter of 2027")  # fmt: skip
    assert items(client) == []
    (item,) = items(client, "tbc=1")
    assert item["title"] == "(second quarter of 2027) Quarter"
    found = item["_calendar"]
    assert (found["precision"], found["earliest"], found["latest"]) == ("quarter", "2027-04", "2027-06")
    assert "2027-04-01" not in json.dumps(item)


def test_hidden_events_leave_nothing(client, add_event):
    for visibility in (Visibility.MEMBERS, Visibility.STEWARD):
        add_event(visibility=visibility)
    for stage in set(Stage) - {Stage.PUBLISHED}:
        add_event(stage=stage)
    assert items(client) == []


def test_a_member_gets_what_everybody_gets(client, add_event, signed_in):
    add_event(title="Public")
    add_event(title="Members", visibility=Visibility.MEMBERS)
    member = signed_in("ana@brs.example", brs="coordinator")
    assert titles(member) == titles(client) == ["Public"]


def test_every_filter_and_language_works(client, add_event):
    add_event(titles={"en": "Basel meeting", "fr": "Réunion"}, kind="cop", city="Geneva", country="CH")
    add_event(title="Mercury", processes=("minamata",), kind="workshop", status=Status.TENTATIVE)
    assert titles(client, "convention=minamata") == titles(client, "kind=workshop") == ["Mercury"]
    assert titles(client, "status=tentative") == titles(client, "q=mercury") == ["Mercury"]
    assert titles(client, "country=CH") == titles(client, "city=geneva") == ["Basel meeting"]
    assert titles(client, "lang=fr&kind=cop") == ["Réunion"]
    (item,) = items(client, "lang=ar&kind=cop")
    assert item["language"] == "en"
    assert "جنيف" in item["_calendar"]["place"]
    assert json.loads(client.get(f"{FEED}?lang=ar").data)["language"] == "ar"


def test_an_event_leaves_the_feed_with_its_last_day_and_the_feed_is_new(client, add_event, monkeypatch):
    add_event(first=date(2026, 11, 20))
    for moment, there in (("2026-11-20T22:59", True), ("2026-11-20T23:01", False)):
        monkeypatch.setattr(clock, "fixed", datetime.fromisoformat(moment).replace(tzinfo=UTC))
        assert bool(items(client)) is there, moment
    assert client.get(FEED).last_modified == datetime(2026, 11, 20, 23, tzinfo=UTC)


def test_the_feed_needs_as_many_queries_for_many_events_as_for_one(client, add_event):
    counts = []
    whole = add_event(title="Whole")
    for number in (1, 30):
        for _one in range(number):
            add_event(part_of=whole)
        client.get(FEED)
        with counted_queries() as statements:
            # Not kept yet under this address.
            assert client.get(f"{FEED}?lang=en").status_code == 200
        counts.append(len(statements))
    assert 1 <= counts[0] == counts[1] <= 3
