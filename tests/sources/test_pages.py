"""The pages of sources: who keeps one sees what it did and answers it; nothing is saved before it was tried."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import db, transaction
from calendar_app.models import Event, Source, SourceItem, SourceRun
from calendar_app.planning.dates import Span
from calendar_app.services import sources
from calendar_app.services.calendar import STRANGER
from calendar_app.services.records import SourceNote, record_of
from calendar_app.services.source_asks import told
from tests.conftest import counted_queries
from tests.sources.conftest import source_of, vevent
from tests.sources.test_a_life import LEAD, all_events, edit, meetings
from tests.work.filling import fields_of, opened, send

pytestmark = [pytest.mark.xdist_group("sources"), pytest.mark.either_database]


@pytest.fixture
def ana(signed_in):
    """A coordinator of brs."""
    return signed_in("ana@brs.example", brs="coordinator")


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def settings(partner, **values):
    return {"name": "Partner", "url": partner.url, "trust": "direct", "action": "preview", **values}


def test_a_new_source_is_tried_first_and_saved_only_then(ana, partner, schedule):
    rule = {"rules-0-words": "lead", "rules-0-convention": "gfc", "rules-0-kind": "workshop"}
    partner.gives(LEAD)
    answer = ana.post("/sources/new", data=opened(ana, "/sources/new") | settings(partner) | rule)
    said = text_of(answer)
    assert answer.status_code == 200
    assert "This would come in" in said
    assert "Workshop on lead paint 1–3 March 2027 · Rome New GFC, Workshop" in said
    assert (db.session.scalar(select(func.count(Source.id))), all_events()) == (0, [])
    shown = fields_of(answer.get_data(as_text=True)) | {"action": "save"}
    saved = ana.post("/sources/new", data=shown)
    assert saved.location == "/sources/partner"
    assert "It is its turn within seconds" in text_of(ana.get("/sources/partner"))
    schedule.harvest()
    (event,) = all_events()
    assert (event.kind, event.processes) == ("workshop", ["gfc"])
    page = text_of(ana.get("/sources/partner"))
    assert "New: Workshop on lead paint" in page
    assert "It is its turn" not in page


REFUSED = {
    "an address inside": ("http://10.0.0.1/calendar.ics", "address"),
    "an address inside, as calendar programs write it": ("webcal://10.0.0.1/calendar.ics", "10.0.0.1"),
    "no calendar": ("", "web page"),
    "no address": ("partner", "full address"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_address_that_gives_nothing_is_not_saved(ana, partner, case):
    url, words = REFUSED[case]
    partner.body = b"<!DOCTYPE html><html></html>"
    values = settings(partner, action="save") | ({"url": url} if url else {})
    answer = ana.post("/sources/new", data=opened(ana, "/sources/new") | values)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert db.session.scalar(select(func.count(Source.id))) == 0


def test_other_rules_let_the_feed_be_read_anew(ana, partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    rule = {"rules-0-words": "lead paint", "rules-0-kind": "workshop", "action": "save"}
    assert send(ana, f"/sources/{slug}/edit", rule).status_code == 303
    schedule.harvest()
    assert [event.kind for event in all_events()] == ["workshop"]


def test_a_dry_run_shows_the_decision_and_writes_nothing(ana, partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives(
        vevent("lead@p", "Workshop on lead paint", "20270308", "20270311", "LOCATION:FAO\\, Rome"), *meetings(1, 2)
    )
    data = opened(ana, f"/sources/{slug}", f"/sources/{slug}/try")
    with counted_queries() as statements:
        said = text_of(ana.post(f"/sources/{slug}/try", data=data))
    assert not [
        text for text in statements if text.startswith(("INSERT", "UPDATE", "DELETE")) and "sign_ins" not in text
    ]
    assert "2 new, 1 changed" in said
    assert "Workshop on lead paint 8–10 March 2027" in said
    assert len(all_events()) == 1


def test_a_person_runs_it_now_and_pauses_it(ana, partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives(LEAD, *meetings(1, 1))
    send(ana, f"/sources/{slug}", action=f"/sources/{slug}/run")
    assert schedule.harvest() == 1
    assert len(all_events()) == 2
    send(ana, f"/sources/{slug}", action=f"/sources/{slug}/pause")
    assert schedule.again() == 0
    send(ana, f"/sources/{slug}", action=f"/sources/{slug}/resume")
    assert schedule.harvest() == 1


def test_nobody_waits_for_a_source_that_is_paused(ana, partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    send(ana, f"/sources/{slug}", action=f"/sources/{slug}/pause")
    assert source_of(slug).stage == ""
    answer = send(ana, f"/sources/{slug}/edit", {"action": "save"}, follow=True)
    said = text_of(answer)
    assert "The settings are saved." in said
    assert "read anew" not in said
    assert "It is its turn" not in said
    send(ana, f"/sources/{slug}", action=f"/sources/{slug}/resume")
    assert schedule.harvest() == 1


def test_what_disagrees_is_shown_field_by_field_and_settled(ana, partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    edit(all_events()[0], span=Span(date(2027, 3, 2), date(2027, 3, 4)), venue="Hall 2")
    schedule.again()
    page, settling = f"/sources/{slug}", f"/sources/{slug}/settle"
    said = text_of(ana.get(page))
    assert "Dates 1–3 March 2027 2–3 March 2027 Take the source's Keep ours" in said
    assert "Venue FAO, Rome Hall 2" in said
    waits = "says something else than the calendar about 1 event. Open the source"
    assert waits in text_of(ana.get("/workspace"))
    # A pause answers nothing.
    send(ana, page, action=f"{page}/pause")
    assert waits in text_of(ana.get("/workspace"))
    send(ana, page, action=f"{page}/resume")
    send(ana, page, {"unit": "span", "answer": "take"}, action=settling)
    event = all_events()[0]
    assert (event.start, event.venue, event.sources_disagree) == (date(2027, 3, 1), "Hall 2", True)
    send(ana, page, {"answer": "keep"}, action=settling)
    event = all_events()[0]
    assert (event.venue, event.sources_disagree) == ("Hall 2", False)
    assert "Nowhere." in text_of(ana.get(page))
    assert waits not in text_of(ana.get("/workspace"))


def test_an_answer_to_what_changed_meanwhile_does_nothing(ana, partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    edit(all_events()[0], venue="Hall 2")
    schedule.again()
    old = opened(ana, f"/sources/{slug}", f"/sources/{slug}/settle")
    edit(all_events()[0], venue="Hall 3")
    answer = ana.post(f"/sources/{slug}/settle", data=old, follow_redirects=True)
    assert "This was answered or changed meanwhile" in text_of(answer)
    assert all_events()[0].venue == "Hall 3"


def test_an_answer_to_what_the_source_said_before_does_nothing(ana, partner, add_source, schedule):
    partner.gives(LEAD)
    slug = add_source(url=partner.url)
    schedule.harvest()
    edit(all_events()[0], venue="Hall 2")
    schedule.again()
    old = opened(ana, f"/sources/{slug}", f"/sources/{slug}/settle") | {"answer": "take"}
    partner.gives(vevent("lead@p", "Workshop on lead paint", "20270301", "20270304", "LOCATION:Hotel\\, Rome"))
    schedule.again()
    answer = ana.post(f"/sources/{slug}/settle", data=old, follow_redirects=True)
    assert "This was answered or changed meanwhile" in text_of(answer)
    assert all_events()[0].venue == "Hall 2"


def test_what_others_may_not_see_takes_no_room_on_the_page(ana, partner, add_source, schedule, monkeypatch):
    partner.gives(*meetings(1, 3))
    slug = add_source(url=partner.url)
    schedule.harvest()
    *hidden, seen = all_events()
    for event in (*hidden, seen):
        edit(event, venue="Hall", visibility="public" if event is seen else "steward")
    partner.body = partner.body.replace(b"END:VEVENT", b"LOCATION:Room\r\nEND:VEVENT")
    schedule.again()
    monkeypatch.setattr(sources, "MOST_SHOWN", 1)
    found = sources.disagreements(db.session, source_of(slug), STRANGER)
    assert [line.event.id for line in found] == [seen.id]


def test_what_is_gone_is_answered_on_the_page(ana, partner, add_source, schedule):
    partner.gives(*meetings(1, 4))
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives(*meetings(1, 2))
    schedule.again()
    page = f"/sources/{slug}"
    assert "2 events are not in the source any more" in text_of(ana.get(page))
    assert "2 events are gone from the source" in text_of(ana.get("/workspace"))
    answer = send(ana, page, {"answer": "stay"}, action=f"{page}/gone", follow=True)
    assert "The events stay as they are." in text_of(answer)
    assert {event.status for event in all_events()} == {"confirmed"}
    assert "not in the source any more" not in text_of(ana.get(page))
    schedule.again()
    assert source_of(slug).much_gone_at is None


def test_called_off_is_only_what_a_run_would_call_off(ana, partner, add_source, schedule):
    partner.gives(*meetings(1, 4))
    slug = add_source(url=partner.url)
    schedule.harvest()
    elsewhere, rejected, postponed, _last = all_events()
    edit(elsewhere, sources=(*record_of(elsewhere).sources, SourceNote("letter-7", "A letter")))
    edit(rejected, stage="rejected")
    edit(postponed, status="postponed")
    partner.gives()
    schedule.again()
    fold = ana.get(f"/sources/{slug}").text.partition("<details")[2].partition("</details>")[0]
    # Before the button stands what it does: how many, and which.
    assert re.findall(r"Meeting number \d", fold) == ["Meeting number 4"]
    assert re.search(r'value="cancel".*Call off 1 event', fold, re.DOTALL)
    send(ana, f"/sources/{slug}", {"answer": "cancel"}, action=f"/sources/{slug}/gone")
    assert [event.status for event in all_events()] == ["confirmed", "confirmed", "postponed", "cancelled"]


def test_an_answer_about_other_events_than_are_gone_by_now_does_nothing(ana, partner, add_source, schedule):
    partner.gives(*meetings(1, 4))
    slug = add_source(url=partner.url)
    schedule.harvest()
    partner.gives(*meetings(1, 2))
    schedule.again()
    old = opened(ana, f"/sources/{slug}", f"/sources/{slug}/gone") | {"answer": "cancel"}
    partner.gives(*meetings(3, 4))
    schedule.again()
    assert "The list changed meanwhile" in text_of(ana.post(f"/sources/{slug}/gone", data=old, follow_redirects=True))
    assert {event.status for event in all_events()} == {"confirmed"}


def test_members_of_others_read_and_do_not_see_what_is_hidden(partner, add_source, schedule, signed_in):
    partner.gives(LEAD, *meetings(1, 1))
    slug = add_source(url=partner.url)
    schedule.harvest()
    for event in all_events():
        edit(event, visibility="steward", venue="Elsewhere")
    schedule.again()
    mo = signed_in("mo@minamata.example", minamata="coordinator")
    said = text_of(mo.get(f"/sources/{slug}"))
    assert "Partner" in said
    assert "lead paint" not in said
    assert "Elsewhere" not in said
    assert "Run now" not in said


def test_the_secret_in_an_address_is_for_those_who_keep_the_source(
    ana, partner, add_source, schedule, signed_in, client
):
    partner.gives(LEAD)
    slug = add_source(url=f"{partner.url}?token=SECRET")
    schedule.harvest()
    (event,) = all_events()
    assert event.sources[0].url == ""
    assert "SECRET" not in client.get(f"/events/{event.id}").get_data(as_text=True)
    assert "token=SECRET" in text_of(ana.get(f"/sources/{slug}"))
    said = text_of(signed_in("mo@minamata.example", minamata="coordinator").get(f"/sources/{slug}"))
    assert "Address 127.0.0.1 " in said
    assert "SECRET" not in said


def test_what_is_said_of_a_failure_names_hosts_only(ana, partner, add_source, schedule):
    slug = add_source(url=partner.url)
    partner.status, partner.location = 302, "http://x.example:x/?token=SECRET and more"
    schedule.harvest()
    error = told(sources.runs(db.session, source_of(slug))[0].error)
    tried = text_of(send(ana, f"/sources/{slug}", action=f"/sources/{slug}/try"))
    for said in (error, tried):
        assert "“x.example:x”" in said
        assert "SECRET" not in said
        assert "and more" not in said


def test_queries_do_not_grow_with_rows(ana, partner, add_source, schedule):
    counts = []
    for number in (3, 12):
        partner.gives(*meetings(1, number))
        slug = add_source(url=partner.url, name=f"Partner {number}")
        schedule.harvest()
        for event in all_events():
            if event.venue != "Hall":
                edit(event, venue="Hall")
        partner.body = partner.body.replace(b"END:VEVENT", b"LOCATION:Room\r\nEND:VEVENT")
        schedule.again()
        with counted_queries() as statements:
            assert "Room" in text_of(ana.get(f"/sources/{slug}"))
        with counted_queries() as listing:
            ana.get("/sources")
        counts.append((len(statements), len(listing)))
    assert counts[0] == counts[1]


def test_the_command_harvests_one_or_all(app, partner, add_source):
    partner.gives(LEAD)
    add_source(url=partner.url)
    add_source(url="http://127.0.0.1:1/closed.ics", name="Closed")
    runner = app.test_cli_runner()
    one = runner.invoke(args=["sources", "harvest", "partner"])
    assert (one.exit_code, one.stdout) == (0, "partner: 1 create\n")
    every = runner.invoke(args=["sources", "harvest"])
    assert every.exit_code == 1
    assert "partner: unchanged" in every.stdout
    assert "closed: failed: " in every.stdout
    assert runner.invoke(args=["sources", "harvest", "nobody"]).exit_code == 2
    assert db.session.scalar(select(func.count(Event.id))) == 1


INFORMEA = """{"d":{"results":[
 {"id":"b1","treaty":"basel","url":"https://www.basel.int/x","title":[{"language":"en","value":"2027 BRS COPs"},
  {"language":"fr","value":"CdP BRS 2027"}],"start":"/Date(1808092800000)/","end":"/Date(1809043200000)/",
  "city":"Panama City","country":"PA","status":"tentative","type":"cop","updated":"/Date(1790000000000)/"},
 {"id":"b2","treaty":"stockholm","url":"https://www.pops.int/x","title":[{"language":"en","value":"2027 BRS COPs"},
  {"language":"fr","value":"CdP BRS 2027"}],"start":"/Date(1808092800000)/","end":"/Date(1809043200000)/",
  "city":"Panama City","country":"PA","status":"tentative","type":"cop","updated":"/Date(1790000000000)/"}]}}"""


def test_a_meeting_of_several_treaties_in_informea_is_one_event(partner, add_source, schedule):
    partner.body, partner.kind = INFORMEA.encode(), "application/json"
    add_source(url=partner.url, kind="informea")
    schedule.harvest()
    (event,) = all_events()
    assert event.processes == ["basel", "stockholm"]
    assert event.titles == {"en": "2027 BRS COPs", "fr": "CdP BRS 2027"}
    assert (event.start, event.end, event.city, event.country) == (
        date(2027, 4, 19),
        date(2027, 5, 1),
        "Panama City",
        "PA",
    )
    assert (event.status, event.kind) == ("tentative", "cop")
    schedule.again()
    assert db.session.scalar(select(func.count(SourceItem.id))) == 1
    assert db.session.scalar(select(func.count(SourceRun.id))) == 1


def test_two_sources_of_one_name_have_addresses_of_their_own(app, add_source):
    assert [add_source(url="https://x.example", name="Ärger & Co") for _n in range(2)] == ["arger-co", "arger-co-2"]
    with transaction() as session:
        assert sources.free_slug(session, "???") == "source"
        # Under this address sources are added.
        assert sources.free_slug(session, "New") == "new-2"
