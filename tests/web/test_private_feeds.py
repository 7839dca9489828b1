"""Private feeds: a token's life, what it gives to whom, and what is written about it where."""

from __future__ import annotations

import hashlib
import io
import logging
import re
import time
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from icalendar import Calendar
from sqlalchemy import Engine, create_engine, select, text

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, AuditEntry, CalendarVersion, Event, Membership, PrivateFeed
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import Stage, Status, Visibility
from calendar_app.services import accounts, events, feed_entries, private_feeds
from calendar_app.services.access import person_of
from calendar_app.services.records import Option, record_of
from calendar_app.services.reference import reference
from tests.conftest import counted_queries
from tests.people import browser_of
from tests.web.forms import post
from tests.web.private_feeds import address_on, make_private_feed, unfolded

pytestmark = pytest.mark.either_database

# What is no token: of another length, of other signs, of none, and one that nobody was given.
WRONG = ("A" * 43, "", "x", "a" * 3000, "%00", "..", "%2e%2e", "\ud800", "é", "' OR 1=1 --", "{{7*7}}", "a/b", "💥")


@pytest.fixture
def ana(add_account) -> int:
    """A contributor of brs."""
    return add_account("ana@brs.example", brs="contributor")


@pytest.fixture
def browser(app, ana):
    """Her browser."""
    return browser_of(app, ana)


def summaries(client, address: str) -> dict[str, str]:
    """The titles in a feed with what each has as STATUS."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.data
    return {str(event["SUMMARY"]): str(event["STATUS"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")}


def change(event_id, **values) -> None:
    with transaction() as session:
        event = session.get(Event, event_id)
        events.change(
            session, event, replace(record_of(event), **values), events.Change("test", clock.now()), reference()
        )


def in_row(ana: int) -> PrivateFeed:
    db.session.rollback()
    (feed,) = private_feeds.of_account(db.session(), ana)
    return feed


def test_an_address_lives_from_its_making_until_it_is_replaced_or_revoked(browser, client, ana, add_event):
    add_event(title="Meeting")
    first = make_private_feed(browser, "?convention=basel", "Basel for me")
    assert len(re.fullmatch(r"/feeds/private/([\w-]+)\.ics", first)[1]) == 43
    assert summaries(client, first) == {"Meeting": "CONFIRMED"}
    page = browser.get("/subscribe").get_data(as_text=True)
    assert "Basel for me" in page
    feed_id = in_row(ana).id
    answer = post(browser, f"/subscribe/private/{feed_id}/replace", page="/subscribe")
    second = address_on(answer.get_data(as_text=True))
    assert second != first
    assert client.get(first).status_code == 404
    assert summaries(client, second) == {"Meeting": "CONFIRMED"}
    assert (in_row(ana).name, in_row(ana).query) == ("Basel for me", "?convention=basel")
    answer = post(browser, f"/subscribe/private/{feed_id}/revoke", page="/subscribe", follow_redirects=True)
    assert "is revoked" in answer.get_data(as_text=True)
    assert client.get(second).status_code == 404
    assert private_feeds.of_account(db.session(), ana) == []


def test_an_address_is_shown_once_and_kept_as_a_digest_alone(browser, ana):
    address = make_private_feed(browser)
    token = address.rpartition("/")[2].removesuffix(".ics")
    assert in_row(ana).token_digest == hashlib.sha256(token.encode()).hexdigest()
    for page in ("/subscribe", "/account", "/workspace"):
        assert token not in browser.get(page).get_data(as_text=True)
    stored = [str(row) for table in db.metadata.sorted_tables for row in db.session.execute(select(table))]
    assert stored
    assert not [row for row in stored if token in row]
    # Nor is it in what it gives, which may be passed on.
    assert token not in browser.get(address).get_data(as_text=True).replace("\r\n ", "")


def test_the_audit_log_says_who_made_replaced_and_revoked_what(browser, ana, signed_in):
    make_private_feed(browser, name="Mine")
    feed_id = in_row(ana).id
    post(browser, f"/subscribe/private/{feed_id}/replace", page="/subscribe")
    post(browser, f"/subscribe/private/{feed_id}/revoke", page="/subscribe")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(e.actor, e.action, e.subject, e.details) for e in entries] == [
        ("Ana", f"private address {done}", "ana@brs.example: Mine", {}) for done in ("made", "replaced", "revoked")
    ]
    html = signed_in("root@example.org", system_administrator=True).get("/admin/audit").get_data(as_text=True)
    assert "Private address replaced" in html


def test_it_gives_what_the_owner_sees_and_says_what_is_not_public(browser, client, add_event):
    add_event(title="Public")
    add_event(title="For members", visibility=Visibility.MEMBERS, steward="minamata")
    add_event(title="For us", visibility=Visibility.STEWARD)
    add_event(title="For them", visibility=Visibility.STEWARD, steward="minamata")
    for stage in (Stage.DRAFT, Stage.SUBMITTED, Stage.CHANGES_REQUESTED, Stage.REJECTED):
        add_event(title=f"Ours {stage}", stage=stage)
        add_event(title=f"Theirs {stage}", stage=stage, steward="minamata")
    add_event(title="Ours on a date", stage=Stage.SCHEDULED, publish_on=date(2027, 1, 1))
    add_event(title="Off", stage=Stage.DRAFT, status=Status.CANCELLED)
    assert summaries(client, make_private_feed(browser)) == {
        "Public": "CONFIRMED",
        "[Members only] For members": "CONFIRMED",
        "[Internal] For us": "CONFIRMED",
        "[Draft] Ours draft": "TENTATIVE",
        "[Not decided yet] Ours submitted": "TENTATIVE",
        "[Changes asked for] Ours changes-requested": "TENTATIVE",
        "[Not published yet] Ours on a date": "TENTATIVE",
        "[Draft] [CANCELLED] Off": "CANCELLED",
    }
    assert summaries(client, "/feeds/all.ics") == {"Public": "CONFIRMED"}


def test_no_internal_field_and_no_candidate_date_is_in_it(browser, client, add_event):
    option = Option(date(2027, 5, 1), date(2027, 5, 2), "Secret town", note="Secret note", held_until=date(2026, 12, 1))
    add_event(
        title="Meeting", notes="Secret notes", staffing="Secret staff", expected_participants=918_273,
        key_persons=("Secret person",), options=(option,),
    )  # fmt: skip
    add_event(title="Only candidates", first=None, precision=Precision.WORDS, date_text="some day", options=(option,))
    content = unfolded(client.get(make_private_feed(browser, "?tbc=1")))
    assert content.count("BEGIN:VEVENT") == 1
    assert not [hidden for hidden in ("Secret", "918273", "202705") if hidden in content]


def test_the_filter_language_and_options_are_those_that_were_chosen(browser, client, add_event):
    add_event(title="Meeting", titles={"en": "Meeting", "fr": "Réunion"}, kind="workshop", status=Status.CANCELLED)
    add_event(title="Of minamata", processes=("minamata",), kind="workshop")
    add_event(title="Vague", kind="workshop", first=date(2027, 4, 1), last=date(2027, 4, 30), precision=Precision.MONTH)
    address = make_private_feed(browser, "?convention=basel&kind=workshop&tbc=1&cancelled=keep&lang=fr")
    assert summaries(client, address) == {"[CANCELLED] Réunion": "TENTATIVE", "(April 2027) Vague": "TENTATIVE"}
    # A list speaks as the page does on which it was chosen.
    post(browser, "/account", {"name": "Ana", "language": "fr"})
    assert "[CANCELLED] Réunion" in summaries(client, make_private_feed(browser, "?cancelled=keep"))
    assert "[CANCELLED] Meeting" in summaries(client, make_private_feed(browser, "?cancelled=keep&lang=en"))


def test_what_becomes_public_loses_its_word_and_subscribers_notice(browser, client, add_event):
    event_id = add_event(title="Meeting", stage=Stage.DRAFT)
    address = make_private_feed(browser)
    before = Calendar.from_ical(client.get(address).data).walk("VEVENT")[0]
    tag = client.get(address).headers["ETag"]
    change(event_id, stage=Stage.PUBLISHED)
    after = Calendar.from_ical(client.get(address).data).walk("VEVENT")[0]
    assert (before["SUMMARY"], after["SUMMARY"]) == ("[Draft] Meeting", "Meeting")
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert client.get(address).headers["ETag"] != tag


def test_what_the_public_saw_until_lately_is_cancelled_and_what_nobody_saw_is_left_out(browser, client, add_event):
    shown, hidden, never = (
        add_event(title="Withdrawn"),
        add_event(title="Less shown"),
        add_event(title="No", stage="draft"),
    )
    other = add_event(title="Other secret", steward="minamata")
    address = make_private_feed(browser)
    change(shown, stage=Stage.WITHDRAWN)
    change(never, stage=Stage.WITHDRAWN)
    change(hidden, visibility=Visibility.STEWARD)
    change(other, visibility=Visibility.STEWARD)
    assert summaries(client, address) == {
        "[Withdrawn] Withdrawn": "CANCELLED", "[Internal] Less shown": "CONFIRMED", "[CANCELLED]": "CANCELLED",
    }  # fmt: skip
    kept = make_private_feed(browser, "?cancelled=keep")
    assert summaries(client, kept)["[Withdrawn] Withdrawn"] == "TENTATIVE"
    # Its days are taken from it: there is nothing left to show to who sees more than a tombstone.
    change(shown, span=None, precision=Precision.WORDS, date_text="some day")
    assert set(summaries(client, address)) == {"[Internal] Less shown", "[CANCELLED]"}
    assert client.get("/feeds/all.ics").data.count(b"BEGIN:VEVENT") == 3


def test_a_part_is_the_same_in_every_feed(browser, client, add_event):
    hidden = add_event(title="Hidden", stage=Stage.DRAFT)
    part = add_event(title="Part", part_of=hidden)
    public, private = (
        next(
            component.to_ical()
            for component in Calendar.from_ical(client.get(address).data).walk("VEVENT")
            if component["UID"] == str(part)
        )
        for address in ("/feeds/all.ics", make_private_feed(browser))
    )
    assert public == private
    assert str(hidden).encode() not in private


def test_leaving_an_organisation_takes_its_events_away_with_the_next_request(browser, client, ana, add_event):
    add_event(title="Public")
    add_event(title="For members", visibility=Visibility.MEMBERS, steward="minamata")
    add_event(title="Ours", stage=Stage.DRAFT)
    address = make_private_feed(browser)
    assert len(summaries(client, address)) == 3
    tag = client.get(address).headers["ETag"]
    with transaction() as session:
        session.add(Membership(account_id=ana, organisation_code="gfc", role="contributor"))
    with transaction() as session:
        by = person_of(session.get_one(Account, ana))
        accounts.remove_member(session, session.get_one(Membership, (ana, "brs")), by=by, now=clock.now())
    assert set(summaries(client, address)) == {"Public", "[Members only] For members"}
    with transaction() as session:
        accounts.remove_member(session, session.get_one(Membership, (ana, "gfc")), by=by, now=clock.now())
    answer = client.get(address, headers={"If-None-Match": tag, "If-Modified-Since": "Fri, 01 Jan 2027 00:00:00 GMT"})
    assert answer.status_code == 200
    assert set(summaries(client, address)) == {"Public"}


def test_rights_that_wait_for_a_second_step_wait_in_feeds_too(app, browser, client, ana, add_event):
    add_event(title="Public")
    add_event(title="Ours", stage=Stage.DRAFT)
    address = make_private_feed(browser)
    app.config["DEVELOPMENT"] = False
    assert len(summaries(client, address)) == 2
    with transaction() as session:
        session.get_one(Membership, (ana, "brs")).role = "coordinator"
    assert set(summaries(client, address)) == {"Public"}
    with transaction() as session:
        session.get_one(Account, ana).tf_totp_secret = "set up"
    assert len(summaries(client, address)) == 2


def test_closing_an_account_ends_its_addresses_for_good(browser, client, ana, add_account):
    address = make_private_feed(browser)
    root = add_account("root@example.org", system_administrator=True)
    with transaction() as session:
        session.get_one(Account, ana).active = False
    assert client.get(address).status_code == 404
    with transaction() as session:
        by, account = person_of(session.get_one(Account, root)), session.get_one(Account, ana)
        accounts.deactivate(session, account, by=by, now=clock.now())
        accounts.reactivate(session, account, by=by, now=clock.now())
    assert client.get(address).status_code == 404
    assert private_feeds.of_account(db.session(), ana) == []
    assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.account_id == root)).all() == [
        "private address revoked", "account closed", "account opened again",
    ]  # fmt: skip


def test_an_account_that_is_removed_takes_its_feeds_along(browser, ana):
    make_private_feed(browser)
    with transaction() as session:
        for table in ("sign_ins", "memberships", "audit_entries", "accounts"):
            column = "id" if table == "accounts" else "account_id"
            session.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": ana})
    assert db.session.scalars(select(PrivateFeed)).all() == []


def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(browser, client, ana):
    revoked, replaced, closed = (make_private_feed(browser, name=name) for name in ("one", "two", "three"))
    one, two, _three = private_feeds.of_account(db.session(), ana)
    post(browser, f"/subscribe/private/{one.id}/revoke", page="/subscribe")
    post(browser, f"/subscribe/private/{two.id}/replace", page="/subscribe")
    with transaction() as session:
        session.get_one(Account, ana).active = False
    wrong = [f"/feeds/private/{quote(token.encode('utf-8', 'surrogatepass'))}.ics" for token in WRONG]
    answers, statements = [], []
    for address in (revoked, replaced, closed, closed.removesuffix(".ics"), *wrong):
        with counted_queries() as asked:
            answer = client.get(address)
        answers.append((answer.status_code, answer.data, [header for header in answer.headers if header[0] != "Date"]))
        # What no rule of an address fits, asks nothing.
        statements += [asked] if asked else []
    assert len(statements) >= 10
    assert all(answer == answers[0] for answer in answers), answers
    assert all(asked == statements[0] for asked in statements)
    status, body, headers = answers[0]
    assert (status, dict(headers)["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert b"mistyped, or it was replaced or revoked" in body
    for name, value in (
        ("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex"), ("Cache-Control", "no-store"),
    ):  # fmt: skip
        assert dict(headers)[name] == value


def test_a_token_is_compared_in_constant_time(browser, client, monkeypatch):
    address = make_private_feed(browser)
    compared = []
    same = private_feeds.hmac.compare_digest
    monkeypatch.setattr(private_feeds.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or same(a, b))
    for wanted in (address, "/feeds/private/none.ics"):
        client.get(wanted)
    assert [len(a) == len(b) == 64 for a, b in compared] == [True, True]
    monkeypatch.setattr(private_feeds.hmac, "compare_digest", lambda _a, _b: False)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "POST", "PROPFIND", "REPORT", "DELETE", "PATCH", "MKCALENDAR"])
def test_it_cannot_be_written_to(browser, client, method):
    for address in (make_private_feed(browser), "/feeds/private/none.ics"):
        answer = client.open(address, method=method, data=b"BEGIN:VCALENDAR")
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert answer.mimetype == "text/plain"


def test_parameters_are_refused_whatever_the_token(browser, client):
    for query in ("?lang=fr", "?convention=basel", "?utm_source=mail", "?%00=1", "?<script>=1"):
        answers = [
            (answer.status_code, answer.data)
            for answer in (client.get(a + query) for a in (make_private_feed(browser), "/feeds/private/none.ics"))
        ]
        assert answers[0] == answers[1]
        assert answers[0][0] == 400
        assert b"is not a filter" in answers[0][1]


def test_it_is_kept_by_nobody_but_its_reader_and_only_with_its_tag(browser, client, add_event):
    add_event()
    address = make_private_feed(browser)
    answer = client.get(address)
    assert answer.content_type == "text/calendar; charset=utf-8"
    for name, value in (
        ("Cache-Control", "private, no-cache"), ("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex"),
    ):  # fmt: skip
        assert answer.headers[name] == value
    assert "Last-Modified" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "private, no-cache")
    assert client.get(address, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    assert client.head(address).data == b""
    # Whoever is signed in where it is read makes no difference.
    assert browser.get(address).data == answer.data


def test_a_use_is_noted_once_an_hour_and_changes_nothing_else(browser, client, ana, add_event, monkeypatch):
    add_event()
    address = make_private_feed(browser)
    assert "Never used yet" in browser.get("/subscribe").get_data(as_text=True)
    version = db.session.get_one(CalendarVersion, 1).version
    begun, noted = clock.now(), []
    for minutes in (0, 1, 59, 60, 61, 119, 121):
        monkeypatch.setattr(clock, "fixed", begun + timedelta(minutes=minutes))
        with counted_queries() as statements:
            assert client.get(address).status_code == 200
        noted.append([s.split()[0] for s in statements if not s.startswith("SELECT")])
        db.session.rollback()
    assert noted == [["UPDATE"], [], [], ["UPDATE"], [], [], ["UPDATE"]]
    assert in_row(ana).last_used_at == begun + timedelta(minutes=121)
    assert db.session.get_one(CalendarVersion, 1).version == version
    assert "Never used yet" not in browser.get("/subscribe").get_data(as_text=True)


def test_a_use_that_cannot_be_noted_now_is_not_waited_for(app, browser, client, ana, add_event):
    add_event()
    address = make_private_feed(browser)
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    db.session.rollback()
    other: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with other.connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE" if url.startswith("sqlite") else "BEGIN")
        writer.exec_driver_sql("UPDATE private_feeds SET name = 'held'")
        begun = time.monotonic()
        assert client.get(address).status_code == 200
        assert time.monotonic() - begun < 2
        writer.exec_driver_sql("ROLLBACK")
    other.dispose()
    assert in_row(ana).last_used_at is None
    assert client.get(address).status_code == 200
    assert in_row(ana).last_used_at == clock.now()
    # Who writes afterwards waits for others again.
    if url.startswith("sqlite"):
        assert db.session.execute(text("PRAGMA busy_timeout")).scalar() == 10_000


def test_a_note_that_fails_does_not_fail_the_request(browser, client, monkeypatch, ana):
    address = make_private_feed(browser)
    monkeypatch.setattr(
        private_feeds, "note_use", lambda session, *_rest: session.execute(text("UPDATE nothing SET a = 1"))
    )
    assert client.get(address).status_code == 200
    assert in_row(ana).last_used_at is None


def test_no_log_has_the_token_even_when_the_page_fails(app, browser, client, monkeypatch, ana):
    address = make_private_feed(browser)
    token = address.rpartition("/")[2].removesuffix(".ics")
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger()
    before = logger.level, app.logger.level, app.testing
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    app.logger.setLevel(logging.DEBUG)
    app.testing = False
    try:
        assert client.get(address).status_code == 200
        assert client.get(address + "x").status_code == 404

        def fail(*_given: object) -> bytes:
            db.session.execute(select(PrivateFeed).where(PrivateFeed.token_digest == token))
            db.session.execute(text("SELECT nothing FROM nowhere WHERE token = :token"), {"token": token})
            return b""

        monkeypatch.setattr(feed_entries, "written", fail)
        assert client.get(address).status_code == 500
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        app.logger.setLevel(before[1])
        app.testing = before[2]
    assert "/feeds/private/<token>.ics" in written.getvalue()
    assert "Traceback" in written.getvalue()
    assert token not in written.getvalue()


def test_a_value_that_is_no_longer_one_finds_nothing_and_is_named(browser, client, ana, add_event):
    gone = add_event(title="In the town", city="Zztown", country="CH", processes=("basel",))
    add_event(title="Of minamata", processes=("minamata",))
    address = make_private_feed(browser, "?city=zztown")
    both = make_private_feed(browser, "?convention=minamata", "Both")
    with transaction() as session:
        session.get_one(
            PrivateFeed, private_feeds.of_account(session, ana)[1].id
        ).query = "?convention=minamata&convention=vienna&own=vienna&lang=xx"
    assert set(summaries(client, address)) == {"In the town"}
    change(gone, city="Geneva")
    # Not everything, because the one thing that was chosen is gone; and never an error.
    assert summaries(client, address) == {}
    assert set(summaries(client, both)) == {"Of minamata"}
    page = browser.get("/subscribe").get_data(as_text=True)
    assert "No longer to be chosen, so that nothing is found by it: zztown" in page
    assert "nothing is found by it: vienna" in page


def test_there_is_a_limit_for_each_person(app, browser, ana, add_account, monkeypatch):
    monkeypatch.setattr(private_feeds, "MOST_OF_A_PERSON", 2)
    for _number in range(2):
        make_private_feed(browser)
    answer = post(browser, "/subscribe", {"name": "Third"})
    assert answer.status_code == 422
    assert "You have 2 private addresses" in answer.get_data(as_text=True)
    assert len(private_feeds.of_account(db.session(), ana)) == 2
    make_private_feed(browser_of(app, add_account("bo@brs.example", brs="contributor")))


@pytest.mark.parametrize(("name", "wrong"), [("", "type a name"), ("  \u202e ", "type a name"), ("x" * 101, "100")])
def test_a_name_is_one_line_of_up_to_a_hundred_characters(browser, ana, name, wrong):
    answer = post(browser, "/subscribe?convention=basel", {"name": name})
    assert answer.status_code == 422
    assert wrong in answer.get_data(as_text=True)
    assert private_feeds.of_account(db.session(), ana) == []


def test_a_name_is_shown_as_text_and_is_the_name_of_the_calendar(browser, client):
    address = make_private_feed(browser, name="<b>Mine</b>,\n now; and then")
    page = browser.get("/subscribe").get_data(as_text=True)
    assert "<b>Mine" not in page
    assert "&lt;b&gt;Mine&lt;/b&gt;, now; and then" in page
    assert r"X-WR-CALNAME:<b>Mine</b>\, now\; and then" in unfolded(client.get(address))


def test_addresses_of_others_are_neither_listed_nor_reached(app, browser, ana, client, add_account):
    address = make_private_feed(browser, name="Of Ana")
    other = browser_of(app, add_account("bo@brs.example", brs="administrator"))
    feed_id = in_row(ana).id
    assert "Of Ana" not in other.get("/subscribe").get_data(as_text=True)
    for act in ("replace", "revoke"):
        assert post(other, f"/subscribe/private/{feed_id}/{act}", page="/subscribe").status_code == 404
        assert client.post(f"/subscribe/private/{feed_id}/{act}").status_code == 400
    assert client.get(address).status_code == 200
