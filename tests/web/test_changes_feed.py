"""The feed of changes: what an event's public history says, of all events at once, and never more."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import Format, Stage, Status, Visibility
from calendar_app.services import events, feed_changes, merging
from calendar_app.services.records import EventRecord, record_of
from calendar_app.services.reference import reference
from tests.conftest import ON_SQLITE, counted_queries

pytestmark = pytest.mark.either_database

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/feeds/changes.atom"


def change(event_id: uuid.UUID, *, at: datetime | None = None, reason: str = "", told: bool = False, **values) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        made = events.Change("Ana Author (BRS)", at or clock.now(), reason, reason_is_public=told)
        events.change(session, event, replace(record_of(event), **values), made, reference())


def entries(client, address: str = FEED) -> list[dict]:
    """What a news reader shows, latest first."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.data
    return [
        {
            "title": entry.findtext(f"{ATOM}title"),
            "kinds": [item.get("term") for item in entry.findall(f"{ATOM}category")],
            "said": re.findall("<p>(.*?)</p>", entry.findtext(f"{ATOM}content")),
            "links": {link.get("rel"): link.get("href") for link in entry.findall(f"{ATOM}link")},
            "id": entry.findtext(f"{ATOM}id"),
            "at": entry.findtext(f"{ATOM}updated"),
        }
        for entry in ET.fromstring(answer.data).findall(f"{ATOM}entry")
    ]


def latest(client, address: str = FEED) -> tuple[str, list[str], list[str]]:
    entry = entries(client, address)[0]
    return entry["title"], entry["kinds"], entry["said"]


def test_a_new_event_is_told_with_its_dates_its_place_and_its_page(client, add_event):
    event_id = add_event(title="Meeting", city="Geneva", country="CH", venue="Palais", last=date(2027, 3, 5))
    (entry,) = entries(client)
    assert entry["title"] == "Meeting"
    assert entry["kinds"] == ["added"]
    assert entry["said"] == ["Added to the calendar.", "1–5 March 2027<br>Palais, Geneva, Switzerland"]
    assert entry["links"]["alternate"].endswith(f"/events/{event_id}")
    assert entry["links"]["related"] == f"urn:uuid:{event_id}"
    assert entry["at"] == "2026-11-20T09:00:00Z"


@pytest.mark.parametrize(
    ("values", "kinds", "sentence", "title"),
    [
        ({"span": Span.inclusive(date(2027, 4, 6), date(2027, 4, 7))}, ["dates"],
         "Dates changed from 1 March 2027 to 6–7 April 2027.", "Meeting"),
        ({"status": Status.CANCELLED}, ["cancelled"],
         "Status changed from “Confirmed” to “Cancelled”.", "[CANCELLED] Meeting"),
        ({"status": Status.POSTPONED}, ["postponed"],
         "Status changed from “Confirmed” to “Postponed”.", "[POSTPONED] Meeting"),
        ({"titles": {"en": "Conference"}}, ["title"],
         "Title changed from “Meeting” to “Conference”.", "Conference"),
        ({"titles": {"en": "Meeting", "fr": "Réunion"}}, ["title"], "Title changed.", "Meeting"),
        ({"city": "Nairobi", "country": "KE"}, ["place"],
         "Place changed from Geneva, Switzerland to Nairobi, Kenya.", "Meeting"),
        ({"venue": "Palais"}, ["place"],
         "Place changed from Geneva, Switzerland to Palais, Geneva, Switzerland.", "Meeting"),
        ({"city": "", "country": ""}, ["place"], "The place is open again.", "Meeting"),
        ({"format": Format.ONLINE}, ["format"], "Changed from “Format not stated” to “Online”.", "Meeting"),
        ({"start_time": "09:00", "end_time": "10:00", "timezone": "Europe/Zurich"}, ["time"],
         "Time set to 09:00–10:00 (Europe/Zurich).", "Meeting"),
        ({"documents_url": "https://example.org/"}, ["details"], "Details changed.", "Meeting"),
    ],
)  # fmt: skip
def test_each_change_says_what_was_and_what_is(client, add_event, values, kinds, sentence, title):
    event_id = add_event(title="Meeting", city="Geneva", country="CH")
    change(event_id, **values)
    found = latest(client)
    assert (found[0], found[1], found[2][0]) == (title, kinds, sentence)


def test_a_place_that_was_not_known_is_set(client, add_event):
    change(add_event(), city="Geneva", country="CH")
    assert latest(client)[2][0] == "Place set to Geneva, Switzerland."


def test_several_changes_at_once_are_one_entry_with_a_sentence_each(client, add_event):
    event_id = add_event(title="Meeting")
    days = Span.inclusive(date(2027, 4, 6), date(2027, 4, 7))
    change(event_id, span=days, venue="Hall", titles={"en": "Conference"}, notes="Secret")
    assert latest(client)[1:] == (
        ["dates", "place", "title"],
        [
            "Dates changed from 1 March 2027 to 6–7 April 2027.",
            "Place set to Hall.",
            "Title changed from “Meeting” to “Conference”.",
            "6–7 April 2027<br>Hall",
        ],
    )


def test_the_feed_says_the_same_as_the_page_of_the_event(client, add_event):
    event_id = add_event(title="Meeting", first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER)
    exact = {"span": Span.inclusive(date(2027, 5, 3), date(2027, 5, 7)), "precision": Precision.DAY}
    for values in (exact, {"venue": "Hall"}, {"status": Status.CANCELLED}, {"notes": "Secret"}):
        change(event_id, **values)
    page = client.get(f"/events/{event_id}").get_data(as_text=True)
    told = entries(client)
    assert [entry["kinds"] for entry in told] == [["cancelled"], ["place"], ["dates"], ["added"]]
    for entry in told:
        assert entry["said"][0] in page


def test_vague_dates_are_told_in_their_words(client, add_event):
    event_id = add_event(
        first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER, date_text="spring of 2027"
    )
    change(event_id, date_text="late spring of 2027")
    title, _kinds, said = latest(client)
    assert title == "(late spring of 2027) A meeting"
    assert said == ["Dates changed from spring of 2027 to late spring of 2027.", "late spring of 2027"]


def test_a_reason_that_nobody_chose_to_show_is_never_public(client, add_event):
    """The forms say that members can read it."""
    event_id = add_event(title="Meeting")
    change(event_id, reason="zzreason", span=Span.inclusive(date(2027, 4, 6), date(2027, 4, 7)))
    change(event_id, reason="zzreason", status=Status.CANCELLED)
    change(event_id, reason="zzreason", stage=Stage.WITHDRAWN)
    for address in (FEED, "/feeds/events.json?cancelled=keep", f"/events/{event_id}"):
        text = client.get(address).get_data(as_text=True)
        assert "zzreason" not in text
        assert "Ana Author" not in text


def test_a_withdrawn_event_leaves_one_entry_without_a_word_of_it(client, add_event):
    event_id = add_event(title="zztitle", venue="zzvenue", last=date(2027, 3, 5))
    change(event_id, titles={"en": "zzother"})
    change(event_id, stage=Stage.WITHDRAWN)
    (entry,) = entries(client)
    assert entry["title"] == "An event between 1 March 2027 and 5 March 2027 was withdrawn"
    assert (entry["kinds"], entry["said"]) == (["withdrawn"], ["It is no longer in the calendar."])
    assert entry["links"] == {"related": f"urn:uuid:{event_id}"}
    assert b"zz" not in client.get(FEED).data
    assert entries(client, f"{FEED}?q=zztitle") == []
    assert entries(client, f"{FEED}?convention=basel") == [entry]
    assert entries(client, f"{FEED}?convention=minamata") == []


def test_an_event_of_which_only_words_were_known_is_missed_too(client, add_event):
    event_id = add_event(first=None, precision=Precision.WORDS, date_text="some day")
    change(event_id, visibility=Visibility.MEMBERS)
    assert latest(client)[0] == "An event was withdrawn"


def test_an_event_that_comes_back_is_added_and_what_happened_meanwhile_is_not_told(client, add_event):
    event_id = add_event(title="Meeting")
    change(event_id, stage=Stage.DRAFT)
    change(event_id, titles={"en": "zzsecret"})
    change(event_id, titles={"en": "Meeting"}, venue="Hall")
    change(event_id, stage=Stage.PUBLISHED)
    told = entries(client)
    assert [entry["kinds"] for entry in told] == [["added"], ["added"]]
    assert b"zzsecret" not in client.get(FEED).data


def test_a_merged_record_is_withdrawn_and_added_again_when_that_is_undone(client, add_event):
    winner, loser = add_event(title="Winner"), add_event(title="Loser")
    made = events.Change("test", clock.now())
    with transaction() as session:
        merging.merge(session, session.get(Event, loser), session.get(Event, winner), (), made, reference())
    assert [entry["kinds"] for entry in entries(client)].count(["withdrawn"]) == 1
    assert b"Loser" not in client.get(FEED).data
    with transaction() as session:
        kept = session.get(Event, winner)
        merging.unmerge(session, kept, merging.last_merge(session, kept).id, made, reference())
    told = [(entry["title"], entry["kinds"]) for entry in entries(client)]
    assert ("Loser", ["added"]) in told
    assert ["withdrawn"] not in [kinds for _title, kinds in told]


def test_changes_older_than_90_days_are_left_out(client, add_event, monkeypatch):
    add_event(title="Meeting")
    # Its day counts as a whole, so that the feed does not change from one moment to the next.
    for moment, there in (("2027-02-18T22:59", True), ("2027-02-18T23:00", False)):
        monkeypatch.setattr(clock, "fixed", datetime.fromisoformat(moment).replace(tzinfo=UTC))
        assert bool(entries(client)) is there, moment


@ON_SQLITE
def test_the_last_200_changes_are_told_latest_first(client, add_event):
    event_id = add_event()
    for number in range(210):
        change(event_id, at=clock.now() + timedelta(minutes=number + 1), venue=f"Hall {number}")
    told = entries(client)
    assert len(told) == feed_changes.MOST_CHANGES
    assert told[0]["said"][0] == "Place changed from Hall 208 to Hall 209."
    assert told[-1]["said"][0] == "Place changed from Hall 9 to Hall 10."
    assert len({entry["id"] for entry in told}) == len(told)


def test_the_filter_looks_at_the_events_as_they_are_now(client, add_event):
    basel, minamata = add_event(title="Basel"), add_event(title="Mercury", processes=("minamata",), venue="Hall")
    change(basel, venue="Palais")

    def titles(query: str) -> set[str]:
        return {entry["title"] for entry in entries(client, f"{FEED}?{query}")}

    assert titles("convention=minamata") == titles("q=hall") == {"Mercury"}
    assert titles("from=2027-03-01&to=2027-03-01") == {"Basel", "Mercury"}
    assert titles("from=2027-03-02") == set()
    change(minamata, processes=("basel",))
    assert titles("convention=minamata") == set()
    assert titles("convention=basel") == {"Basel", "Mercury"}


def test_what_is_gone_is_found_by_the_days_that_the_public_knew(client, add_event):
    event_id = add_event(last=date(2027, 3, 5))
    change(event_id, stage=Stage.WITHDRAWN)
    change(event_id, span=Span.inclusive(date(2027, 9, 1), date(2027, 9, 2)))
    assert len(entries(client, f"{FEED}?from=2027-03-05&to=2027-03-31")) == 1
    assert entries(client, f"{FEED}?from=2027-09-01&to=2027-09-30") == []


def test_the_options_of_calendar_feeds_are_taken_and_change_nothing(client, add_event):
    add_event(title="Quarter", first=date(2027, 4, 1), last=date(2027, 6, 30), precision=Precision.QUARTER)
    assert entries(client) == entries(client, f"{FEED}?tbc=1") == entries(client, f"{FEED}?cancelled=keep") != []


def test_each_language_has_its_sentences_and_titles_and_the_same_ids(client, add_event):
    event_id = add_event(titles={"en": "Meeting", "ar": "اجتماع"})
    change(event_id, status=Status.TENTATIVE)
    english, arabic, french = (entries(client, f"{FEED}?lang={code}") for code in ("en", "ar", "fr"))
    assert [entry["id"] for entry in english] == [entry["id"] for entry in arabic] == [e["id"] for e in french]
    assert arabic[0]["title"] == "اجتماع"
    assert "تغيرت الحالة" in arabic[0]["said"][0]
    # There is no French catalogue yet, and no French title.
    assert french[0] == english[0]


def test_the_feed_needs_as_many_queries_for_many_events_as_for_one(client, add_event):
    counts = []
    for _round in range(2):
        for number in range(1 if not counts else 30):
            event_id = add_event(title=f"Meeting {number}", part_of=None)
            change(event_id, venue="Hall")
            if number % 3 == 0:
                change(event_id, stage=Stage.WITHDRAWN)
        client.get(FEED)
        with counted_queries() as statements:
            # Not kept yet under this address.
            assert client.get(f"{FEED}?lang=en").status_code == 200
        counts.append(len(statements))
    assert 2 <= counts[0] == counts[1] <= 4


STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "stage": st.sampled_from([Stage.PUBLISHED, Stage.PUBLISHED, Stage.DRAFT, Stage.WITHDRAWN]),
            "visibility": st.sampled_from([Visibility.PUBLIC, Visibility.PUBLIC, Visibility.MEMBERS]),
            "worded": st.booleans(),
            "told": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(steps=STEPS)
def test_no_word_is_told_that_was_not_public_and_none_of_what_is_not_public_now(app, steps):
    """Each step changes who may see the event, and at times its title and its venue to words of its own.

    Each has a reason, which some choose to show.
    """
    client = app.test_client()
    event_id = uuid.uuid4()
    # The events of other examples are in the calendar too.
    mark = f"zz{event_id.hex}"
    now = {f"{mark}first"}
    record = EventRecord(
        titles={"en": f"{mark}first"}, steward="brs", stage=Stage.DRAFT,
        span=Span.inclusive(date(2027, 3, 1), date(2027, 3, 5)),
    )  # fmt: skip
    with transaction() as session:
        events.create(session, event_id, record, events.Change("test", clock.now()), reference())
    shown: set[str] = set()
    public = False
    for number, step in enumerate(steps):
        values = {"stage": step["stage"], "visibility": step["visibility"]}
        if step["worded"]:
            now = {f"{mark}title{number}", f"{mark}venue{number}"}
            values |= {"titles": {"en": f"{mark}title{number}"}, "venue": f"{mark}venue{number}"}
        change(event_id, reason=f"{mark}reason{number}", told=step["told"], **values)
        was_public, public = public, (step["stage"], step["visibility"]) == (Stage.PUBLISHED, Visibility.PUBLIC)
        shown |= now if public else set()
        shown |= {f"{mark}reason{number}"} if was_public and public and step["told"] else set()
        found = set(re.findall(rf"{mark}\w+", client.get(FEED).get_data(as_text=True)))
        assert found <= (shown if public else set())
        assert found >= (now if public else set())
