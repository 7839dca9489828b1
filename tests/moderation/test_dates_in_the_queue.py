"""The queue says how bad the dates of each event are, its page says why; publishing a critical clash takes a word."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import Event, OutboxMessage, Revision, StoredFinding
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import date_check, moderation, policies
from calendar_app.services.calendar import OPERATOR
from calendar_app.services.planning_facts import facts
from calendar_app.services.records import BodyMeeting, Organiser, record_of
from tests.conftest import counted_queries
from tests.moderation.test_moderation import SENDER, answer, sent_in  # noqa: F401 - a fixture

if TYPE_CHECKING:
    import uuid

FIRST, LAST = date(2027, 6, 14), date(2027, 6, 18)
MERCURY = "Seventh COP of the Minamata Convention"
COP = {"first": FIRST, "last": LAST, "kind": "cop", "bodies": (BodyMeeting("BC-COP", 18),), "city": "Nairobi"}
WHY = "The host country offers these days alone."


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture(autouse=True)
def mercury(add_event) -> uuid.UUID:
    """A COP in Geneva, kept by another organisation."""
    return add_event(
        title=MERCURY, first=FIRST, last=LAST, kind="cop", bodies=(BodyMeeting("MC-COP", 7),), city="Geneva",
        country="CH", steward="minamata", organisers=(Organiser("Minamata Secretariat", "minamata", "lead"),),
    )  # fmt: skip


def said(page) -> str:
    """What a page says, as one line of words."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True))))


def test_the_queue_says_how_bad_the_dates_of_each_event_are(ana, sent_in, add_event):  # noqa: F811
    sent_in(title="Basel COP", country="KE", **COP)
    sent_in(title="Calm one", first=date(2027, 9, 14), last=date(2027, 9, 16), kind="workshop")
    text = said(ana.get("/moderation"))
    assert re.search(r"Basel COP 14–18 June 2027 · Nairobi, Kenya Critical \d clash", text), text
    assert re.search(r"Calm one 14–16 September 2027 Zoe", text), text


def test_the_queue_asks_the_database_no_more_for_clashes_of_many_events(ana, sent_in):  # noqa: F811
    def asked(count: int) -> int:
        for number in range(count):
            sent_in(title=f"Basel COP {number}", country="KE", **COP)
        waiting = moderation.queue(db.session(), {"brs"})
        drafts = [date_check.Draft(i.event.id, "brs", record_of(i.event)) for i in waiting]
        with counted_queries() as queries:
            date_check.check_several(db.session(), OPERATOR, drafts, facts(), policies.in_force(db.session()))
        return len(queries)

    assert asked(2) == asked(10)


def test_the_page_of_an_event_says_what_its_dates_run_into_why_and_what_is_better(ana, sent_in):  # noqa: F811
    event_id = sent_in(title="Basel COP", country="KE", **COP)
    text = said(ana.get(f"/moderation/{event_id}"))
    assert "What these dates run into" in text
    assert f"“{MERCURY}”" in text
    assert "Both meetings draw on the same people" in text
    assert "Better dates" in text
    assert "Use these dates" not in text
    assert "Why these dates all the same" in text
    calm = sent_in(title="Calm one", first=date(2027, 9, 14), last=date(2027, 9, 16), kind="workshop")
    text = said(ana.get(f"/moderation/{calm}"))
    assert "These dates run into nothing in the calendar." in text
    assert "Why these dates all the same" not in text


def test_publishing_it_takes_a_decision_that_the_sender_is_not_told(ana, sent_in):  # noqa: F811
    event_id = sent_in(title="Basel COP", country="KE", **COP)
    refused = answer(ana, event_id, "publish", {"reason": "Thank you."})
    assert refused.status_code == 422
    text = refused.get_data(as_text=True)
    assert "publish-decision-error" in text
    assert "Thank you." in text
    db.session.rollback()
    assert db.session.get(Event, event_id).stage == Stage.SUBMITTED
    assert db.session.scalars(select(OutboxMessage).where(OutboxMessage.to_email == SENDER)).all() == []
    done = answer(ana, event_id, "publish", {"reason": "Thank you.", "decision": WHY})
    assert done.status_code == 303
    db.session.rollback()
    assert db.session.get(Event, event_id).stage == Stage.PUBLISHED
    query = select(Revision).where(Revision.event_id == event_id).order_by(Revision.id.desc())
    # The decision belongs to the clash, which not everybody may see who sees the event's history.
    assert db.session.scalars(query).first().reason == "Thank you."
    (letter,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.to_email == SENDER))
    assert "Thank you." in letter.text
    assert WHY not in letter.text
    (clash,) = db.session.scalars(select(StoredFinding).where(StoredFinding.severity == 3))
    assert [row.organisation_code for row in clash.answers] == ["brs"]
    assert WHY in [entry.text for entry in clash.entries]
    assert f'<a href="/clashes/{clash.id}">' in ana.get("/moderation").get_data(as_text=True)


@pytest.mark.parametrize("action", ["request-changes", "reject"])
def test_other_answers_take_no_decision_about_dates(ana, sent_in, action):  # noqa: F811
    event_id = sent_in(title="Basel COP", country="KE", **COP)
    assert answer(ana, event_id, action, {"reason": "Please choose other days."}).status_code == 303
