"""Moving, postponing, cancelling, withdrawing, publishing, confirming: what each does, and that it asks why."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.models import Submission
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import OptionState, Stage, Status
from calendar_app.services.records import Option, record_of
from tests.web.forms import post
from tests.work.filling import fields_of, opened, send

pytestmark = pytest.mark.either_database


@pytest.fixture
def browser(signed_in):
    """A coordinator of the steward."""
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.mark.parametrize(("name", "status"), [("cancel", Status.CANCELLED), ("postpone", Status.POSTPONED)])
def test_an_action_changes_the_status_with_a_reason_and_subscribers_notice(
    browser, add_event, stored, revisions, name, status
):
    event_id = add_event(title="Event")
    answer = send(browser, f"/events/{event_id}/{name}", {"reason": "The host withdrew."})
    assert (answer.status_code, answer.location) == (303, f"/events/{event_id}")
    event = stored(event_id)
    assert (event.status, event.sequence, event.start) == (status, 1, date(2027, 3, 1))
    last = revisions(event_id)[-1]
    assert (last.action, last.reason, last.actor) == (str(status), "The host withdrew.", "Ana (BRS)")
    assert last.account_id


def test_an_action_without_a_reason_is_refused_at_the_field(browser, add_event, stored):
    event_id = add_event(title="Event")
    for name in ("cancel", "postpone", "withdraw"):
        answer = send(browser, f"/events/{event_id}/{name}", {"reason": "  "})
        assert answer.status_code == 422
        assert "reason-error" in answer.get_data(as_text=True)
    assert stored(event_id).sequence == 0


def test_withdrawing_leaves_a_tombstone_with_the_old_days_and_no_other_word(browser, client, add_event, stored):
    event_id = add_event(title="Zzsecret", options=(Option(date(2027, 5, 1), date(2027, 5, 2)),))
    assert client.get(f"/events/{event_id}").status_code == 200
    send(browser, f"/events/{event_id}/withdraw", {"reason": "Entered by mistake."})
    event = stored(event_id)
    assert (event.stage, event.last_public_start, event.sequence) == (Stage.WITHDRAWN, date(2027, 3, 1), 1)
    assert event.hidden_since
    assert record_of(event).options[0].state == OptionState.RELEASED
    assert client.get(f"/events/{event_id}").status_code == 404
    tombstone = client.get(f"/events/{event_id}.ics").get_data(as_text=True)
    assert "STATUS:CANCELLED" in tombstone
    assert "Zzsecret" not in tombstone
    # The steward still sees it, and can publish it anew.
    assert "Withdrawn" in browser.get(f"/events/{event_id}").get_data(as_text=True)
    send(browser, f"/events/{event_id}/publish", {"reason": ""})
    assert stored(event_id).hidden_since is None
    assert client.get(f"/events/{event_id}").status_code == 200


def test_moving_changes_the_dates_and_says_from_where_to_where(browser, client, add_event, stored, revisions):
    event_id = add_event(title="Event")
    page = browser.get(f"/events/{event_id}/move").get_data(as_text=True)
    assert "Dates now: 1 March 2027" in page
    typed = {"first_day": "2027-04-05", "last_day": "2027-04-09", "reason": "The room is taken."}
    assert send(browser, f"/events/{event_id}/move", typed).status_code == 303
    event = stored(event_id)
    assert (event.start, event.end, event.sequence) == (date(2027, 4, 5), date(2027, 4, 10), 1)
    last = revisions(event_id)[-1]
    assert (last.action, last.reason) == ("moved", "The room is taken.")
    assert last.before["span"] == ["2027-03-01", "2027-03-01"]
    text = client.get(f"/events/{event_id}").get_data(as_text=True)
    assert "Dates changed from 1 March 2027 to 5–9 April 2027." in text
    assert "The room is taken." not in text


def test_a_postponed_event_moves_to_a_quarter_and_is_tentative_then(browser, add_event, stored):
    event_id = add_event(title="Event", status=Status.POSTPONED)
    typed = {"dates": "quarter", "quarter": "2027-Q3", "reason": "New host."}
    answer = send(browser, f"/events/{event_id}/move", typed)
    assert answer.status_code == 422
    assert "confirmed or tentative" in answer.get_data(as_text=True)
    assert send(browser, f"/events/{event_id}/move", typed | {"status": "tentative"}).status_code == 303
    event = stored(event_id)
    assert (event.precision, event.start, event.status) == (Precision.QUARTER, date(2027, 7, 1), Status.TENTATIVE)


def test_moving_to_the_dates_that_it_has_is_no_move(browser, add_event, stored):
    event_id = add_event(title="Event")
    typed = {"reason": "Because it leaks.", "venue": "Another hall", "last_day": ""}
    answer = send(browser, f"/events/{event_id}/move", typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "dates-error" in text
    assert (fields_of(text)["reason"], fields_of(text)["venue"]) == (["Because it leaks."], ["Another hall"])
    assert (stored(event_id).sequence, stored(event_id).venue) == (0, "")


def test_how_firm_the_dates_are_can_be_all_that_changes(browser, add_event, stored, revisions):
    event_id = add_event(title="Event", status=Status.TENTATIVE)
    page = f"/events/{event_id}/move"
    answer = send(browser, page, {"status": "confirmed", "reason": "The host agreed."}, follow=True)
    assert "“Event” is saved." in answer.get_data(as_text=True)
    assert (stored(event_id).status, revisions(event_id)[-1].action == "moved") == (Status.CONFIRMED, False)
    postponed = add_event(title="Event", status=Status.POSTPONED)
    answer = send(browser, f"/events/{postponed}/move", {"status": "confirmed", "reason": "It holds."})
    assert "If they hold after all, use “Reinstate event”." in answer.get_data(as_text=True)
    assert stored(postponed).status == Status.POSTPONED


def test_moving_to_other_hours_is_said_to_the_public(browser, client, add_event, stored, revisions):
    event_id = add_event(title="Event")
    page = f"/events/{event_id}/move"
    first = {"start_time": "09:00", "end_time": "12:00", "timezone": "Europe/Zurich", "reason": "Known."}
    for typed in (first, {"start_time": "14:00", "end_time": "16:30", "reason": "The room is taken."}):
        assert send(browser, page, typed).status_code == 303
    assert (stored(event_id).start_time, revisions(event_id)[-1].action) == ("14:00", "moved")
    assert send(browser, page, {"start_time": "", "end_time": "", "reason": "Open again."}).status_code == 303
    text = client.get(f"/events/{event_id}").get_data(as_text=True)
    assert "Time set to 09:00–12:00 (Europe/Zurich)." in text
    assert "Time changed from 09:00–12:00 (Europe/Zurich) to 14:00–16:30 (Europe/Zurich)." in text
    assert "The time is no longer given." in text


def test_moving_an_event_takes_nothing_back_that_somebody_changed_meanwhile(signed_in, add_event, stored):
    event_id = add_event(title="Event", venue="Old hall")
    ana, bo = (signed_in(f"{name}@brs.example", brs="coordinator") for name in ("ana", "bo"))
    page = f"/events/{event_id}/move"
    form = opened(ana, page) | {"first_day": "2027-03-08", "last_day": "2027-03-09", "reason": "Ana knows why."}
    send(bo, f"/events/{event_id}/edit", {"venue": "Bo's hall"})
    answer = ana.post(page, data=form)
    again = fields_of(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert again["venue"] == ["Bo's hall"]
    assert (again["first_day"], again["reason"]) == (["2027-03-08"], ["Ana knows why."])
    assert ana.post(page, data=again).status_code == 303
    assert (stored(event_id).venue, stored(event_id).start) == ("Bo's hall", date(2027, 3, 8))


def test_cancelling_releases_the_dates_that_are_held(browser, add_event, stored):
    event_id = add_event(title="Event", options=(Option(date(2027, 5, 1), date(2027, 5, 2)),))
    send(browser, f"/events/{event_id}/postpone", {"reason": "Not yet."})
    assert record_of(stored(event_id)).options[0].state == OptionState.OPEN
    send(browser, f"/events/{event_id}/cancel", {"reason": "Off."})
    assert record_of(stored(event_id)).options[0].state == OptionState.RELEASED


def test_a_cancelled_event_can_take_place_after_all(browser, add_event, stored):
    event_id = add_event(title="Event", status=Status.CANCELLED)
    send(browser, f"/events/{event_id}/reinstate", {"reason": "Solved.", "status": "tentative"})
    assert stored(event_id).status == Status.TENTATIVE


def test_the_date_of_publication_that_was_asked_for_is_offered_and_survives_questions(browser, add_event, stored):
    draft = add_event(title="Draft", stage=Stage.DRAFT, publish_on=date(2027, 1, 10))
    assert opened(browser, f"/events/{draft}/publish")["publish_on"] == ["2027-01-10"]
    send(browser, f"/events/{draft}/publish")
    assert (stored(draft).stage, stored(draft).publish_on) == (Stage.SCHEDULED, date(2027, 1, 10))
    late = add_event(title="Late", stage=Stage.DRAFT, publish_on=date(2026, 1, 10))
    assert opened(browser, f"/events/{late}/publish")["publish_on"] == [""]
    for action, stage, day in (
        ("ask", Stage.CHANGES_REQUESTED, date(2027, 1, 10)),
        ("reject", Stage.REJECTED, None),
    ):
        event_id = add_event(title="Sent in", stage=Stage.SUBMITTED, publish_on=date(2027, 1, 10))
        # Only who sent something in can be asked.
        with transaction() as session:
            session.add(
                Submission(
                    id=uuid.uuid4(), key=uuid.uuid4().hex, event_id=event_id, organisation_code="brs", name="Zoe",
                    email="zoe@centre.example", language="en", form={}, created_at=clock.now(),
                )
            )  # fmt: skip
        address = f"/moderation/{event_id}"
        name = "request-changes" if action == "ask" else action
        send(browser, address, {f"{action}-reason": "Why?"}, action=f"{address}/{name}")
        assert (stored(event_id).stage, stored(event_id).publish_on) == (stage, day)


def test_publishing_on_a_date_waits_for_it(browser, client, add_event, stored):
    event_id = add_event(title="Event", stage=Stage.DRAFT)
    past = send(browser, f"/events/{event_id}/publish", {"publish_on": "2026-11-20"})
    assert past.status_code == 422
    answer = send(browser, f"/events/{event_id}/publish", {"publish_on": "2026-12-01"}, follow=True)
    assert "will be published on 1 December 2026" in answer.get_data(as_text=True)
    event = stored(event_id)
    assert (event.stage, event.publish_on) == (Stage.SCHEDULED, date(2026, 12, 1))
    assert client.get(f"/events/{event_id}").status_code == 404


def test_confirming_notes_who_and_when_and_subscribers_notice_nothing(browser, add_event, stored):
    event_id = add_event(title="Event")
    answer = post(browser, f"/events/{event_id}/confirm", page=f"/events/{event_id}")
    assert answer.status_code == 303
    event = stored(event_id)
    assert (event.last_confirmed_by, event.sequence) == ("Ana (BRS)", 0)
    assert clock.now() - event.last_confirmed_at < timedelta(minutes=1)


def test_of_two_who_act_at_once_the_second_is_told_and_nothing_is_done_twice(signed_in, add_event, stored, revisions):
    event_id = add_event(title="Event")
    ana, bo = (signed_in(f"{name}@brs.example", brs="coordinator") for name in ("ana", "bo"))
    page = f"/events/{event_id}/postpone"
    form = opened(ana, page) | {"reason": "Ana has a long reason."}
    typed = {"first_day": "2027-06-01", "last_day": "", "reason": "Bo moved it."}
    assert send(bo, f"/events/{event_id}/move", typed).status_code == 303
    answer = ana.post(page, data=form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Bo (BRS)" in text
    assert "Ana has a long reason." in text
    assert "1 June 2027" in text
    assert len(revisions(event_id)) == 2
    # Pressing the button again, having seen it, does it.
    assert ana.post(page, data=fields_of(text)).status_code == 303
    assert stored(event_id).status == Status.POSTPONED


def test_a_form_opened_for_an_event_that_was_merged_meanwhile_changes_nothing(browser, add_event, stored):
    loser, winner = add_event(title="Loser"), add_event(title="Winner")
    form = opened(browser, f"/events/{loser}/cancel") | {"reason": "Cancel it."}
    send(browser, f"/events/{loser}/merge?into={winner}", {"reason": "The same."})
    answer = browser.post(f"/events/{loser}/cancel", data=form)
    assert (answer.status_code, answer.location) == (303, f"/events/{winner}")
    assert stored(winner).status == Status.CONFIRMED
    assert browser.get(f"/events/{loser}/cancel").location == f"/events/{winner}/cancel"


def test_candidate_dates_are_added_held_chosen_and_the_rest_released(browser, add_event, stored, revisions):
    event_id = add_event(title="Event", first=None, date_text="spring 2027", precision=Precision.WORDS)
    page = f"/events/{event_id}/options"
    held = (clock.today() + timedelta(days=30)).isoformat()
    assert opened(browser, page)["held_until"] == [held]
    for first, last in (("2027-05-03", "2027-05-07"), ("2027-05-10", "")):
        assert send(browser, page, {"first_day": first, "last_day": last}).status_code == 303
    twice = send(browser, page, {"first_day": "2027-05-10", "last_day": ""}, follow=True)
    assert "in the list already" in twice.get_data(as_text=True)
    action = f"{page}/1/hold"
    assert send(browser, page, {"held_until": "2027-01-31"}, action=action).status_code == 303
    assert [option.held_until for option in record_of(stored(event_id)).options] == [
        date.fromisoformat(held),
        date(2027, 1, 31),
    ]
    assert stored(event_id).sequence == 0
    answer = send(browser, f"{page}/0/choose", {"reason": "All can come."})
    assert answer.location == f"/events/{event_id}"
    record = record_of(stored(event_id))
    assert record.span == Span.inclusive(date(2027, 5, 3), date(2027, 5, 7))
    assert (record.precision, record.date_text) == (Precision.DAY, "")
    assert [option.state for option in record.options] == [OptionState.CHOSEN, OptionState.RELEASED]
    assert (revisions(event_id)[-1].action, revisions(event_id)[-1].reason) == ("moved", "All can come.")


def test_candidate_dates_are_released_or_taken_off_unless_the_list_changed(browser, add_event, stored):
    options = tuple(Option(date(2027, 5, day), date(2027, 5, day)) for day in (1, 2, 3))
    event_id = add_event(title="Event", options=options)
    page = f"/events/{event_id}/options"
    old = opened(browser, page, f"{page}/2/remove")
    send(browser, page, action=f"{page}/0/release")
    assert record_of(stored(event_id)).options[0].state == OptionState.RELEASED
    stale = browser.post(f"{page}/2/remove", data=old, follow_redirects=True)
    assert "changed meanwhile" in stale.get_data(as_text=True)
    assert len(record_of(stored(event_id)).options) == 3
    send(browser, page, action=f"{page}/1/remove")
    assert [o.first_day.day for o in record_of(stored(event_id)).options] == [1, 3]


def test_the_public_never_sees_candidate_dates(browser, client, add_event):
    event_id = add_event(title="Event", options=(Option(date(2027, 5, 1), date(2027, 5, 2), note="zznote"),))
    assert "zznote" in browser.get(f"/events/{event_id}").get_data(as_text=True)
    assert "zznote" not in client.get(f"/events/{event_id}").get_data(as_text=True)


def test_editors_may_edit_what_the_public_sees_and_nothing_more(signed_in, add_event, stored, revisions):
    ana = signed_in("ana@brs.example", brs="coordinator")
    mo = signed_in("mo@minamata.example", minamata="coordinator")
    event_id = add_event(title="Event", notes="zznotes")
    assert mo.get(f"/events/{event_id}/edit").status_code == 403
    send(ana, f"/events/{event_id}/editors", {"organisations": ["minamata"]})
    assert [editor.organisation_code for editor in stored(event_id).editors] == ["minamata"]
    assert stored(event_id).sequence == 0
    form = opened(mo, f"/events/{event_id}/edit")
    assert not {"notes", "staffing", "visibility", "publish_on", "first_day"} & set(form)
    sent = form | {"venue": "CICG", "notes": "changed", "visibility": "steward", "first_day": "2030-01-01"}
    assert mo.post(f"/events/{event_id}/edit", data=sent).status_code == 303
    event = stored(event_id)
    assert (event.venue, event.notes, event.visibility, event.start) == (
        "CICG", "zznotes", "public", date(2027, 3, 1),
    )  # fmt: skip
    assert revisions(event_id)[-1].actor == "Mo (Minamata)"
    for name in ("cancel", "move", "withdraw", "merge", "undo", "options", "editors"):
        assert mo.get(f"/events/{event_id}/{name}").status_code == 403
    send(ana, f"/events/{event_id}/editors", {"organisations": []})
    assert mo.get(f"/events/{event_id}/edit").status_code == 403


@pytest.mark.parametrize(
    "values", [{"status": Status.CANCELLED}, {"stage": Stage.WITHDRAWN}, {"stage": Stage.REJECTED}]
)
def test_candidate_dates_of_what_is_off_cannot_be_chosen(browser, add_event, stored, values):
    event_id = add_event(title="Event", options=(Option(date(2027, 5, 1), date(2027, 5, 2)),), **values)
    text = send(browser, f"/events/{event_id}/options/0/choose", {"reason": "All can come."}, follow=True)
    assert "cannot be done with these dates" in text.get_data(as_text=True)
    assert stored(event_id).start == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("city", "hours"),
    [
        ("Nairobi", ("09:00", "17:00", "Africa/Nairobi")),
        ("Zzburg", ("", "", "")),
        ("Geneva", ("09:00", "17:00", "Europe/Zurich")),
    ],
)
def test_hours_go_by_the_clocks_of_the_city_that_is_chosen(browser, add_event, stored, city, hours):
    event_id = add_event(
        title="Event", city="Geneva", country="CH", start_time="09:00", end_time="17:00", timezone="Europe/Zurich",
        options=(Option(date(2027, 5, 1), date(2027, 5, 2), city),),
    )  # fmt: skip
    send(browser, f"/events/{event_id}/options/0/choose", {"reason": "All can come."})
    record = record_of(stored(event_id))
    assert (record.city, record.start_time, record.end_time, record.timezone) == (city, *hours)
