"""Every address that can be posted to is known to planning: it asks for a decision, or cannot bring a clash about.

The addresses come from the URL map, so that a new one has to be placed here before it is served.
"""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, Event, Import, Proposal, SourceItem, StoredFinding
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services import events, sources
from calendar_app.services.differences import fields_of
from calendar_app.services.records import BodyMeeting, Option, Organiser, SourceNote, as_json, record_of
from calendar_app.services.reference import reference
from tests.submit.conftest import fill_in
from tests.submit.conftest import opened as opened_form
from tests.work.filling import fields_of as fields_of_page
from tests.work.filling import opened

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST, LAST = date(2027, 6, 14), date(2027, 6, 18)
AWAY = (date(2027, 9, 13), date(2027, 9, 17))
DAYS = {"dates": "day", "first_day": str(FIRST), "last_day": str(LAST)}
ASKED = "Nothing is saved yet. Choose other dates, or say why these dates all the same."
WHY = {"reason": "The host asked for it."}

_OF_A_SHEET = ("sheet", "replies/<uuid:reply_id>")
# What is posted there changes no event, or nothing of an event that planning reads.
CANNOT = {
    # Signing in, the own account, administration of people and organisations, lists and the policy: no event.
    *(
        "/sign-in /sign-in/link /sign-in/link/<token> /sign-out /two-step /two-step/recovery"
        " /two-step/recovery-codes /two-step/remove /two-step/set-up /password /password/forgot"
        " /password/forgot/<token> /confirm-identity /account /account/sign-ins/end /invitations/<token>"
        " /admin/lists/<name>/new /admin/lists/<name>/<code> /admin/lists/<name>/<code>/remove"
        " /admin/organisations/new /admin/organisations/<code> /admin/organisations/<code>/members"
        " /admin/organisations/<code>/members/<int(max=2147483647):account_id>/role"
        " /admin/organisations/<code>/members/<int(max=2147483647):account_id>/remove"
        " /admin/organisations/<code>/invitations/<int(max=2147483647):invitation_id>/resend"
        " /admin/organisations/<code>/invitations/<int(max=2147483647):invitation_id>/revoke"
        " /admin/policy /admin/lists/kinds/<kind> /admin/lists/kinds/<kind>/take-back"
        # Who gets which mail.
        " /subscribe/mail /mail/confirm/<token> /mail/unsubscribe/<token> /digests/<code>/settings"
        " /digests/<code>/test /digests/<code>/recipients"
        " /digests/<code>/recipients/<int(max=2147483647):recipient_id>"
        " /digests/<code>/recipients/<int(max=2147483647):recipient_id>/remove"
        # Private addresses are read only.
        " /subscribe /subscribe/private/<int(max=2147483647):feed_id>/replace"
        " /subscribe/private/<int(max=2147483647):feed_id>/revoke"
    ).split(),
    "/admin/people/<int(max=2147483647):account_id>/<any(close, open, end):act>",
    "/admin/mail/<uuid:letter>/<any(again, aside):act>",
    # What is sent in stands only once it is published, and that asks.
    *(
        "/submit/draft /submit/draft/discard /submissions/<uuid:submission_id>/edit"
        " /submissions/<uuid:submission_id>/send /submissions/<uuid:submission_id>/withdraw"
        " /moderation/<event_id>/reject /moderation/<event_id>/request-changes /events/<event_id>/copy"
        " /moderation/<event_id>/series/reject"
    ).split(),
    # Of a series the dates that would meet a critical clash are left waiting (`test_series`).
    "/moderation/<event_id>/series/publish",
    # A file changes nothing until it is carried out, and that is asked for by "apply".
    "/imports",
    "/imports/<uuid:import_id>/columns",
    "/imports/<uuid:import_id>/stop",
    # A proposal changes nothing until it is accepted, and that asks.
    "/events/<event_id>/propose",
    "/proposals/<uuid:proposal_id>/decline",
    "/proposals/<uuid:proposal_id>/withdraw",
    # Answers and comments are about clashes that are there.
    *(f"/clashes/<uuid:finding_id>/{act}" for act in ("comment", "accept", "acknowledge", "reopen")),
    # Decisions of the coordination review are words about events.
    *(
        "/review/<month>/decisions /review/<month>/decisions/<int(max=2147483647):number> /review/<month>/sign-off"
        " /review/<month>/head /review/<month>/close /review/<month>/open-again"
        " /review/actions/<int(max=2147483647):number>/end"
        " /review/actions/<int(max=2147483647):number>/hand-over"
        " /review/actions/<int(max=2147483647):number>/open-again"
        " /review/<month>/decisions/<int(max=2147483647):number>/remove"
    ).split(),
    # That an event is still right, and who else may change it.
    "/events/<event_id>/confirm",
    "/workspace/events/confirm",
    "/events/<event_id>/editors",
    # What a source says is taken in by the schedule, and that a source is asked changes nothing yet.
    *(f"/sources/{rest}" for rest in ("new", "<slug>/edit", "<slug>/run", "<slug>/try")),
    "/sources/<slug>/<any(pause, resume):act>",
    # What is done before a meeting is no part of its record.
    "/events/<event_id>/milestones/<step>",
    "/events/<event_id>/coordination",
    "/events/<event_id>/coordination/<slot>",
    "/round/<token>",
    "/exchange/<month>/of/<code>",
    # A sheet that is sent in waits; what it says of an event is left if a critical clash would come of it
    # (tests/exchange/test_replies.py). The others change the round and its days.
    *(f"{way}/{what}" for way in ("/round/<token>", "/exchange/<month>/of/<code>") for what in _OF_A_SHEET),
    "/exchange/<month>/remind",
    "/exchange/settings",
    # They only take dates away.
    "/sources/<slug>/gone",
    "/events/<event_id>/postpone",
    "/events/<event_id>/cancel",
    "/events/<event_id>/withdraw",
    "/events/<event_id>/options/<int:number>/release",
    "/events/<event_id>/options/<int:number>/remove",
}
# Candidate dates weigh no more than tentative ones, so that no clash of theirs is critical (the test below).
CANDIDATES = {
    "/finder/<event_id>/hold",
    "/events/<event_id>/options",
    "/events/<event_id>/options/<int:number>/hold",
}


class Sent(NamedTuple):
    """A form that would bring a critical clash about: the address, what is typed, and the page that has the form."""

    address: str
    typed: dict[str, Any]
    page: str = ""


def publishing(add, **values) -> uuid.UUID:
    """A record that does not stand yet, on the days of the other COP."""
    return add((FIRST, LAST), **({"stage": Stage.DRAFT} | values))


def published(add) -> Sent:
    address = f"/events/{publishing(add)}/publish"
    return Sent(address, {}, address)


def moderated(add) -> Sent:
    event_id = publishing(add, stage=Stage.SUBMITTED)
    return Sent(f"/moderation/{event_id}/publish", {}, f"/moderation/{event_id}")


def moved(add) -> Sent:
    address = f"/events/{add(AWAY)}/move"
    return Sent(address, DAYS | WHY, address)


def edited(add) -> Sent:
    # In one city the Parties can go from one room to the other.
    address = f"/events/{add((FIRST, LAST), city='Geneva', country='CH')}/edit"
    return Sent(address, {"city": "Nairobi", "country": "KE"}, address)


def reinstated(add) -> Sent:
    address = f"/events/{add((FIRST, LAST), status=Status.CANCELLED)}/reinstate"
    return Sent(address, WHY | {"status": "confirmed"}, address)


def undone(add) -> Sent:
    event_id = add((FIRST, LAST))
    with transaction() as session:
        event = session.get(Event, event_id)
        record = replace(record_of(event), span=Span.inclusive(*AWAY))
        events.change(session, event, record, events.Change("test", clock.now()), reference())
    address = f"/events/{event_id}/undo"
    return Sent(address, WHY, address)


def chosen(add) -> Sent:
    address = f"/events/{add((None, None), options=(Option(FIRST, LAST),))}/options/0/choose"
    return Sent(address, WHY, address)


def merged(add) -> Sent:
    address = f"/events/{publishing(add)}/merge?into={add((None, None))}"
    return Sent(address, WHY, address)


def entered_as_a_round(_add) -> Sent:
    typed = {"title": "Round", "kind": "cop", "convention": ["basel"], "status": "confirmed", "publish": "y"}
    region = {"ticked": "y", "first_day": str(FIRST), "last_day": str(LAST), "city": "Nairobi"}
    return Sent("/rounds/new", typed | {f"region-Africa-{k}": v for k, v in region.items()}, "/rounds/new")


def changed_with_others(add) -> Sent:
    event_id = add((FIRST, LAST), status=Status.TENTATIVE)
    typed = {"event": [str(event_id)], "field": "status", "status": "confirmed", "apply": "1"}
    return Sent("/workspace/events/change", typed, "/workspace/events")


def submitted(_add) -> Sent:
    what = {"kind": "cop", "body": "BC-COP", "city": "Nairobi", "country": "KE", "name": None, "email": None}
    return Sent("/submit", fill_in(action="publish", **what, **DAYS))


def accepted(add) -> Sent:
    event_id, proposal_id = add(AWAY), uuid.uuid4()
    before, after = (
        {name: as_json(replace(record_of(db.session.get(Event, event_id)), span=Span.inclusive(*days)))[name]
         for name in fields_of("span")}
        for days in (AWAY, (FIRST, LAST))
    )  # fmt: skip
    with transaction() as session:
        account = session.scalars(select(Account)).first()
        session.add(
            Proposal(
                id=proposal_id, event_id=event_id, proposed_by_id=account.id, reason="Please.", state="open",
                organisation_code="minamata", before=before, after=after, created_at=clock.now(),
            )
        )  # fmt: skip
    return Sent(f"/proposals/{proposal_id}/accept", {}, f"/proposals/{proposal_id}")


def brought_in(add) -> Sent:
    rows = f"title,kind,body,city,start,end\nBasel COP,cop,BC-COP,Nairobi,{FIRST},{LAST}\n"
    address = f"/imports/{an_import(rows, 'preview')}"
    return Sent(f"{address}/apply", {"apply": "1"}, address)


def taken_back(add) -> Sent:
    import_id, event_id = an_import("", "applied"), add((FIRST, LAST))
    with transaction() as session:
        event = session.get(Event, event_id)
        record = replace(record_of(event), span=Span.inclusive(*AWAY))
        events.change(session, event, record, events.Change("test", clock.now(), import_id=import_id), reference())
    address = f"/imports/{import_id}"
    return Sent(f"{address}/undo", {}, address)


def an_import(rows: str, state: str) -> uuid.UUID:
    columns = rows.partition("\n")[0].split(",")
    made = Import(
        id=uuid.uuid4(), organisation_code="brs", actor="Ana (BRS)", filename="a.csv", made_at=clock.now(),
        data=rows.encode(), state=state, choices={}, report={},
        settings={"header": 1, "columns": columns, "stage": "published"},
    )  # fmt: skip
    with transaction() as session:
        session.add(made)
        return made.id


def settled(add) -> Sent:
    event_id = add(AWAY)
    with transaction() as session:
        values = {"slug": "partner", "name": "Partner", "url": "https://partner.example/", "kind": "ics", "rules": []}
        source = sources.add(session, values | {"owner_code": "brs", "trust": "direct", "timezone": "UTC"}, clock.now())
        event = session.get(Event, event_id)
        note = SourceNote("partner:cop", "Partner", conflicts="dates")
        record = replace(record_of(event), sources=(note,))
        events.change(session, event, record, events.Change("test", clock.now()), reference())
        days = {"span": [str(FIRST), str(LAST)], "precision": "day"}
        session.add(
            SourceItem(
                source_id=source.id, uid="cop", note="partner:cop", event_id=event_id, said=days, kept={},
                first_at=clock.now(),
            )
        )  # fmt: skip
    return Sent("/sources/partner/settle", {}, "/sources/partner")


# How each of the others would bring a critical clash about.
ASKING: dict[str, Callable[..., Sent]] = {
    "/submit": submitted,
    "/moderation/<event_id>/publish": moderated,
    "/proposals/<uuid:proposal_id>/accept": accepted,
    "/events/<event_id>/publish": published,
    "/events/<event_id>/move": moved,
    "/events/<event_id>/edit": edited,
    "/events/<event_id>/reinstate": reinstated,
    "/events/<event_id>/undo": undone,
    "/events/<event_id>/options/<int:number>/choose": chosen,
    "/events/<event_id>/merge": merged,
    "/rounds/new": entered_as_a_round,
    "/workspace/events/change": changed_with_others,
    "/imports/<uuid:import_id>/apply": brought_in,
    "/imports/<uuid:import_id>/undo": taken_back,
    "/sources/<slug>/settle": settled,
}


@pytest.fixture(autouse=True)
def mercury(app, add_event) -> None:
    """A COP in Geneva, kept by another organisation."""
    app.config["FORM_LEAST_SECONDS"] = 0
    add_event(
        title="Seventh COP of the Minamata Convention", first=FIRST, last=LAST, kind="cop",
        bodies=(BodyMeeting("MC-COP", 7),), city="Geneva", country="CH", processes=("minamata",), steward="minamata",
        organisers=(Organiser("Minamata Secretariat", "minamata", "lead"),),
    )  # fmt: skip


@pytest.fixture
def ana(signed_in):
    """A coordinator of brs."""
    return signed_in("ana@brs.example", brs="coordinator")


@pytest.fixture
def basel(add_event) -> Callable[..., uuid.UUID]:
    """A COP of brs in Nairobi on days that are given."""

    def add(days: tuple[date | None, date | None], **values) -> uuid.UUID:
        what = {"kind": "cop", "bodies": (BodyMeeting("BC-COP", 18),), "city": "Nairobi", "country": "KE"}
        return add_event(title="Basel COP", first=days[0], last=days[1], **(what | values))

    return add


def critical() -> list[StoredFinding]:
    """The critical clashes that are stored."""
    db.session.rollback()
    query = select(StoredFinding).where(StoredFinding.severity == 3, StoredFinding.state != "resolved")
    return list(db.session.scalars(query))


def test_every_address_that_can_be_posted_to_is_placed(app):
    rules = {rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    placed = [CANNOT, CANDIDATES, set(ASKING)]
    assert rules == set().union(*placed)
    assert len(rules) == sum(map(len, placed))


@pytest.mark.parametrize("rule", sorted(ASKING))
def test_what_brings_a_critical_clash_about_asks_for_a_decision(app, ana, basel, rule):
    sent = ASKING[rule](basel)
    adapter = app.url_map.bind("localhost")
    assert adapter.match(sent.address.partition("?")[0], "POST", return_rule=True)[0].rule == rule
    assert critical() == []
    action = "" if sent.address == sent.page else sent.address
    fields = opened(ana, sent.page, action) if sent.page else opened_form(ana)
    answer = ana.post(sent.address, data=fields | sent.typed if sent.page else sent.typed | fields)
    text = re.sub(r"\s+", " ", html.unescape(answer.get_data(as_text=True)))
    assert answer.status_code == 422, text
    assert ASKED in text
    assert critical() == []


def test_candidate_dates_alone_make_no_clash_critical(ana, basel, add_event):
    event_id = basel(AWAY)
    days = {"first_day": str(FIRST), "last_day": str(LAST)}
    held = {"held_until": str(clock.today() + timedelta(days=30))}
    page = f"/events/{event_id}/options"
    assert ana.post(page, data=opened(ana, page) | days | held).status_code == 303
    assert critical() == []
    text = ana.get(page).get_data(as_text=True)
    hold = f"/events/{event_id}/options/0/hold"
    assert ana.post(hold, data=fields_of_page(text, hold) | held).status_code == 303
    assert critical() == []
    later = [day + timedelta(days=60) for day in AWAY]
    other = add_event(
        title="Other COP", first=later[0], last=later[1], kind="cop", bodies=(BodyMeeting("RC-COP", 13),),
        city="Nairobi", country="KE",
    )  # fmt: skip
    token = opened(ana, f"/events/{other}/options")["csrf_token"]
    answer = ana.post(f"/finder/{other}/hold", data=days | {"csrf_token": token})
    assert answer.location == f"/events/{other}/options"
    assert critical() == []
    db.session.rollback()
    query = select(StoredFinding).where(StoredFinding.kind == "clash", StoredFinding.state != "resolved")
    assert {found.severity for found in db.session.scalars(query)} & {1, 2}
