"""The pages of digests: the archive, one issue exactly as sent, the next one, and who gets them."""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest
from sqlalchemy import select

from calendar_app.extensions import db, transaction
from calendar_app.models import AuditEntry, DigestIssue, DigestRecipient, DigestSettings
from calendar_app.services import digests
from calendar_app.services.mail_recipients import of_organisation
from tests.conftest import counted_queries
from tests.digests.composing import EDITION, LINKS, now
from tests.digests.test_sending import add_recipient
from tests.mail.letters import deliver, rows
from tests.work.filling import opened

pytestmark = pytest.mark.either_database


@pytest.fixture
def sent(app, add_event) -> DigestIssue:
    """A digest of brs that went to two addresses, of which one refuses."""
    add_recipient("ana@brs.example")
    add_recipient("no address")
    add_event(title="A workshop", first=date(2027, 1, 12), visibility="steward")
    with transaction() as session:
        digests.send(session, ["brs"], EDITION, now(), LINKS)
    deliver(app)
    return db.session.scalars(select(DigestIssue)).one()


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_the_archive_shows_ones_own_organisations_only(sent, signed_in):
    member = signed_in("ana@brs.example", brs="contributor")
    page = text_of(member.get("/digests"))
    assert sent.subject in page
    assert f"/digests/{sent.id}" in page
    other = signed_in("toda@minamata.example", minamata="administrator")
    assert sent.subject not in text_of(other.get("/digests"))
    for address in (f"/digests/{sent.id}", f"/digests/{sent.id}/mail", f"/digests/{sent.id}.ics"):
        assert member.get(address).status_code == 200
        assert other.get(address).status_code == 404


def test_an_issue_is_shown_exactly_as_sent_where_nothing_can_run(sent, signed_in):
    member = signed_in("ana@brs.example", brs="contributor")
    mail = member.get(f"/digests/{sent.id}/mail")
    assert mail.get_data(as_text=True) == sent.html
    policy = mail.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in member.get(f"/digests/{sent.id}").headers["Content-Security-Policy"]
    page = member.get(f"/digests/{sent.id}")
    assert "sandbox=" in page.get_data(as_text=True)
    assert "<dt>Sent</dt> <dd> 1 address" in text_of(page)
    assert "<dt>Given up</dt> <dd> 1 address" in text_of(page)
    assert member.get(f"/digests/{sent.id}.ics").data == sent.ics.encode()


def test_the_preview_shows_what_would_be_said_and_neither_sends_nor_keeps_it(app, add_event, signed_in):
    add_event(title="A workshop", first=date(2027, 1, 12), organisers=())
    member = signed_in("ana@brs.example", brs="contributor")
    page = text_of(member.get("/digests/brs/preview"))
    assert "A workshop, 12 January 2027" in page
    assert "A workshop" in member.get("/digests/brs/preview/mail").get_data(as_text=True)
    assert rows() == []
    assert db.session.scalars(select(DigestIssue)).all() == []
    assert member.get("/digests/minamata/preview").status_code == 404


def test_a_test_copy_goes_to_whoever_asks_and_to_nobody_else(app, signed_in):
    add_recipient("desk@brs.example")
    member = signed_in("ana@brs.example", brs="contributor")
    fields = opened(member, "/digests/brs/preview", "/digests/brs/test")
    assert member.post("/digests/brs/test", data=fields).status_code == 303
    (message,) = rows()
    assert message.to_email == "ana@brs.example"
    assert message.subject.startswith("Test: Planning digest for BRS")


def test_coordinators_set_recipients_and_each_change_is_noted(app, signed_in):
    ana = signed_in("ana@brs.example", brs="coordinator")
    page = "/digests/brs/recipients"
    typed = {"kind": "person", "email": "Eva@brs.example", "name": "Eva", "language": "fr", "deputy_of": "0"}
    assert ana.post(page, data=opened(ana, page, page) | typed).status_code == 303
    again = ana.post(page, data=opened(ana, page, page) | typed | {"email": "eva@brs.example"})
    assert again.status_code == 422
    assert "among the recipients already" in text_of(again)
    eva = db.session.scalars(select(DigestRecipient)).one()
    deputy = {"kind": "deputy", "email": "ben@brs.example", "name": "", "language": "en", "deputy_of": "0"}
    assert "Choose for whom" in text_of(ana.post(page, data=opened(ana, page, page) | deputy))
    assert ana.post(page, data=opened(ana, page, page) | deputy | {"deputy_of": str(eva.id)}).status_code == 303
    own = f"{page}/{eva.id}"
    for form in (page, own):
        told = text_of(ana.get(form))
        assert "confirm and correct the list of this organisation, without signing in" in told
        assert "Once anybody is named, coordinators with an account get digests and that letter only if" in told
    away = typed | {"absent_from": "2026-11-01", "absent_until": "2026-11-30"}
    assert ana.post(own, data=opened(ana, own) | away).status_code == 303
    db.session.rollback()
    today = {recipient.email for recipient in of_organisation(db.session(), "brs", now().date())}
    assert today == {"Eva@brs.example", "ben@brs.example"}
    backwards = ana.post(own, data=opened(ana, own) | away | {"absent_until": "2026-10-01"})
    assert "before the first" in text_of(backwards)
    assert ana.post(f"{own}/remove", data=opened(ana, own, f"{own}/remove")).status_code == 303
    assert db.session.scalars(select(DigestRecipient)).all() == []
    noted = db.session.scalars(select(AuditEntry.action).where(AuditEntry.organisation_code == "brs"))
    assert [action for action in noted if action.startswith("digest")] == [
        "digest recipient added", "digest recipient added", "digest recipient changed", "digest recipient removed",
    ]  # fmt: skip


def test_coordinators_set_the_hour_and_weekly_digests(app, signed_in):
    ana = signed_in("ana@brs.example", brs="coordinator")
    fields = opened(ana, "/digests/brs/recipients", "/digests/brs/settings")
    assert ana.post("/digests/brs/settings", data=fields | {"hour": "15", "weekly": "y"}).status_code == 303
    db.session.rollback()
    row = db.session.get(DigestSettings, "brs")
    assert (row.hour, row.weekly) == (15, True)
    assert ana.post("/digests/brs/settings", data=fields | {"hour": "24"}).status_code == 422


def test_members_are_told_that_nobody_gets_their_digests(app, signed_in):
    told = "Nobody gets these digests at present"
    member = signed_in("ben@brs.example", brs="contributor")
    with transaction() as session:
        digests.send(session, ["brs"], EDITION, now(), LINKS)
    kept = db.session.scalars(select(DigestIssue)).one()
    page = text_of(member.get("/digests"))
    assert told in page
    assert kept.subject in page
    assert "It went to nobody yet." in text_of(member.get(f"/digests/{kept.id}"))
    add_recipient("ana@brs.example")
    assert told not in text_of(member.get("/digests"))


def test_whoever_chooses_a_language_is_told_in_which_digests_come(app, signed_in):
    page = text_of(signed_in("ana@brs.example", brs="coordinator").get("/digests/brs/recipients"))
    told = (
        'Digests come in these languages at present: <span lang="en">English</span> · <span lang="ar">العربية</span>.'
    )
    assert f"{told} For all others they are in English." in page


def test_others_set_nothing(app, signed_in):
    contributor = signed_in("ben@brs.example", brs="contributor")
    other = signed_in("toda@minamata.example", minamata="coordinator")
    for address in ("/digests/brs/recipients", "/digests/brs/recipients/1"):
        assert contributor.get(address).status_code == 403
        assert other.get(address).status_code == 404


def test_the_archive_asks_as_often_however_long_it_is(sent, signed_in):
    member = signed_in("ana@brs.example", brs="contributor")

    def asked() -> int:
        with counted_queries() as statements:
            member.get("/digests")
        return len(statements)

    asked()
    few = asked()
    with transaction() as session:
        kept = session.scalars(select(DigestIssue)).one()
        same = set(DigestIssue.__table__.columns.keys()) - {"id", "edition"}
        values = {name: getattr(kept, name) for name in same}
        for number in range(1, 13):
            session.add(DigestIssue(id=uuid.uuid4(), edition=f"2025-{number:02}", **values))
    assert asked() == few
