"""The dates of a series that a source brought in wait as one thing, and are decided on at once or each alone."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import db
from calendar_app.models import Event, OutboxMessage, Revision, StoredFinding
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import duplicates, moderation
from calendar_app.services.calendar import Viewer
from calendar_app.services.records import BodyMeeting, Organiser, record_of
from tests.conftest import counted_queries
from tests.moderation.test_moderation import answer
from tests.sources.conftest import add_source, partner, schedule, vevent  # noqa: F401 - fixtures
from tests.sources.test_a_life import edit
from tests.sources.test_pages import text_of
from tests.work.filling import fields_of, opened, send

pytestmark = [pytest.mark.xdist_group("sources"), pytest.mark.either_database]

FIRST, LAST = date(2026, 12, 2), date(2027, 2, 3)
DATES = 10


def calls(title: str = "Weekly call", count: int = DATES, *more: str) -> str:
    return vevent(
        f"{title}@p", title, "20261202T140000Z", "20261202T150000Z", f"RRULE:FREQ=WEEKLY;COUNT={count}", *more
    )


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def harvested(partner, add_source, schedule):  # noqa: F811
    """Bring in a feed by a source under moderation."""

    def harvest(*given: str) -> None:
        partner.gives(*given)
        add_source(url=partner.url, trust="moderated")
        schedule.harvest()

    return harvest


def waiting() -> list[moderation.Waiting]:
    db.session.rollback()
    return moderation.queue(db.session(), {"brs"})


def page_of_series() -> str:
    entry = next(item for item in waiting() if item.count > 1)
    return f"/moderation/{entry.event.id}/series"


def stages() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Event.stage).where(Event.series != "").order_by(Event.start)))


def decided(browser, action: str, typed: dict[str, str] | None = None):
    page = page_of_series()
    named = {f"{action}-{name}": value for name, value in (typed or {}).items()}
    return send(browser, page, named, action=f"{page}/{action}")


def test_the_dates_of_a_series_are_one_entry_of_the_queue_and_of_the_workspace(ana, harvested, add_event):
    add_event(title="Alone", stage=Stage.SUBMITTED, series="Weekly call")
    harvested(calls(), calls("Another call", 2), vevent("w@p", "Workshop", "20270308", "20270311"))
    for address in ("/moderation", "/workspace"):
        text = text_of(ana.get(address))
        assert re.search(r"Weekly call .{0,2}10 dates: .?2 December 2026 – 3 February 2027", text), text
        assert text.count("Weekly call") == 1
        assert text.count("Another call") == 1
        assert text.count("Workshop") == 1
        assert "Alone" in text
        assert page_of_series() in ana.get(address).get_data(as_text=True)
        assert "duplicate" not in text
    assert sorted(item.count for item in waiting()) == [1, 1, 2, 10]


def test_what_began_to_wait_at_one_moment_stands_in_order_of_its_days(ana, harvested):
    days = ("20270913", "20270208", "20270517")
    harvested(*(vevent(f"w{day}@p", f"Workshop {day}", day) for day in days), calls())
    for address in ("/moderation", "/workspace"):
        found = re.findall(r"Weekly call|Workshop \d+", text_of(ana.get(address)))
        assert found == ["Weekly call", "Workshop 20270208", "Workshop 20270517", "Workshop 20270913"], address


def test_a_date_of_a_series_is_no_likely_duplicate_of_another_but_what_is_the_same_is(ana, harvested, add_event):
    harvested(calls())
    event = waiting()[0].event
    found = duplicates.likely(db.session(), Viewer(frozenset({"brs"})), record_of(event), exclude=event.id)
    assert found == []
    same = add_event(title="Weekly call", first=FIRST, series="Weekly call")
    db.session.rollback()
    found = duplicates.likely(db.session(), Viewer(frozenset({"brs"})), record_of(event), exclude=event.id)
    assert [item.event_id for item in found] == [same]
    text = text_of(ana.get(page_of_series()))
    assert text.count("likely duplicate") == 1


def test_a_numbered_meeting_of_a_series_is_still_found_on_other_days(session, add_event):
    values = {"bodies": (BodyMeeting("BC-COP", 18),), "series": "COPs"}
    one, other = add_event(first=date(2027, 5, 3), **values), add_event(first=date(2027, 5, 10), **values)
    record = record_of(session.get_one(Event, one))
    found = duplicates.likely(session, Viewer(frozenset({"brs"})), record, exclude=one)
    assert [item.event_id for item in found] == [other]


def test_the_page_of_a_series_lists_its_dates_and_asks_no_more_for_many(ana, harvested):
    harvested(calls(), calls("Daily call", 3))
    asked = {}
    for item in waiting():
        with counted_queries() as statements:
            page = ana.get(f"/moderation/{item.event.id}/series")
        asked[item.count] = len(statements)
        assert page.get_data(as_text=True).count('<a href="/moderation/') >= item.count
    assert set(asked) == {3, 10}
    assert asked[3] == asked[10]


def test_the_workspace_and_the_queue_ask_the_database_no_more_for_a_long_series(ana, harvested):
    harvested(calls(count=104), calls("Another call", 3))
    asked = {}
    for address in ("/workspace", "/moderation"):
        ana.get(address)
        with counted_queries() as statements:
            text = text_of(ana.get(address))
        asked[address] = len(statements)
        assert re.search(r"Weekly call .{0,2}1\d\d dates", text), text
    assert asked["/workspace"] <= 16
    assert asked["/moderation"] <= 8


def test_all_dates_are_published_at_once_with_a_revision_each_and_no_letter(ana, client, harvested):
    harvested(calls())
    letters = db.session.scalar(select(func.count(OutboxMessage.id)))
    done = decided(ana, "publish", {"reason": "Agreed."})
    assert (done.status_code, done.location) == (303, "/moderation")
    assert stages() == [Stage.PUBLISHED] * DATES
    told = db.session.scalars(select(Revision).where(Revision.reason == "Agreed.")).all()
    assert len({revision.event_id for revision in told}) == len(told) == DATES
    assert {revision.actor for revision in told} == {"Ana (BRS)"}
    assert db.session.scalar(select(func.count(OutboxMessage.id))) == letters
    assert "10 dates of “Weekly call” are published." in text_of(ana.get("/moderation"))
    assert client.get(f"/events/{told[0].event_id}").status_code == 200


def test_all_dates_are_rejected_at_once_for_a_reason(ana, harvested):
    harvested(calls())
    assert decided(ana, "reject").status_code == 422
    assert stages() == [Stage.SUBMITTED] * DATES
    assert decided(ana, "reject", {"reason": "Nobody outside needs it."}).status_code == 303
    assert stages() == [Stage.REJECTED] * DATES
    assert "10 dates of" in text_of(ana.get("/moderation"))


def test_one_date_can_be_decided_on_alone(ana, harvested):
    harvested(calls())
    event_id = waiting()[0].event.id
    assert "10 dates of this series wait." in text_of(ana.get(f"/moderation/{event_id}"))
    assert answer(ana, event_id, "publish", {}).status_code == 303
    assert stages() == [Stage.PUBLISHED, *[Stage.SUBMITTED] * (DATES - 1)]
    assert "9 dates" in text_of(ana.get("/moderation"))
    # Its own page is left for that of the event; the last that waits is none of several.
    assert ana.get(f"/moderation/{event_id}/series").location == f"/moderation/{event_id}"


def test_nothing_is_decided_when_a_date_changed_since_the_page_was_opened(ana, harvested):
    harvested(calls())
    page = page_of_series()
    form = opened(ana, page, f"{page}/reject") | {"reject-reason": "Not ours."}
    edit(waiting()[0].event, venue="CICG")
    told = ana.post(f"{page}/reject", data=form)
    assert told.status_code == 409
    assert "The list changed meanwhile." in text_of(told)
    assert "Not ours." in told.get_data(as_text=True)
    assert stages() == [Stage.SUBMITTED] * DATES
    # Having seen it, she may decide so all the same.
    again = fields_of(told.get_data(as_text=True), f"{page}/reject")
    assert ana.post(f"{page}/reject", data=again).status_code == 303
    assert stages() == [Stage.REJECTED] * DATES


def test_a_date_that_would_meet_a_critical_clash_is_left_waiting_and_named(ana, harvested, add_event):
    """The weekly COP is absurd, but nothing else is sure to be critical."""
    day = date(2026, 12, 16)
    add_event(
        title="Seventh COP of the Minamata Convention", first=day, last=day, kind="cop", city="Geneva", country="CH",
        bodies=(BodyMeeting("MC-COP", 7),), steward="minamata", processes=("minamata",),
        organisers=(Organiser("Minamata Secretariat", "minamata", "lead"),),
    )  # fmt: skip
    harvested(calls())
    for item in db.session.scalars(select(Event).where(Event.series != "")).all():
        edit(item, kind="cop", bodies=(BodyMeeting("BC-COP", 18),), city="Nairobi", country="KE")
    assert "Critical" in text_of(ana.get(page_of_series()))
    assert decided(ana, "publish").status_code == 303
    assert stages() == [Stage.SUBMITTED if number == 2 else Stage.PUBLISHED for number in range(DATES)]
    assert not db.session.scalars(select(StoredFinding).where(StoredFinding.severity == 3)).all()
    page = ana.get("/moderation")
    assert "9 dates of" in text_of(page)
    (left,) = waiting()
    named = f'<a href="/moderation/{left.event.id}">16 December 2026</a>'
    assert named in page.get_data(as_text=True)
    assert "1 date meets a critical clash and still waits" in text_of(page)


def test_nobody_decides_on_a_series_of_another_organisation(ana, signed_in, harvested):
    harvested(calls())
    page = page_of_series()
    mo = signed_in("mo@minamata.example", minamata="coordinator")
    token = opened(ana, page, f"{page}/publish")
    assert mo.get(page).status_code == 404
    own = fields_of(mo.get("/submit?new=1").get_data(as_text=True), "/submit")["csrf_token"]
    assert mo.post(f"{page}/publish", data=token | {"csrf_token": own}).status_code == 404
    assert stages() == [Stage.SUBMITTED] * DATES
