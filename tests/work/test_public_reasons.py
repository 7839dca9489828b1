"""A reason is for members, unless who moves, postpones or cancels a public event chooses to show it to everybody."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import events, merging
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference
from tests.submit.hostile import MARKUP
from tests.work.filling import fields_of, opened, send

pytestmark = pytest.mark.either_database

CONTENT = "{http://www.w3.org/2005/Atom}content"
BOX = 'name="reason_is_public"'
TYPED = {
    "move": {"first_day": "2027-04-05", "last_day": "2027-04-09"},
    "postpone": {},
    "cancel": {},
}
OUTSIDE = ("/feeds/changes.atom", "/feeds/events.json?cancelled=keep", "/feeds/events.ics?cancelled=keep")


@pytest.fixture
def ana(signed_in):
    """A coordinator of the steward."""
    return signed_in("ana@brs.example", brs="coordinator")


def told(client, query: str = "") -> list[str]:
    """The paragraphs of the last entry in the feed of changes, as a reader sees them."""
    entry = next(ET.fromstring(client.get(f"/feeds/changes.atom{query}").data).iter(CONTENT))
    return [html.unescape(text) for text in re.findall("<p>(.*?)</p>", entry.text)]


def seen_outside(client, event_id) -> str:
    """Everything a stranger gets of an event, as it is sent."""
    return "".join(client.get(page).get_data(as_text=True) for page in (*OUTSIDE, f"/events/{event_id}"))


@pytest.mark.parametrize("name", TYPED)
def test_a_reason_that_is_ticked_stands_on_the_page_and_in_the_feed_after_what_changed(
    ana, client, add_event, revisions, name
):
    event_id = add_event(title="Event")
    typed = TYPED[name] | {"reason": "The host withdrew.", "reason_is_public": "y"}
    assert send(ana, f"/events/{event_id}/{name}", typed).status_code == 303
    assert revisions(event_id)[-1].reason_is_public
    sentence, reason, *_facts = told(client)
    assert sentence.startswith(("Dates changed", "Status changed"))
    assert reason == "Reason: The host withdrew."
    page = client.get(f"/events/{event_id}").get_data(as_text=True)
    assert f"<dd>{sentence}<br>Reason: The host withdrew.</dd>" in page
    assert "The host withdrew." not in "".join(client.get(page).get_data(as_text=True) for page in OUTSIDE[1:])


@pytest.mark.parametrize("name", TYPED)
def test_the_box_is_not_ticked_by_itself_and_the_reason_is_then_for_members(ana, client, add_event, revisions, name):
    event_id = add_event(title="Event")
    page = ana.get(f"/events/{event_id}/{name}").get_data(as_text=True)
    assert BOX in page
    assert "reason_is_public" not in fields_of(page)
    assert send(ana, f"/events/{event_id}/{name}", TYPED[name] | {"reason": "zzreason"}).status_code == 303
    assert (revisions(event_id)[-1].reason, revisions(event_id)[-1].reason_is_public) == ("zzreason", False)
    assert "changed from" in seen_outside(client, event_id)
    assert "zzreason" not in seen_outside(client, event_id)
    assert "Reason:" not in seen_outside(client, event_id)


@pytest.mark.parametrize("values", [{"visibility": Visibility.MEMBERS}, {"stage": Stage.DRAFT}], ids=str)
@pytest.mark.parametrize("name", TYPED)
def test_no_reason_of_a_time_in_which_an_event_was_not_public_is_ever_shown(
    ana, client, add_event, revisions, values, name
):
    event_id = add_event(title="Event", **values)
    page = f"/events/{event_id}/{name}"
    form = opened(ana, page) | TYPED[name] | {"reason": "zzreason", "reason_is_public": "y"}
    assert BOX not in ana.get(page).get_data(as_text=True)
    assert ana.post(page, data=form).status_code == 303
    assert (revisions(event_id)[-1].reason, revisions(event_id)[-1].reason_is_public) == ("zzreason", False)
    shown = {"visibility": Visibility.PUBLIC, "stage": Stage.PUBLISHED}
    _change(event_id, events.Change("test", clock.now(), "zzshown", reason_is_public=True), **shown)
    assert told(client)[0] == "Added to the calendar."
    assert "zz" not in seen_outside(client, event_id)


def test_a_change_that_hides_an_event_shows_no_reason_even_when_it_comes_back(client, add_event, revisions):
    event_id = add_event(title="Event")
    made = events.Change("test", clock.now(), "zzreason", reason_is_public=True)
    _change(event_id, made, stage=Stage.WITHDRAWN, venue="Hall")
    assert not revisions(event_id)[-1].reason_is_public
    assert "zzreason" not in seen_outside(client, event_id)
    _change(event_id, made, stage=Stage.PUBLISHED)
    assert "Added to the calendar." in seen_outside(client, event_id)
    assert "zzreason" not in seen_outside(client, event_id)


def test_of_an_event_that_is_withdrawn_no_reason_is_told_any_more(ana, client, add_event):
    event_id = add_event(title="Event")
    send(ana, f"/events/{event_id}/cancel", {"reason": "zzreason", "reason_is_public": "y"})
    assert "zzreason" in seen_outside(client, event_id)
    page = ana.get(f"/events/{event_id}/withdraw").get_data(as_text=True)
    assert BOX not in page
    form = fields_of(page) | {"reason": "zzwithdrawn", "reason_is_public": "y"}
    assert ana.post(f"/events/{event_id}/withdraw", data=form).status_code == 303
    assert "zz" not in seen_outside(client, event_id)


@pytest.mark.parametrize("page", ["reinstate", "edit", "undo", "publish"])
def test_other_forms_ask_nothing_and_take_no_such_answer(ana, client, add_event, revisions, page):
    event_id = add_event(title="Event")
    send(ana, f"/events/{event_id}/cancel", {"reason": "First.", "reason_is_public": "y"})
    if page == "publish":
        _change(event_id, events.Change("test", clock.now()), stage=Stage.DRAFT)
    address = f"/events/{event_id}/{page}"
    typed = {"reason": "zzreason", "reason_is_public": "y"} | ({"venue": "Hall"} if page == "edit" else {})
    assert BOX not in ana.get(address).get_data(as_text=True)
    assert send(ana, address, typed).status_code == 303
    first, *_between, last = revisions(event_id)[1:]
    assert (last.reason, last.reason_is_public) == ("zzreason", False)
    # What was said once stays said.
    assert first.reason_is_public
    assert "Reason: First." in client.get(f"/events/{event_id}").get_data(as_text=True)
    assert "zzreason" not in seen_outside(client, event_id)


def test_a_merge_and_undoing_it_copy_no_public_reason(ana, client, add_event, revisions):
    winner, loser = add_event(title="Winner"), add_event(title="Loser")
    send(ana, f"/events/{loser}/postpone", {"reason": "zzreason", "reason_is_public": "y"})
    made = events.Change("test", clock.now(), "zzmerge")
    with transaction() as session:
        merging.merge(session, session.get(Event, loser), session.get(Event, winner), (), made, reference())
    assert "zz" not in seen_outside(client, winner)
    with transaction() as session:
        kept = session.get(Event, winner)
        merging.unmerge(session, kept, merging.last_merge(session, kept).id, made, reference())
    assert [r.reason for r in (*revisions(winner), *revisions(loser)) if r.reason_is_public] == ["zzreason"]
    assert "zzmerge" not in seen_outside(client, winner) + seen_outside(client, loser)


@pytest.mark.parametrize("reason", [*MARKUP, "]]></content></entry>", "two\r\nlines"])
def test_a_reason_comes_out_as_text_whatever_it_holds(ana, client, add_event, reason):
    event_id = add_event(title="Event")
    send(ana, f"/events/{event_id}/cancel", {"reason": reason, "reason_is_public": "y"})
    wanted = f"Reason: {' '.join(reason.split())}"
    assert " ".join(told(client)[1].split()) == wanted
    page = client.get(f"/events/{event_id}").get_data(as_text=True)
    (shown,) = re.findall(r"<dd>[^<]*<br>([^<]*)</dd>", page)
    assert " ".join(html.unescape(shown).split()) == wanted


def test_a_reason_is_introduced_in_the_language_of_the_reader(ana, client, add_event):
    event_id = add_event(title="Event")
    send(ana, f"/events/{event_id}/cancel", {"reason": "The host withdrew.", "reason_is_public": "y"})
    line = "السبب: \u2068The host withdrew.\u2069"
    assert told(client, "?lang=ar")[1] == line
    assert line in client.get(f"/events/{event_id}?lang=ar").get_data(as_text=True)


def test_the_history_for_members_says_which_reasons_are_public(ana, add_event):
    event_id = add_event(title="Event")
    send(ana, f"/events/{event_id}/postpone", {"reason": "For members."})
    assert "This reason is public." not in ana.get(f"/events/{event_id}/history").get_data(as_text=True)
    send(ana, f"/events/{event_id}/cancel", {"reason": "For all.", "reason_is_public": "y"})
    text = ana.get(f"/events/{event_id}/history").get_data(as_text=True)
    assert text.count("This reason is public.") == 1
    assert text.index("For all.") < text.index("This reason is public.") < text.index("For members.")


def test_the_tick_is_kept_when_somebody_else_was_quicker(signed_in, add_event, revisions):
    event_id = add_event(title="Event")
    ana, bo = (signed_in(f"{name}@brs.example", brs="coordinator") for name in ("ana", "bo"))
    for name in ("move", "postpone"):
        page = f"/events/{event_id}/{name}"
        form = opened(ana, page) | TYPED[name] | {"reason": "Known.", "reason_is_public": "y", "status": "confirmed"}
        send(bo, f"/events/{event_id}/edit", {"venue": f"Hall before {name}"})
        answer = ana.post(page, data=form)
        again = fields_of(answer.get_data(as_text=True))
        assert (answer.status_code, again["reason_is_public"]) == (409, ["y"])
        assert ana.post(page, data=again).status_code == 303
        assert revisions(event_id)[-1].reason_is_public


def _change(event_id, made: events.Change, **values) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        events.change(session, event, replace(record_of(event), **values), made, reference())
