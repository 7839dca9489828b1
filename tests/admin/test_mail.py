"""Mail that was given up, as a system administrator sees it, and what becomes of it."""

from __future__ import annotations

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import AuditEntry, DueStep
from calendar_app.services import month, outbox
from tests.mail.letters import deliver, later, put, row, rows
from tests.mail.servers import post_office
from tests.web.forms import post

pytestmark = pytest.mark.either_database


@pytest.fixture
def root(signed_in):
    """The system administrator's browser."""
    return signed_in("root@example.org", system_administrator=True)


@pytest.mark.parametrize(
    ("answer", "advised"),
    [
        ("550 5.1.1 No such user here", "Ask for the new one and correct it"),
        ("552 5.2.2 Mailbox full", "The mailbox is full"),
        ("554 5.7.1 Rejected by policy", "does not want mail from this calendar"),
    ],
)
def test_a_letter_that_is_refused_for_good_is_shown_with_what_to_do(app, root, answer, advised):
    with post_office() as office:
        put(key="digest/brs/2026-12/ana@brs.example")
        office.refuse["ana@brs.example"].append(answer)
        deliver(app, office.transport())
        page = root.get("/admin/mail").text
        assert answer[4:] in page
        assert advised in page
        assert "Confirm your address" not in page, "a subject may name what administrators do not see"
        (letter,) = rows()
        assert post(root, f"/admin/mail/{letter.id}/again").status_code == 303
        assert deliver(app) == 1
        assert [address for address, _message in office.taken] == ["ana@brs.example"]
    assert row().state == "sent"
    assert "No letter waits." in root.get("/admin/mail").text
    assert db.session.query(AuditEntry).filter_by(action="letter tried again").one().subject == "ana@brs.example"


def test_a_letter_that_is_put_aside_leaves_the_list_and_is_never_written_again(app, root):
    put("nobody at all", key="digest/brs/2026-12/nobody")
    page = root.get("/admin/mail").text
    assert "This is not an address to which mail can be sent." in page
    assert post(root, f"/admin/mail/{row().id}/aside").status_code == 303
    assert "The letter to nobody at all is put aside." in root.get("/admin/mail").text
    assert "nobody at all" not in root.get("/admin/mail").text
    assert not put("nobody at all", key="digest/brs/2026-12/nobody")
    assert (row().state, row().text) == ("aside", "")
    assert post(root, f"/admin/mail/{row().id}/again").status_code == 303
    assert row().state == "aside", "its words are gone"


def test_what_waits_and_why_is_told(app, root):
    with post_office() as office:
        put()
        office.refuse["ana@brs.example"].append("451 4.7.1 Greylisted, come back later")
        deliver(app, office.transport())
    page = root.get("/admin/mail").text
    assert "1 letter waits" in page
    assert "Greylisted" in page


def test_words_that_are_gone_cannot_be_sent(app, signed_in):
    with post_office() as office:
        put()
        office.refuse["ana@brs.example"].append("550 5.1.1 No such user")
        deliver(app, office.transport())
        later(days=outbox.FAILED_KEPT.days + 1)
        deliver(app)
    assert row().text == ""
    page = signed_in("root@example.org", system_administrator=True).get("/admin/mail").text
    assert "Its words are no longer kept." in page
    assert "/again" not in page


def test_a_step_that_fails_is_told(app, root):
    with transaction() as session:
        month.plan(session, clock.now(), clock.zone)
        step = session.query(DueStep).filter_by(action=month.PUBLIC_MAIL).first()
        month.failed(session, month._step(step), clock.now(), "KeyError")
    page = root.get("/admin/mail").text
    assert "Monthly mail to readers" in page
    assert "KeyError" in page
    assert "The schedule never ran here" in page
