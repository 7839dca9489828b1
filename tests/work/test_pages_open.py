"""Every page of the daily work opens for who may use it, and for nobody else."""

from __future__ import annotations

from datetime import date

import pytest

from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services.records import Option

pytestmark = pytest.mark.either_database

STEWARD_PAGES = ("publish", "postpone", "cancel", "withdraw", "move", "edit", "copy", "options", "editors", "merge")


def test_every_page_of_the_steward_opens(signed_in, add_event):
    browser = signed_in("ana@brs.example", brs="coordinator")
    event_id = add_event(title="Event", options=(Option(date(2027, 5, 1), date(2027, 5, 2)),))
    for name in (*STEWARD_PAGES, "options/0/choose", "history"):
        answer = browser.get(f"/events/{event_id}/{name}")
        assert answer.status_code == 200, name
        assert "Event" in answer.get_data(as_text=True)
    cancelled = add_event(title="Off", status=Status.CANCELLED)
    assert browser.get(f"/events/{cancelled}/reinstate").status_code == 200


@pytest.mark.parametrize("name", [*STEWARD_PAGES, "options/0/choose", "undo"])
def test_nobody_but_coordinators_of_the_steward_opens_them(client, signed_in, add_event, name):
    event_id = add_event(title="Event", options=(Option(date(2027, 5, 1), date(2027, 5, 2)),))
    hidden = add_event(title="Hidden", visibility=Visibility.STEWARD, stage=Stage.DRAFT)
    answer = client.get(f"/events/{event_id}/{name}")
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")
    contributor = signed_in("con@brs.example", brs="contributor")
    other = signed_in("cor@minamata.example", minamata="coordinator")
    for browser in (contributor, other):
        assert browser.get(f"/events/{event_id}/{name}").status_code == 403
    assert other.get(f"/events/{hidden}/{name}").status_code == 404


def test_members_see_what_they_can_do_on_the_page_of_an_event(client, signed_in, add_event):
    event_id = add_event(title="Event", notes="zznotes")
    pages = {
        name: browser.get(f"/events/{event_id}").get_data(as_text=True)
        for name, browser in (
            ("stranger", client),
            ("own", signed_in("a@brs.example", brs="coordinator")),
            ("contributor", signed_in("b@brs.example", brs="contributor")),
            ("other", signed_in("c@minamata.example", minamata="coordinator")),
        )
    }
    assert "member-panel" not in pages["stranger"]
    assert "work.css" not in pages["stranger"]
    assert f"/events/{event_id}/cancel" in pages["own"]
    assert f"/events/{event_id}/cancel" not in pages["contributor"]
    assert f"/events/{event_id}/propose" in pages["other"]
    assert [name for name, text in pages.items() if "zznotes" in text] == ["own", "contributor"]
