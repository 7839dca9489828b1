"""What a digest says of slots and steps: each with who looks after it, and nothing left out that asks something."""

from __future__ import annotations

from datetime import date

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.models import CoordinationSlot, EventMilestone
from calendar_app.services import exchange_rounds, reviews
from calendar_app.services.exchange_rounds import Answer
from calendar_app.services.month import CLOSES, OPENS, Step
from calendar_app.services.records import Organiser
from tests.digests.composing import DECEMBER, LINKS, composed, now, section

pytestmark = pytest.mark.either_database

NOBODY_AT_ALL = "Nobody is named yet for participation, statements, documents or side events at"
LISTED = "To coordinate with the others"


def note(model, event_id, **values) -> None:
    made = {"changed_at": clock.now(), "changed_by": "x", "version": 1, "state": "open"}
    with transaction() as session:
        session.add(model(event_id=event_id, **made | values))


def test_agreed_slots_are_told_with_owner_and_day_and_only_what_nobody_has_is_called_free(app, add_event):
    cop = add_event(title="Joint COP", kind="cop", first=date(2027, 1, 25), steward="gfc")
    note(
        CoordinationSlot, cop, slot="participation", state="agreed", owner_organisation="brs", owner_name="Ana",
        deadline=date(2026, 12, 20),
    )  # fmt: skip
    note(CoordinationSlot, cop, slot="statements", state="not-needed")
    note(CoordinationSlot, cop, slot="documents", state="done", owner_organisation="brs")
    told = section(composed(), LISTED)
    assert "* Joint COP, 25 January 2027 Participation: Ana (BRS), agreed, by 20 December 2026" in told
    assert "Nobody named yet: Side events" in told
    assert NOBODY_AT_ALL not in told
    assert "Statements" not in told
    assert "Documents" not in told


def test_what_is_not_needed_is_not_called_free_where_nobody_is_named(app, add_event):
    cop = add_event(title="Joint COP", kind="cop", first=date(2027, 1, 25), steward="gfc")
    add_event(title="Bare COP", kind="cop", first=date(2027, 1, 28), steward="gfc")
    note(CoordinationSlot, cop, slot="statements", state="not-needed")
    told = section(composed(), LISTED)
    assert "Nobody named yet: Participation, Documents, Side events" in told
    assert f"{NOBODY_AT_ALL}: * Bare COP, 28 January 2027" in told


def test_a_step_of_a_person_without_organisation_is_told_to_who_keeps_the_event(app, add_event):
    own = add_event(title="Own", first=date(2027, 3, 1), organisers=(Organiser("BRS", "brs"),))
    theirs = add_event(title="Theirs", first=date(2027, 3, 1), steward="gfc", organisers=(Organiser("GFC", "gfc"),))
    for event, name, owner, day in (
        (own, "Letter to the host", {"owner_name": "Zoe"}, date(2026, 12, 10)),
        (own, "Hotel block", {}, date(2026, 12, 11)),
        (own, "Given away", {"owner_organisation": "gfc"}, date(2026, 12, 12)),
        (own, "Old letter", {"owner_name": "Zoe", "owner_organisation": ""}, date(2026, 11, 20)),
        (own, "Old block", {}, date(2026, 11, 20)),
        (theirs, "Not ours", {"owner_name": "Zoe"}, date(2026, 12, 10)),
    ):
        note(EventMilestone, event, name=name, due_on=day, **owner)
    clock.fixed = clock.fixed.replace(day=25)
    issue = composed()
    due = section(issue, "Deadlines")
    assert "Own: Letter to the host, by 10 December 2026 Zoe" in due
    assert "Own: Hotel block, by 11 December 2026 nobody in charge" in due
    late = section(issue, "Needs your decision")
    assert "Old letter: was due on 20 November 2026 (Zoe)" in late
    assert "Old block: was due on 20 November 2026 (nobody in charge)" in late
    for other in ("Given away", "Not ours"):
        assert other not in issue.text
    assert "Given away, by 12 December 2026 GFC" in section(composed("gfc"), "Deadlines")


def test_who_signed_off_in_the_review_after_the_round_has_answered(app):
    said = "Exchange round: no answer from"
    with transaction() as session:
        exchange_rounds.opens(session, Step("x", OPENS, DECEMBER, now()), now(), LINKS)
        exchange_rounds.closes(session, Step("y", CLOSES, DECEMBER, now()), now(), LINKS)
    assert f"{said} BRS" in composed().text
    for code in ("brs", "minamata", "chb", "gfc"):
        with transaction() as session:
            reviews.sign_off(session, DECEMBER, code, Answer.NOTHING_TO_ADD, "x", clock.now())
        if code == "brs":
            assert f"{said} CHB" in composed().text
    assert "Exchange round: all members have answered" in composed().text
