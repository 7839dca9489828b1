"""What a source says of an event besides its facts: that it is not for everybody, cannot be read, or is called off."""

from __future__ import annotations

import pytest

from calendar_app.services.reference import packaged_lists
from calendar_app.services.source_items import feed_of
from feeds.reading.values import ReadEvent, ReadFeed, ReadStatus
from tests.sources.conftest import vevent
from tests.sources.test_a_life import LEAD, all_events, last_run, meetings, titles

pytestmark = pytest.mark.xdist_group("sources")
STAFF = vevent("staff@p", "Talk with the staff", "20270302", "", "CLASS:PRIVATE")


def remarks(slug):
    return [(note["code"], note["detail"], note["uid"]) for note in last_run(slug).notes]


@pytest.mark.parametrize("said", ["PRIVATE", "CONFIDENTIAL", "X-STAFF"])
def test_an_event_that_is_not_public_at_its_source_does_not_come_in(partner, add_source, schedule, said):
    partner.gives(LEAD, STAFF.replace("PRIVATE", said))
    slug = add_source(url=partner.url)
    schedule.harvest()
    assert titles() == ["Workshop on lead paint"]
    assert remarks(slug) == [("not-public", said, "staff@p")]


def test_an_event_that_becomes_private_is_named_and_neither_changed_nor_called_off(partner, add_source, schedule):
    partner.gives(LEAD, *meetings(1, 4))
    slug = add_source(url=partner.url)
    schedule.harvest()
    private = vevent("lead@p", "Secret", "20270301", "20270304", "CLASS:PRIVATE")
    partner.gives(STAFF, private, *meetings(1, 4))
    schedule.again()
    lead = all_events()[0]
    assert (lead.titles["en"], lead.status, lead.stage) == ("Workshop on lead paint", "confirmed", "published")
    assert remarks(slug) == [("not-public", "PRIVATE", "staff@p"), ("not-public", "PRIVATE", "lead@p")]


def test_nothing_is_called_off_while_an_event_without_an_id_cannot_be_read(partner, add_source, schedule):
    """Its remark is the same as that of one that has an id."""
    partner.gives(LEAD, vevent("bad@p", "Bad", "no day"), *meetings(1, 4))
    add_source(url=partner.url)
    schedule.harvest()
    lost = LEAD.replace("UID:lead@p\r\n", "").replace("20270301", "no day")
    partner.gives(vevent("bad@p", "Bad", "no day"), lost, *meetings(1, 4))
    schedule.again()
    assert all_events()[0].status == "confirmed"


@pytest.mark.parametrize(
    ("title", "said", "status"),
    [
        ("[CANCELLED] Workshop", "", "cancelled"),
        ("[Canceled] Workshop", "CONFIRMED", "cancelled"),
        ("[CANCELLED] Workshop", "TENTATIVE", "cancelled"),
        ("[POSTPONED] Workshop", "", "postponed"),
        ("[POSTPONED] Workshop", "TENTATIVE", "postponed"),
        ("[POSTPONED] Workshop", "CONFIRMED", "postponed"),
        ("[POSTPONED] Workshop", "CANCELLED", "cancelled"),
        ("[TENTATIVE] Workshop", "", "tentative"),
        ("[TENTATIVE] Workshop", "CONFIRMED", "confirmed"),
        ("Workshop", "TENTATIVE", "tentative"),
        ("[ملغى] ورشة عمل", "", "cancelled"),
        ("[مؤجل] ورشة عمل", "CONFIRMED", "postponed"),
        ("Canceled: Workshop", "CONFIRMED", "cancelled"),
        ("ANNULÉ\u00a0: Atelier", "", "cancelled"),
        ("Annulé: Atelier", "", "cancelled"),
        ("已取消: 讲习班", "", "cancelled"),
        ("Workshop [CANCELLED]", "", "confirmed"),
        ("Canceled cheques", "", "confirmed"),
    ],
)
def test_the_status_before_a_title_counts(title, said, status):
    read = ReadFeed(events=(ReadEvent(uid="1", summary=title, status=ReadStatus(said.lower()) if said else None),))
    (item,) = feed_of(read, "Europe/Zurich", (), "Partner", packaged_lists()).items
    assert item.state["status"] == status
    whole = {"Workshop [CANCELLED]", "Canceled cheques"}
    (said,) = item.state["titles"].values()
    assert said in {"Workshop", "Atelier", "ورشة عمل", "讲习班"} | whole


def test_a_meeting_is_called_off_by_a_word_before_its_title(partner, add_source, schedule):
    partner.gives(LEAD)
    add_source(url=partner.url)
    schedule.harvest()
    partner.gives(LEAD.replace("SUMMARY:", "SUMMARY:[CANCELLED] "))
    schedule.again()
    (event,) = all_events()
    assert (event.titles["en"], event.status) == ("Workshop on lead paint", "cancelled")
