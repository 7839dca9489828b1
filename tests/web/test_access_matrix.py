"""Every route and method, tried as everybody. A new route without a row in `rights.ROWS` is a failure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import (
    Account,
    DigestIssue,
    DigestRecipient,
    ExchangeRound,
    Import,
    Invitation,
    OutboxMessage,
    Proposal,
    ReviewDecision,
    StoredFinding,
    Submission,
)
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import exchange_rounds, private_feeds, reviews, round_replies, sheets, sources
from calendar_app.services.access import person_of
from calendar_app.services.filters import EventFilter
from calendar_app.services.records import Option
from tests.conftest import ON_SQLITE
from tests.mail.letters import put
from tests.people import browser_of
from tests.web.actors import ACTORS, Actor, account_of
from tests.web.rights import ALLOWED, FORBIDDEN, IN, MISSING, ROWS, expected

if TYPE_CHECKING:
    from collections.abc import Callable

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE")
# What a stranger is answered on the addresses of an event that is not public, by any method that reads.
KEEPS_WHAT_WAS_TYPED = {"/submit"}
# Mail programs send it without having seen a form (RFC 8058); whoever has the token may do this one thing.
WITHOUT_FORM = {"/mail/unsubscribe/<token>"}
HIDDEN = ("/events/{}", "/events/{}.ics")


@dataclass
class World:
    """One of everything that stands in addresses, made anew for each request, because requests change things."""

    add_event: Callable[..., uuid.UUID]
    proposer: int
    sender: int
    hidden: bool
    weeks: int = 0

    def address(self, rule: str) -> str:
        """Return the address of a rule with values that exist."""
        values = {
            "<convention>": lambda: "basel",
            "<int(max=2147483647):number>": self._action,
            "<path:filename>": lambda: "css/site.css",
            "<token>": lambda: "none",
            "<name>": lambda: "cities",
            "<kind>": lambda: "workshop",
            "<step>": lambda: "reminder",
            "<slot>": lambda: "statements",
            "<int:number>": lambda: "0",
            "<any(coming, past):listed>": lambda: "coming",
            "<any(csv, xlsx, docx):form>": lambda: "docx",
            "<any(close, open, end):act>": lambda: "end",
            "<any(again, aside):act>": lambda: "aside",
            "<uuid:letter>": self._letter,
            "<any(pause, resume):act>": lambda: "pause",
            "<slug>": self._source,
            "<event_id>": lambda: str(self._event()),
            "<uuid:submission_id>": self._submission,
            "<uuid:proposal_id>": self._proposal,
            "<uuid:finding_id>": self._finding,
            "<uuid:import_id>": self._import,
            "<int(max=2147483647):account_id>": lambda: str(self.sender),
            "<int(max=2147483647):invitation_id>": self._invitation,
            "<int(max=2147483647):feed_id>": self._private_feed,
            "<uuid:issue_id>": self._issue,
            "<int(max=2147483647):recipient_id>": self._recipient,
            "<month>": lambda: "2026-11" if "/review/" in rule else self._round(closed=rule.endswith(".csv")),
            "<uuid:reply_id>": self._reply,
            "<code>": lambda: "geneva" if "/lists/" in rule else "brs",
        }
        for name, value in values.items():
            if name in rule:
                rule = rule.replace(name, value())
        assert "<" not in rule, f"no value for {rule}"
        return rule

    @staticmethod
    def _source() -> str:
        with transaction() as session:
            # Nobody listens there: what asks it is answered at once that nobody does.
            values = {"url": "http://127.0.0.1:1/none.ics", "kind": "ics", "trust": "direct", "timezone": "UTC"}
            slug = uuid.uuid4().hex
            sources.add(session, values | {"slug": slug, "name": slug, "owner_code": "brs", "rules": []}, clock.now())
        return slug

    def _week(self) -> date:
        """Return the Monday of a week of its own, so that events of different requests do not meet."""
        self.weeks += 2
        return date(2027, 3, 1) + timedelta(weeks=self.weeks)

    def _event(self) -> uuid.UUID:
        first = self._week()
        option = Option(first + timedelta(3), first + timedelta(4), held_until=date(2026, 12, 1))
        visibility = Visibility.STEWARD if self.hidden else Visibility.PUBLIC
        return self.add_event(title="Of brs", first=first, options=(option,), visibility=visibility, kind="webinar")

    def _submission(self) -> str:
        submission_id = uuid.uuid4()
        event_id = self.add_event(title="Sent in", first=self._week(), stage=Stage.SUBMITTED)
        with transaction() as session:
            session.add(
                Submission(
                    id=submission_id, key=uuid.uuid4().hex, event_id=event_id, organisation_code="brs",
                    account_id=self.sender, name="Sender", email="sender@example.org", language="en", form={},
                    created_at=clock.now(), confirmed_at=clock.now(),
                )
            )  # fmt: skip
        return str(submission_id)

    def _proposal(self) -> str:
        proposal_id, event_id = uuid.uuid4(), self._event()
        with transaction() as session:
            session.add(
                Proposal(
                    id=proposal_id, event_id=event_id, proposed_by_id=self.proposer, organisation_code="minamata",
                    before={"venue": ""}, after={"venue": "Hall 2"}, reason="It moved.", state="open",
                    created_at=clock.now(),
                )
            )  # fmt: skip
        return str(proposal_id)

    def _finding(self) -> str:
        values = {"first": self._week(), "kind": "cop", "audiences": ("chemicals-delegates",), "format": "in-person"}
        brs = self.add_event(title="Of brs", city="Geneva", country="CH", **values)
        minamata = self.add_event(title="Of minamata", city="Nairobi", country="KE", steward="minamata", **values)
        both = StoredFinding.a_id.in_((brs, minamata)), StoredFinding.b_id.in_((brs, minamata))
        found = db.session.scalars(select(StoredFinding).where(*both, StoredFinding.kind == "clash")).one()
        return str(found.id)

    @staticmethod
    def _import() -> str:
        made = Import(
            id=uuid.uuid4(), organisation_code="brs", actor="Ana (BRS)", filename="a.csv", made_at=clock.now(),
            data=b"title,start\nA meeting,2027-03-01\n", state="preview", choices={}, report={},
            settings={"header": 1, "columns": ["title", "start"]},
        )  # fmt: skip
        with transaction() as session:
            session.add(made)
            return str(made.id)

    def _round(self, *, closed: bool = False) -> str:
        month = date(2027, 1, 1) if closed else date(2026, 12, 1)
        day, state = clock.today(), exchange_rounds.CLOSED if closed else exchange_rounds.OPEN
        with transaction() as session:
            found = session.get(ExchangeRound, month) or ExchangeRound(month=month, opened_at=clock.now())
            found.opens_on = found.closes_on = found.digests_on = day
            found.state, found.closed_at = state, clock.now() if closed else None
            session.add(found)
        return f"{month:%Y-%m}"

    def _reply(self) -> str:
        self._round()
        with transaction() as session:
            reply = round_replies.store(
                session, sheets.Sheet(), "sheet.csv", date(2026, 12, 1), "brs", "somebody", clock.now()
            )
            return str(reply.id)

    def _action(self) -> str:
        month = date(2026, 11, 1)
        with transaction() as session:
            reviews.begun(session, month)
            action = ReviewDecision(
                month=month, line="other", subject="Any", text="Write", owner_organisation="brs", state="open",
                made_at=clock.now(), made_by="Ana (BRS)", version=1,
            )  # fmt: skip
            session.add(action)
            session.flush()
            return str(action.id)

    def _private_feed(self) -> str:
        with transaction() as session:
            by = person_of(session.get_one(Account, self.sender))
            private_feeds.make(session, "Mine", EventFilter(), by=by, now=clock.now())
            made = private_feeds.of_account(session, self.sender)[-1]
            return str(made.id)

    def _issue(self) -> str:
        with transaction() as session:
            issue = DigestIssue(
                id=uuid.uuid4(), organisation_code="brs", edition=uuid.uuid4().hex[:10], language="en",
                since=clock.now(), composed_at=clock.now(), subject="Digest", text="Text", html="<p>", ics="",
            )  # fmt: skip
            session.add(issue)
            return str(issue.id)

    def _recipient(self) -> str:
        with transaction() as session:
            row = DigestRecipient(organisation_code="brs", kind="person", email=f"{uuid.uuid4().hex}@brs.example")
            session.add(row)
            session.flush()
            return str(row.id)

    @staticmethod
    def _letter() -> str:
        key = uuid.uuid4().hex
        put("nobody at all", key=key)
        return str(db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)))

    def _invitation(self) -> str:
        with transaction() as session:
            invitation = Invitation(
                token_digest=uuid.uuid4().hex, email="new@example.org", organisation_code="brs", role="contributor",
                language="en", created_at=clock.now(), expires_at=clock.now() + timedelta(days=14),
            )  # fmt: skip
            session.add(invitation)
            session.flush()
            return str(invitation.id)


@pytest.fixture
def world(app, add_event, add_account):
    """Make worlds; without tokens of forms, which have a test of their own below."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    proposer = add_account("proposer@example.org", minamata="coordinator")
    sender = add_account("sender@example.org", brs="contributor")
    return lambda *, hidden: World(add_event, proposer, sender, hidden)


def test_every_route_has_a_row_and_every_row_a_route(app):
    assert {rule.rule for rule in app.url_map.iter_rules()} == set(ROWS)


def test_a_row_says_which_methods_a_route_has(app):
    methods: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        methods.setdefault(rule.rule, set()).update(rule.methods or ())
    for rule, (read, send) in ROWS.items():
        wanted = {"OPTIONS"} | ({"GET", "HEAD"} if read else set()) | ({"POST"} if send else set())
        assert methods[rule] == wanted, rule


@ON_SQLITE
@pytest.mark.parametrize("name", ACTORS)
def test_each_route_answers_each_person_as_written(app, world, name):
    assert_answers(app, world(hidden=False), ACTORS[name])


@pytest.mark.parametrize("name", ACTORS)
def test_each_route_of_an_event_that_is_not_public_answers_each_person_as_written(app, world, name):
    assert_answers(app, world(hidden=True), ACTORS[name])


def assert_answers(app, made: World, actor: Actor) -> None:
    """Ask every route as somebody, of an event that is hidden only those of an event."""
    someone, hidden = account_of(actor), made.hidden
    wrong = []
    for rule, row in ROWS.items():
        if hidden and "<event_id>" not in rule:
            continue
        for method, who in zip(("GET", "POST"), row, strict=True):
            if who is None:
                continue
            # A browser of its own: some requests end what the browser was.
            browser = app.test_client() if someone is None else browser_of(app, someone)
            address = made.address(rule)
            answer = browser.open(address, method=method)
            found, wanted = outcome(answer, rule), expected(who, actor, hidden=hidden)
            if found != wanted:
                wrong.append(f"{method} {rule}: {found} ({answer.status_code}), not {wanted}")
            answer.close()
    assert not wrong, "\n".join(wrong)


def outcome(answer, rule: str) -> object:
    """Put an answer into the words of the rows."""
    location = answer.headers.get("Location", "")
    leads_there_anyhow = rule.startswith(("/sign-", "/password/forgot"))
    if answer.status_code == 303 and location.startswith("/sign-in") and not leads_there_anyhow:
        return IN
    if answer.status_code == 410:
        return MISSING
    if answer.status_code in {FORBIDDEN, MISSING}:
        return answer.status_code
    # The tests' tables are not made by migrations: tests/test_health.py looks at /readyz closely.
    assert answer.status_code < 500 or rule == "/readyz", (rule, answer.status_code)
    return ALLOWED


@ON_SQLITE
def test_no_form_is_taken_without_its_token(app, add_event, add_account, signed_in):
    made = World(add_event, add_account("p@example.org"), add_account("s@example.org", brs="contributor"), hidden=False)
    for rule, (_read, send) in ROWS.items():
        if send and rule not in WITHOUT_FORM:
            roles = {"brs": "administrator", "minamata": "coordinator"}
            browser = signed_in(f"{uuid.uuid4().hex}@example.org", system_administrator=True, **roles)
            answer = browser.post(made.address(rule))
            # The form of a submission comes back with all that was typed; the others are refused.
            assert answer.status_code == (422 if rule in KEEPS_WHAT_WAS_TYPED else 400), rule
            expected_words = "Please press the button again" if rule in KEEPS_WHAT_WAS_TYPED else "no longer valid"
            assert expected_words in answer.get_data(as_text=True), rule


@ON_SQLITE
def test_methods_that_a_route_does_not_have_are_named(app, client, world):
    made = world(hidden=False)
    for rule, (read, send) in ROWS.items():
        has = {"OPTIONS"} | ({"GET", "HEAD"} if read else set()) | ({"POST"} if send else set())
        address = made.address(rule)
        # What is posted there reaches the route for any token, which knows no token of this name.
        has_neighbour = rule == "/password/forgot/sent"
        for method in set(METHODS) - has - ({"POST"} if has_neighbour else set()):
            answer = client.open(address, method=method)
            assert answer.status_code == 405, (method, rule)
            assert set(answer.headers["Allow"].split(", ")) >= has, (method, rule)
            assert method not in answer.headers["Allow"], (method, rule)
            answer.close()
        if read:
            answer = client.head(address)
            assert answer.data == b"", rule
            answer.close()


def test_an_event_that_is_not_published_is_answered_like_one_that_does_not_exist(client, add_event):
    for stage in set(Stage) - {Stage.PUBLISHED}:
        hidden, nobody = add_event(stage=stage), uuid.uuid4()
        for address in HIDDEN:
            for method in ("GET", "HEAD"):
                answers = [client.open(address.format(some), method=method) for some in (hidden, nobody)]
                assert [answer.status_code for answer in answers] == [404, 404], stage
                assert answers[0].data == answers[1].data, stage


@ON_SQLITE
def test_every_answer_carries_the_headers_that_protect_it(app, client, world):
    made = world(hidden=False)
    for rule in ROWS:
        for method in ("GET", "POST"):
            answer = client.open(made.address(rule), method=method)
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"], (method, rule)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            if "Set-Cookie" in answer.headers:
                assert answer.headers["Cache-Control"] == "no-store", (method, rule)
            answer.close()


def test_reading_the_calendar_leaves_no_cookie(client, world):
    made = world(hidden=False)
    for rule, (read, send) in ROWS.items():
        if (
            read in {"everybody", "event"}
            and (not send or rule == "/subscribe")
            and not rule.startswith(("/password", "/submit"))
        ):
            answer = client.get(made.address(rule))
            assert "Set-Cookie" not in answer.headers, rule
            answer.close()
