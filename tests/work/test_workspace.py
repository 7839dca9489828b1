"""What waits for a person, and work on many events at once."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.models import Account, Event, Proposal, Submission
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Format, Stage, Status, Visibility
from calendar_app.services.records import Option
from tests.conftest import counted_queries
from tests.work.filling import fields_of, opened, send

pytestmark = pytest.mark.either_database

COMPLETE = {"city": "Geneva", "web_url": "https://example.org", "contact": "Office"}


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


def since(event_id, days: int) -> None:
    """Let an event have waited for some days."""
    with transaction() as session:
        session.get(Event, event_id).status_since = clock.now() - timedelta(days=days)


def items(browser) -> list[str]:
    """What waits, as text, in order."""
    text = browser.get("/workspace").get_data(as_text=True)
    found = re.findall(r"<li[^>]*>\s*<p class=\"waiting-label\">(.*?)</li>", text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in found]


def test_what_waits_comes_most_urgent_first(ana, add_event, session):
    today = clock.today()
    tuesday = today + timedelta(days=102)  # it meets nothing that planning would report
    waiting, late = (add_event(title=t, stage=Stage.SUBMITTED, **COMPLETE) for t in ("Fresh one", "Late one"))
    since(late, 20)
    since(waiting, 1)
    days = (date(2027, 5, 1), date(2027, 5, 2))
    add_event(title="Held", options=(Option(*days, held_until=today + timedelta(days=1)),), **COMPLETE)
    add_event(title="Held long", options=(Option(*days, held_until=today + timedelta(days=60)),), **COMPLETE)
    add_event(title="Soon public", stage=Stage.SCHEDULED, publish_on=today + timedelta(days=9), **COMPLETE)
    add_event(title="Incomplete", first=tuesday)
    add_event(title="Complete", first=tuesday, **COMPLETE)
    found = items(ana)
    assert [re.search(r"(Fresh one|Late one|Held|Soon public|Incomplete)", item)[0] for item in found] == [
        "Late one", "Held", "Fresh one", "Soon public", "Incomplete",
    ]  # fmt: skip
    assert "Waits for 20 days." in found[0]
    assert "held until" in found[1]
    assert "Not known yet: the place, where to register, whom to ask." in found[4]


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"city": "", "format": Format.UNKNOWN}, "the place"),
        ({"city": "", "format": Format.ONLINE}, None),
        ({"web_url": "", "registration_url": "https://example.org/r"}, None),
        ({"web_url": ""}, "where to register"),
        ({"titles": {"fr": "Réunion"}}, "the title in English"),
        ({"precision": Precision.MONTH, "first": date(2027, 2, 1), "last": date(2027, 2, 28)}, "the exact days"),
        ({"city": "", "first": date(2027, 9, 1)}, None),
        ({"city": "", "first": date(2026, 6, 1)}, None),
        ({"city": "", "stage": Stage.DRAFT}, None),
        ({"city": "", "status": Status.CANCELLED}, None),
        ({"city": "", "steward": "minamata"}, None),
    ],
)
def test_facts_that_readers_will_look_for_are_asked_for(ana, add_event, values, missing):
    add_event(**{"title": "Event", "first": date(2027, 2, 1), **COMPLETE, **values})
    found = items(ana)
    assert missing in found[0] if missing else not found, found


def test_what_nobody_has_confirmed_for_90_days_is_to_be_confirmed(ana, add_event):
    fresh, old = add_event(title="Fresh", **COMPLETE), add_event(title="Old", **COMPLETE)
    with transaction() as session:
        session.get(Event, old).created_at = session.get(Event, fresh).created_at = clock.now() - timedelta(days=400)
        session.get(Event, fresh).last_confirmed_at = clock.now() - timedelta(days=89)
        session.get(Event, old).last_confirmed_at = clock.now() - timedelta(days=91)
    (item,) = items(ana)
    assert "Old" in item
    assert "91 days ago" in item


def test_a_person_without_rights_sees_only_what_is_asked_of_them(client, signed_in, add_event, session):
    hidden = add_event(title="Hidden", stage=Stage.SUBMITTED)
    mine = add_event(title="Mine", stage=Stage.CHANGES_REQUESTED)
    browser = signed_in("zoe@centre.example")
    with transaction() as writing:
        account = writing.query(Account).filter_by(email="zoe@centre.example").one()
        writing.add(
            Submission(
                id=uuid.uuid4(), key="k", event_id=mine, organisation_code="brs", account_id=account.id, name="Zoe",
                email=account.email, language="en", form={}, created_at=clock.now(), confirmed_at=clock.now(),
            )
        )  # fmt: skip
    (item,) = items(browser)
    assert item.startswith("Changes asked of you Mine")
    assert str(hidden) not in browser.get("/workspace").get_data(as_text=True)
    assert client.get("/workspace").location.startswith("/sign-in")
    assert not items(signed_in("mo@minamata.example", minamata="coordinator"))


def test_the_workspace_takes_at_most_16_questions_to_the_database(ana, add_event, session):
    account_id = session.query(Account).filter_by(email="ana@brs.example").one().id
    days = (date(2027, 5, 1), date(2027, 5, 2))
    for number in range(15):
        add_event(title=f"Submitted {number}", stage=Stage.SUBMITTED)
        add_event(title=f"Scheduled {number}", stage=Stage.SCHEDULED, publish_on=clock.today() + timedelta(days=2))
        event_id = add_event(
            title=f"Shown {number}", options=(Option(*days, held_until=clock.today() + timedelta(days=2)),)
        )
        with transaction() as writing:
            writing.add(
                Proposal(
                    id=uuid.uuid4(), event_id=event_id, proposed_by_id=account_id, organisation_code="minamata",
                    before={}, after={}, reason="R", state="open", created_at=clock.now(),
                )
            )  # fmt: skip
    ana.get("/workspace")
    with counted_queries() as statements:
        text = ana.get("/workspace").get_data(as_text=True)
    assert len(statements) <= 16, statements
    assert text.count("waiting-label") == 50
    assert "5 more" in text


def test_the_list_of_own_events_is_by_stage_and_time(ana, add_event):
    add_event(title="Coming one")
    add_event(title="Past one", first=date(2026, 1, 1))
    add_event(title="Draft one", stage=Stage.DRAFT)
    add_event(title="Foreign one", steward="minamata")
    texts = {
        query: ana.get(f"/workspace/events{query}").get_data(as_text=True)
        for query in ("", "?when=past", "?stage=draft", "?when=all")
    }
    shown = {
        query: [n for n in ("Coming", "Past", "Draft", "Foreign") if f"{n} one" in text]
        for query, text in texts.items()
    }
    assert shown == {
        "": ["Coming", "Draft"],
        "?when=past": ["Past"],
        "?stage=draft": ["Draft"],
        "?when=all": ["Coming", "Past", "Draft"],
    }
    for query in ("?when=x", "?stage=x", "?page=2", "?page=0"):
        assert ana.get(f"/workspace/events{query}").status_code == 404


def test_only_coordinators_have_the_list(client, signed_in):
    assert client.get("/workspace/events").location.startswith("/sign-in")
    assert signed_in("con@brs.example", brs="contributor").get("/workspace/events").status_code == 403


def test_ticked_events_are_confirmed_together_and_foreign_ones_are_named(ana, add_event, stored):
    own = [add_event(title=f"Own {number}") for number in range(3)]
    foreign = add_event(title="Foreign one", steward="minamata")
    hidden = add_event(title="Hidden one", steward="minamata", stage=Stage.DRAFT)
    form = opened(ana, "/workspace/events", "/workspace/events/change")
    ticked = form | {"event": [str(i) for i in (*own[:2], foreign, hidden)] + ["nonsense"]}
    text = ana.post("/workspace/events/confirm", data=ticked, follow_redirects=True).get_data(as_text=True)
    assert "2 events are confirmed" in text
    assert "other organisations keep them: Foreign one" in text
    assert "Hidden one" not in text
    assert [bool(stored(event_id).last_confirmed_at) for event_id in (*own, foreign, hidden)] == [
        True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("contact", "New office", lambda event: event.contact),
        ("web_url", "https://example.org/new", lambda event: event.web_url),
        ("visibility", "members", lambda event: event.visibility),
        ("status", "tentative", lambda event: event.status),
        ("processes", "minamata", lambda event: event.processes[-1]),
    ],
)
def test_a_change_of_ticked_events_is_shown_first_and_then_done_as_a_whole(
    ana, add_event, stored, revisions, field, value, read
):
    own = [add_event(title=f"Own {number}") for number in range(2)]
    foreign = add_event(title="Foreign one", steward="minamata")
    cancelled = add_event(title="Off", status=Status.CANCELLED)
    form = opened(ana, "/workspace/events", "/workspace/events/change")
    chosen = {"event": [str(i) for i in (*own, foreign, cancelled)], "field": field, field: value}
    preview = ana.post("/workspace/events/change", data=form | chosen)
    text = preview.get_data(as_text=True)
    assert preview.status_code == 200
    assert "kept by other organisations" in text
    assert all(len(revisions(event_id)) == 1 for event_id in own)
    sent = fields_of(text) | {"apply": "1", "reason": "Not for all."}
    assert str(foreign) not in sent["event"]
    done = ana.post("/workspace/events/change", data=sent, follow_redirects=True)
    assert done.status_code == 200
    for event_id in own:
        assert read(stored(event_id)) == value
        assert revisions(event_id)[-1].actor == "Ana (BRS)"
    assert len(revisions(foreign)) == 1
    if field == "status":
        assert stored(cancelled).status == Status.CANCELLED


def test_a_change_sent_past_the_preview_touches_no_foreign_event(ana, add_event, stored):
    own, foreign = add_event(title="Own"), add_event(title="Foreign one", steward="minamata")
    form = opened(ana, "/workspace/events", "/workspace/events/change")
    sent = {"event": [str(own), str(foreign)], "field": "contact", "contact": "New", "apply": "1"}
    text = ana.post("/workspace/events/change", data=form | sent, follow_redirects=True).get_data(as_text=True)
    assert "Foreign one" in text
    assert (stored(own).contact, stored(foreign).contact) == ("New", "")


@pytest.mark.parametrize(
    "typed", [{"field": "contact", "contact": ""}, {"field": "web_url", "web_url": "x"}, {"field": "titles"}]
)
def test_a_wrong_value_for_many_is_refused_and_what_is_ticked_stays(ana, add_event, stored, typed):
    own = add_event(title="Own", contact="Kept")
    form = opened(ana, "/workspace/events", "/workspace/events/change")
    answer = ana.post("/workspace/events/change", data=form | {"event": [str(own)], "apply": "1"} | typed)
    assert answer.status_code == 422
    assert str(own) in answer.get_data(as_text=True)
    assert stored(own).contact == "Kept"


def test_hiding_many_needs_a_reason_and_leaves_tombstones(ana, client, add_event, stored, revisions):
    own = add_event(title="Own")
    form = opened(ana, "/workspace/events", "/workspace/events/change")
    sent = {"event": [str(own)], "field": "visibility", "visibility": "steward", "apply": "1"}
    asked = ana.post("/workspace/events/change", data=form | sent)
    assert asked.status_code == 422
    assert "disappears for the public" in asked.get_data(as_text=True)
    assert stored(own).visibility == Visibility.PUBLIC
    again = fields_of(asked.get_data(as_text=True))
    ana.post("/workspace/events/change", data=again | {"apply": "1", "reason": "It became internal."})
    assert stored(own).visibility == Visibility.STEWARD
    assert revisions(own)[-1].reason == "It became internal."
    assert stored(own).last_public_start == date(2027, 3, 1)
    assert "STATUS:CANCELLED" in client.get(f"/events/{own}.ics").get_data(as_text=True)


def test_the_events_page_links_to_the_work(ana, add_event):
    event_id = add_event(title="Event")
    assert send(ana, f"/events/{event_id}", action=f"/events/{event_id}/confirm").status_code == 303


def test_a_hold_of_what_is_cancelled_does_not_wait_for_anybody(ana, add_event):
    days = (date(2027, 5, 1), date(2027, 5, 2))
    held = (Option(*days, held_until=clock.today() + timedelta(days=1)),)
    add_event(title="Off", options=held, status=Status.CANCELLED, **COMPLETE)
    assert not items(ana)


def test_the_preview_says_which_of_the_ticked_events_disappear_for_the_public(ana, add_event):
    shown, draft = add_event(title="Shown"), add_event(title="Draft one", stage=Stage.DRAFT)
    form = opened(ana, "/workspace/events", "/workspace/events/change")
    chosen = {"field": "visibility", "visibility": "members"}
    texts = [
        ana.post("/workspace/events/change", data=form | chosen | {"event": [str(i)]}).get_data(as_text=True)
        for i in (shown, draft)
    ]
    assert ["disappears for the public" in text for text in texts] == [True, False]
    assert ["reason" in fields_of(text) for text in texts] == [True, False]
