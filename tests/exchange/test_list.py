"""The list of an organisation by a letter's link: who gets in, what the buttons do, and that looking does nothing."""

from __future__ import annotations

import html
import re
from datetime import date
from io import BytesIO

import pytest
from docx import Document
from sqlalchemy import delete, func, select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import (
    AuditEntry,
    CalendarVersion,
    DigestRecipient,
    OutboxMessage,
    Revision,
    RoundPartner,
    RoundReply,
)
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import exchange_rounds
from calendar_app.services.exchange_rounds import Answer
from calendar_app.services.mail_links import MailLinks
from calendar_app.services.signatures import signed
from calendar_app.services.wording import Words
from tests.exchange.conftest import BRS, DECEMBER, MINAMATA, change, event, letters, link_in, revisions, work
from tests.web.forms import post
from tests.work.filling import fields_of

pytestmark = pytest.mark.either_database

TABLES = (Revision, OutboxMessage, AuditEntry, RoundReply)


def everything() -> tuple:
    """What any change would change."""
    db.session.rollback()
    counts = [db.session.scalar(select(func.count()).select_from(table)) for table in TABLES]
    answers = db.session.execute(select(RoundPartner.organisation_code, RoundPartner.answer)).all()
    return (*counts, sorted(map(tuple, answers)), db.session.get(CalendarVersion, 1).version)


def answer_of(code: str) -> exchange_rounds.PartnerAnswer:
    db.session.rollback()
    db.session.expire_all()
    return next(a for a in exchange_rounds.answers(db.session(), DECEMBER) if a.organisation == code)


def listed(browser, link: str) -> dict[str, list[str]]:
    """The fields of the first form of a list as a browser sends them."""
    return fields_of(browser.get(link).get_data(as_text=True), link)


def test_looking_changes_nothing_and_the_page_stays_between_its_readers(add_event, link, client):
    add_event(title="Own", first=date(2027, 2, 1), notes="Secret note.", visibility=Visibility.STEWARD)
    add_event(title="Of others", first=date(2027, 2, 1), steward="minamata")
    add_event(title="A draft", first=date(2027, 2, 1), stage=Stage.DRAFT)
    before = everything()
    answer = client.get(link())
    text = answer.get_data(as_text=True)
    assert client.head(link()).status_code == client.get(f"{link()}/sheet").status_code == 200
    assert everything() == before
    assert "Own" in text
    for hidden in ("Secret note", "Of others", "A draft"):
        assert hidden not in text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"


def test_confirming_all_confirms_what_was_shown_and_answers_for_the_organisation(add_event, link, client):
    own, other = add_event(title="Own"), add_event(title="Other", steward="minamata")
    sent = listed(client, link()) | {"act": "confirm-all"}
    late = add_event(title="Entered meanwhile")
    client.post(link(), data=sent)
    assert event(own).last_confirmed_by == f"Bo <{BRS}> (BRS), by the link of the round"
    assert event(own).last_confirmed_at == clock.now()
    assert revisions(own)[-1].action == "confirmed-as-right"
    assert event(other).last_confirmed_at is event(late).last_confirmed_at is None
    assert answer_of("brs").answer is Answer.REVIEWED
    assert answer_of("brs").answered_by == f"Bo <{BRS}> (BRS), by the link of the round"
    count = len(revisions(own))
    client.post(link(), data=sent)
    assert len(revisions(own)) == count


def test_pages_and_minutes_name_who_came_by_a_link_without_the_address(add_event, link, client, signed_in):
    own, theirs = add_event(title="Own"), add_event(title="Other", steward="minamata")
    for email in (BRS, MINAMATA):
        client.post(link(email), data=listed(client, link(email)) | {"act": "confirm-all"})
    eve = signed_in("eve@ozone.example", brs="coordinator", minamata="coordinator")
    said = {"Bo (BRS), by the link of the round", "(Minamata, by the link of the round)"}
    pages = (
        "/review/2026-12", "/exchange/2026-12", "/exchange/2026-12/of/brs", f"/events/{own}", f"/events/{own}/history",
        f"/events/{theirs}", f"/events/{theirs}/history",
    )  # fmt: skip
    texts = {page: html.unescape(re.sub(r"<[^>]+>", "", eve.get(page).get_data(as_text=True))) for page in pages}
    for page, text in texts.items():
        assert "by the link of the round" in text, page
        assert BRS not in text, page
        assert MINAMATA not in text, page
    assert all(words in texts["/review/2026-12"] for words in said)
    document = Document(BytesIO(eve.get("/review/2026-12/minutes.docx").data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "Bo (BRS), by the link of the round" in cells


def test_how_somebody_signed_is_said_in_the_language_of_the_reader():
    arabic = Words("ar")
    by_link = signed(arabic, "Bo <bo@brs.example> (BRS), by the link of the round")
    assert by_link.startswith("\u200f\u2068Bo (BRS)\u2069")
    assert "bo@brs.example" not in by_link
    assert signed(arabic, "Ana <3 (BRS)") == "Ana <3 (BRS)"
    assert signed(Words(), "a@b.example (BRS), by the sheet of the exchange round") == (
        "BRS, by the sheet of the exchange round"
    )


def test_single_events_are_confirmed_unless_they_changed_meanwhile(app, add_event, link, client):
    ticked, left = add_event(title="Ticked"), add_event(title="Left")
    sent = listed(client, link()) | {"act": "confirm", "event": [str(ticked)]}
    client.post(link(), data=sent)
    assert event(ticked).last_confirmed_at
    assert event(left).last_confirmed_at is None
    assert answer_of("brs").answer is Answer.OUTSTANDING
    sent = listed(client, link()) | {"act": "confirm-all"}
    change(left, venue="Hall 2")
    text = client.post(link(), data=sent, follow_redirects=True).get_data(as_text=True)
    assert "Not confirmed, because they changed meanwhile: Left" in text
    assert event(left).last_confirmed_at is None
    assert answer_of("brs").answer is Answer.OUTSTANDING


def test_a_form_without_its_token_and_events_of_others_change_nothing(add_event, link, client):
    own, other = add_event(title="Own"), add_event(title="Other", steward="minamata")
    sent = listed(client, link()) | {"act": "confirm-all"}
    before = everything()
    assert client.post(link(), data=sent | {"csrf_token": ""}).status_code == 400
    assert everything() == before
    client.post(link(), data=sent | {"row": [f"{other}:{revisions(other)[-1].id}"]})
    assert event(other).last_confirmed_at is event(own).last_confirmed_at is None


def test_a_link_is_good_for_its_own_organisation_round_and_address_alone(app, add_event, link, client):
    theirs, ours = link(MINAMATA), link()
    add_event(title="Of brs")
    assert "Of brs" not in client.get(theirs).get_data(as_text=True)
    links = MailLinks("", app.config["SECRET_KEY"])
    others = MailLinks("", "another key").token("round", "2026-12", "brs", BRS)
    unsubscribe = links.token("unsubscribe", "2026-12", "brs", BRS)
    other_round = links.token("round", "2027-02", "brs", BRS)
    for token in (others, unsubscribe, other_round, "none", ours.rpartition("/")[2][:-2]):
        assert client.get(f"/round/{token}").status_code == 404
    with transaction() as session:
        session.execute(delete(DigestRecipient).where(DigestRecipient.email == BRS))
    assert client.get(ours).status_code == 403
    assert "no longer answers" in client.get(ours).get_data(as_text=True)
    assert client.get(f"{ours}/sheet").status_code == 403


def test_a_closed_round_shows_the_frozen_list_and_refuses_answers(app, add_event, link, client):
    own = add_event(title="Own")
    sent = listed(client, link()) | {"act": "confirm-all"}
    work(app, "2026-11-27T23:30:00")
    before = everything()
    text = client.get(link()).get_data(as_text=True)
    assert "is closed" in text
    assert "Own" in text
    assert "/review/2026-12" in text
    assert "Confirm all" not in text
    text = client.post(link(), data=sent, follow_redirects=True).get_data(as_text=True)
    assert "The round was closed meanwhile. Nothing was changed." in text
    assert everything() == before
    assert event(own).last_confirmed_at is None
    with pytest.raises(exchange_rounds.RoundClosedError):
        exchange_rounds.answer(db.session(), DECEMBER, "brs", Answer.REVIEWED, "late", clock.now())


def test_coordinators_answer_signed_in_and_the_workspace_asks_only_those_who_are_outstanding(
    opened, add_event, signed_in
):
    own = add_event(title="Own")
    ana = signed_in("ana@brs.example", brs="coordinator")
    asked = "The exchange round is open until 27 November 2026"
    assert asked in ana.get("/workspace").get_data(as_text=True)
    page = "/exchange/2026-12/of/brs"
    ana.post(page, data=listed(ana, page) | {"act": "confirm-all"})
    assert event(own).last_confirmed_by == "Ana (BRS)"
    assert answer_of("brs").answered_by == "Ana (BRS)"
    assert asked not in ana.get("/workspace").get_data(as_text=True)
    assert "by Ana (BRS)." in ana.get(f"/events/{own}").get_data(as_text=True)


def test_the_convener_reminds_now_and_only_those_who_are_outstanding(app, link, client, signed_in):
    ana = signed_in("ana@brs.example", brs="coordinator")
    page, address = "/exchange/2026-12", "/exchange/2026-12/remind"
    post(client, link(), {"act": "nothing-to-add"})
    count = len(letters())
    for _times in range(2):
        post(ana, address, page=page)
    assert [letter.to_email for letter in letters()[count:]] == [MINAMATA]
    assert link_in(letters(MINAMATA)[-1])
    eva = signed_in("eva@minamata.example", minamata="coordinator")
    assert post(eva, address, page=page).status_code == 403


def test_the_convener_sets_the_cycle_after_seeing_its_next_dates(opened, signed_in):
    ana = signed_in("ana@brs.example", brs="coordinator")
    typed = {"opens_day": "10", "closes_day": "24", "reminds_days": "1", "convener": "brs"}
    shown = post(ana, "/exchange/settings", typed).get_data(as_text=True)
    assert "24 December 2026" in shown
    closes = lambda: exchange_rounds.of_month(db.session(), DECEMBER).closes_on  # noqa: E731
    assert closes() == date(2026, 11, 27)
    assert post(ana, "/exchange/settings", typed | {"closes_day": "9"}).status_code == 422
    assert post(ana, "/exchange/settings", typed | {"convener": "minamata"}).status_code == 422
    post(ana, "/exchange/settings", typed | {"save": "1"})
    db.session.rollback()
    assert closes() == date(2026, 11, 24)
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "cycle changed"))
    assert entry.details["after"] == {"opens": 10, "closes": 24, "reminds": 1}


def test_a_link_shows_the_list_as_it_is_now_only_until_the_round_is_closed(app, add_event, link, client):
    add_event(title="Own", first=date(2027, 2, 1))
    page = link()
    work(app, "2026-11-27T23:30:00")
    add_event(title="Planned afterwards", first=date(2027, 3, 1))
    answer = client.get(f"{page}/sheet")
    assert answer.status_code == 303
    assert "Planned afterwards" not in client.get(page).get_data(as_text=True)
