"""Whoever looks, at whatever address: no event and no field that they may not see is in the answer.

The addresses come from the URL map, so that a new page is looked at without being named here.
"""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from calendar_app.extensions import clock, transaction
from calendar_app.models import (
    CoordinationSlot,
    Event,
    EventEditor,
    EventMilestone,
    FindingEntry,
    Import,
    OutboxMessage,
    Proposal,
    SourceItem,
    SourceRun,
    StoredFinding,
)
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import events, finding_letters, holds, preparation_reminders, proposals, sources
from calendar_app.services.records import EventRecord, Option, Organiser, ServiceGiven, SourceNote
from calendar_app.services.reference import reference
from tests.conftest import ON_SQLITE
from tests.web.actors import Actor, browser_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

ORGANISATIONS = ("brs", "minamata")
KINDS = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(Stage),
        "visibility": st.sampled_from(Visibility),
        "steward": st.sampled_from(ORGANISATIONS),
        "editor": st.sampled_from(["", *ORGANISATIONS]),
        "past": st.booleans(),
    }
)
VIEWERS = {
    "stranger": Actor(is_stranger=True),
    "contributor": Actor({"brs": "contributor"}),
    "coordinator": Actor({"minamata": "coordinator"}),
    "administrator of both": Actor({"brs": "administrator", "minamata": "administrator"}),
    "member of another": Actor({"chb": "coordinator"}),
    "system administrator": Actor(system_administrator=True),
}
# At these stages candidate dates are still held, so that their end is told.
REMINDED = frozenset(Stage) - {Stage.REJECTED, Stage.WITHDRAWN}
# Search words that all events have, so that every list and search would show them.
QUERIES = ("", "?q=zz", "?from=2000-01")
LETTERS = ("aaa", "bbb", "ccc", "ddd")
IMPORT = uuid.UUID(int=8)
ALIKE = "/submit/duplicates?title=zz+meeting+zzpublic{}&first_day=2027-03-01"
# In the same room on the same days, and for the same secretariat.
ROOM = (
    "/submit/dates?organisation=brs&lead=BRS&kind=cop&first_day=2027-03-01&last_day=2027-03-08"
    "&venue=Venue+zzpublic{0}&city=Town+zzpublic{0}"
)
# On the days that are candidate dates of all of them and nothing else: strangers are told of none.
CANDIDATE_DAYS = (
    "/submit/dates?organisation=brs&lead=BRS&kind=cop&first_day=2027-05-01&last_day=2027-05-02"
    "&audience=chemicals-delegates&venue=Venue+zzpublic{0}&city=zzcandidate{0}"
)


def word(number: int) -> str:
    """What is in the public fields of one event and nowhere else."""
    return f"zzpublic{'abcdefgh'[number] * 3}"


def secret(number: int) -> str:
    """What is in its internal fields and nowhere else."""
    return f"zzsecret{'abcdefgh'[number] * 3}"


def candidate(number: int) -> str:
    """Where a meeting might be held: member organisations see candidate dates of what they see, the public does not."""
    return f"zzcandidate{'abcdefgh'[number] * 3}"


def record(number: int, kind: dict) -> EventRecord:
    name, hidden = word(number), secret(number)
    day = date(2026, 9, 1 + number) if kind["past"] else date(2027, 3, 1 + number)
    return EventRecord(
        titles={"en": f"zz meeting {name}", "fr": f"Titre zz {name}"},
        short_title=f"Short zz {name}",
        descriptions={"en": f"Description {name}"},
        processes=("basel",),
        audiences=("chemicals-delegates",),
        organisers=(Organiser(f"Organiser {name}"),),
        series="zzseries",
        sources=(SourceNote(f"partner:{number}", "Partner", conflicts="venue"),),
        span=Span.inclusive(day, day),
        venue=f"Venue {name}",
        city=f"Town {name}",
        steward=kind["steward"],
        visibility=kind["visibility"],
        stage=kind["stage"],
        publish_on=date(2027, 1, 1) if kind["stage"] == Stage.SCHEDULED else None,
        notes=f"Notes {hidden}",
        staffing=f"Staff {hidden}",
        key_persons=(f"Person {hidden}",),
        services=(ServiceGiven("brs", "it", 3, note=f"Service {hidden}"),),
        options=(
            Option(date(2027, 5, 1), date(2027, 5, 2), candidate(number), note=hidden, held_until=date(2026, 11, 24)),
        ),
    )


@contextmanager
def written(kinds: list[dict], proposer: int) -> Iterator[list[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]]:
    """Write the events, each with a change that chb proposes and a clash with the next one, or with itself if alone.

    Take everything away again at the end.
    """
    ids = [(uuid.uuid4(), uuid.uuid4(), uuid.uuid4()) for _ in kinds]
    with transaction() as session:
        for number, ((event_id, proposal_id, _finding_id), kind) in enumerate(zip(ids, kinds, strict=True)):
            made = events.Change("test", clock.now())
            event = events.create(session, event_id, record(number, kind), made, reference())
            if kind["editor"] and kind["editor"] != kind["steward"]:
                event.editors.append(EventEditor(organisation_code=kind["editor"]))
            session.flush()
            session.add(
                Proposal(
                    id=proposal_id, event_id=event_id, proposed_by_id=proposer, organisation_code="gfc",
                    before={"venue": f"Venue {word(number)}"}, after={"venue": "Hall 2"}, reason=word(number),
                    state="open", created_at=clock.now(),
                )
            )  # fmt: skip
    with transaction() as session:
        session.add_all(clash(ids, number) for number in range(len(ids)))
        session.add_all(row for number in range(len(ids)) for row in preparation(ids[number][0], number))
    with transaction() as session:
        session.add_all(harvested(session, [event_id for event_id, *_others in ids]))
        session.add(brought([event_id for event_id, *_others in ids]))
    yield ids
    with transaction() as session:
        for table in (
            "source_items source_runs "
            "preparation_reminders event_milestones coordination_slots finding_answers finding_entries findings "
            "proposals sources imports "
            "event_editors revisions event_facets event_sources services date_options event_links events"
        ).split():
            session.execute(text(f"DELETE FROM {table}"))


def clash(ids: list[tuple[uuid.UUID, uuid.UUID, uuid.UUID]], number: int) -> StoredFinding:
    """A critical clash of which every other one rests on internal fields of both events; with a comment on both."""
    other = (number + 1) % len(ids)
    who, when = ("same-people", "speaks"), ("overlap", "notes")
    values = {"pools": ["chemicals-delegates"], "share": 0.8, "strong": True}
    days = {name: {"day": "2027-03-01"} for name in ("first", "last")} | {"days": 1, "prepared": False, "exact": True}
    person = ("key-person", "speaks", {"persons": [f"Person {secret(number)}"]}, 2, "ab")
    reasons = [(*who, values, 3, ""), (*when, days, 0, ""), *([person] if number % 2 else [])]
    names = ("rule", "effect", "values", "severity", "internal")
    return StoredFinding(
        id=ids[number][2], key=f"clash:pair:{uuid.uuid4()}", kind="clash", about="pair", a_id=ids[number][0],
        b_id=ids[other][0], severity=3, likelihood=1.0, policy_version="1", fingerprint="", state="open",
        reasons=[dict(zip(names, reason, strict=True)) for reason in reasons], found_at=clock.now(),
        changed_at=clock.now(),
        entries=[
            FindingEntry(
                at=clock.now(), action="comment", organisation_code="brs", actor="Ana (BRS)",
                text=f"About {word(number)} and {word(other)}.",
            )
        ],
    )  # fmt: skip


def harvested(session: Session, ids: list[uuid.UUID]) -> list[SourceItem | SourceRun]:
    """What a source of chb says of each event, with a run that changed them all; every other one is gone from it."""
    columns = {"slug": "partner", "name": "Partner", "url": "https://partner.example/", "kind": "ics", "rules": []}
    source = sources.add(session, columns | {"owner_code": "chb", "trust": "direct", "timezone": "UTC"}, clock.now())
    acts = [{"act": "update", "event": str(event_id), "fields": ["venue"], "disagree": ["venue"]} for event_id in ids]
    items = [
        SourceItem(
            source_id=source.id, uid=str(number), note=f"partner:{number}", event_id=event_id, kept={},
            said={"titles": {"en": word(number)}, "venue": f"Elsewhere {word(number)}"}, first_at=clock.now(),
            missing_since=clock.now() if number % 2 else None,
        )
        for number, event_id in enumerate(ids)
    ]  # fmt: skip
    values = {"outcome": "done", "counts": {"update": len(ids)}, "notes": [], "acts": acts, "seconds": 1.0}
    return [*items, SourceRun(source_id=source.id, at=clock.now(), **values)]


def brought(ids: list[uuid.UUID]) -> Import:
    """A file of chb of which the only row may be any of the events."""
    likely = [{"id": str(event_id), "score": 70, "reasons": ["same-days"]} for event_id in ids]
    row = {"line": 2, "title": "A row", "outcome": "new", "before": {}, "after": {}, "notes": [], "likely": likely}
    return Import(
        id=IMPORT, organisation_code="chb", actor="Cho (CHB)", filename="a.csv", made_at=clock.now(),
        data=b"title,start\nA row,2027-03-01\n", state="preview", choices={}, report={"rows": [row], "remarks": []},
        settings={"header": 1, "columns": ["title", "start"]},
    )  # fmt: skip


def preparation(event_id: uuid.UUID, number: int) -> list[EventMilestone | CoordinationSlot]:
    """A step and a slot that are due soon, each looked after by an organisation that may not even see the event."""
    values = {
        "event_id": event_id, "owner_organisation": "chb", "note": word(number), "state": "open",
        "changed_at": clock.now(), "changed_by": "Ana (BRS)", "version": 1,
    }  # fmt: skip
    soon = date(2026, 11, 24)
    return [
        EventMilestone(name="zzstep", due_on=soon, **values),
        CoordinationSlot(slot="documents", deadline=soon, **values),
    ]


def may_see(kind: dict, roles: dict[str, str]) -> bool:
    """The rule in words of its own: public for all, members' for members, everything for steward and editors."""
    if {kind["steward"], kind["editor"]} & set(roles):
        return True
    if kind["stage"] != Stage.PUBLISHED:
        return False
    return kind["visibility"] == Visibility.PUBLIC or (kind["visibility"] == Visibility.MEMBERS and bool(roles))


def readable(answer) -> str:
    """What an answer says; of a Word file or a sheet, which are archives, what is in its parts."""
    if not zipfile.is_zipfile(io.BytesIO(answer.get_data())):
        return answer.get_data(as_text=True)
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as parts:
        return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


# The condition itself is tested on both databases (tests/services/test_visibility.py).
@ON_SQLITE
@settings(max_examples=6, phases=[Phase.explicit, Phase.generate])
@given(kinds=st.lists(KINDS, min_size=2, max_size=4), viewer=st.sampled_from(sorted(VIEWERS)))
def test_no_answer_has_what_its_reader_may_not_see(app, signed_in, proposer, kinds, viewer):
    actor = VIEWERS[viewer]
    with written(kinds, proposer) as ids:
        browser = browser_of(app, signed_in, actor)
        forbidden = [word(n) for n, kind in enumerate(kinds) if not may_see(kind, actor.roles)]
        forbidden += [secret(n) for n, kind in enumerate(kinds) if kind["steward"] not in actor.roles]
        forbidden += [candidate(n) for n, kind in enumerate(kinds) if not actor.roles or not may_see(kind, actor.roles)]
        looked_at = 0
        for address in [
            *addresses(app, ids),
            *(a.format(letters) for a in (ALIKE, ROOM, CANDIDATE_DAYS) for letters in LETTERS),
        ]:
            answer = browser.get(address)
            assert answer.status_code < 500 or address.startswith("/readyz"), address
            content = readable(answer).replace("\r\n ", "")
            assert not [hidden for hidden in forbidden if hidden in content], (viewer, address)
            if actor.is_stranger and "first_day=2027-05-01" in address:
                assert answer.status_code == 200
                assert not [n for n in range(len(kinds)) if word(n) in content], address
            looked_at += answer.status_code == 200
            answer.close()
        assert looked_at > 20


@settings(max_examples=10, phases=[Phase.explicit, Phase.generate])
@given(kinds=st.lists(KINDS, min_size=2, max_size=4))
def test_no_letter_has_what_its_reader_may_not_see(app, proposer, coordinators, kinds):
    with written(kinds, proposer) as ids, transaction() as session:
        now = clock.now()
        holds.remind(session, clock.today(), now, lambda event_id: f"https://calendar.example/{event_id}")
        findings = [session.get(StoredFinding, finding_id) for _event, _proposal, finding_id in ids]
        finding_letters.tell_owners(session, findings, now)
        preparation_reminders.remind(session, clock.today(), now, "https://calendar.example/{}".format)
        for (event_id, proposal_id, _finding_id), kind in zip(ids, kinds, strict=True):
            if may_see(kind, {"gfc": "coordinator"}):
                decided = events.Change("Ana (BRS)", now, "Not this year.")
                found = session.get(Event, event_id), session.get(Proposal, proposal_id)
                proposals.decline(session, found[1], found[0], decided, "https://calendar.example/")
        session.flush()
        letters = session.scalars(select(OutboxMessage)).all()
        for letter in letters:
            roles = coordinators.get(letter.to_email, {"gfc": "coordinator"})
            forbidden = [word(n) for n, kind in enumerate(kinds) if not may_see(kind, roles)]
            forbidden += [secret(n) for n, kind in enumerate(kinds) if kind["steward"] not in roles]
            content = letter.subject + letter.text + letter.html
            assert not [hidden for hidden in forbidden if hidden in content], letter.to_email
            # Nor is who answers for events told that somebody else may have typed the address.
            assert letter.to_email not in coordinators or "you answer for events" in " ".join(letter.text.split())
        stewards = {kind["steward"] for kind in kinds if kind["stage"] in REMINDED}
        # Whoever looks after a step is told, if they may see its event.
        told = any(may_see(kind, {"chb": "coordinator"}) for kind in kinds)
        assert any("zzstep" in letter.text for letter in letters) == told
        written_to = {code for letter in letters for code in coordinators.get(letter.to_email, {})}
        assert written_to >= stewards
        session.execute(text("DELETE FROM outbox_messages"))


@pytest.fixture
def coordinators(add_account) -> dict[str, dict[str, str]]:
    """People who may get letters, by address, with their roles."""
    people = {f"coordinator@{code}.example": {code: "coordinator"} for code in (*ORGANISATIONS, "chb")}
    for address, roles in people.items():
        add_account(address, **roles)
    return people


@pytest.fixture
def proposer(add_account) -> int:
    """Somebody of an organisation that is in none of the tests otherwise."""
    return add_account("proposer@gfc.example", gfc="coordinator")


def forms_of(rule: str) -> list[str]:
    """The rule with each of the words in the place of which there is a choice."""
    choice = re.search(r"<any\((.*?)\):\w+>", rule)
    if choice is None:
        return [rule]
    return [form for word in choice[1].split(", ") for form in forms_of(rule.replace(choice[0], word, 1))]


def addresses(app, ids: list[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]) -> list[str]:
    """Every address that can be read, with each event, proposal and clash in its place, and with searches."""
    fixed = {
        "<convention>": "basel", "<path:filename>": "css/site.css", "<token>": "none", "<name>": "cities",
        "<int:number>": "0", "<code>": "brs", "<uuid:submission_id>": str(uuid.uuid4()),
        "<kind>": "webinar", "<step>": "zzstep", "<slug>": "partner", "<slot>": "documents", "<month>": "2026-12",
        "<uuid:import_id>": str(IMPORT),
        "<int(max=2147483647):number>": "1", "<uuid:reply_id>": str(uuid.uuid4()), "<uuid:letter>": str(uuid.uuid4()),
        # What digests say has a test of its own; the next one is among these addresses.
        "<uuid:issue_id>": str(uuid.uuid4()), "<int(max=2147483647):recipient_id>": "1",
    }  # fmt: skip
    found = []
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    for form in (form for rule in rules for form in forms_of(rule)):
        address = form
        for name, value in fixed.items():
            address = address.replace(name, value)
        if "_id>" in address:
            found += [
                address.replace("<event_id>", str(event_id))
                .replace("<uuid:proposal_id>", str(proposal_id))
                .replace("<uuid:finding_id>", str(finding_id))
                for event_id, proposal_id, finding_id in ids
            ]
        else:
            # Files take long to make; what is searched for is looked up as on the pages.
            found += [address + query for query in (QUERIES[:1] if address.startswith("/export/") else QUERIES)]
        assert "<" not in found[-1], form
    return found


def test_the_words_are_found_where_they_may_be_seen(app, signed_in, proposer):
    """So that the test above cannot pass because nothing is shown at all."""
    kind = {"stage": Stage.PUBLISHED, "visibility": Visibility.PUBLIC, "steward": "brs", "editor": "", "past": False}
    with written([kind], proposer) as ids:
        stranger = browser_of(app, signed_in, VIEWERS["stranger"])
        steward = browser_of(app, signed_in, Actor({"brs": "coordinator"}))
        page = f"/events/{ids[0][0]}"
        assert word(0) in stranger.get(page).get_data(as_text=True)
        for feed in ("/feeds/changes.atom", "/feeds/events.json"):
            assert word(0) in stranger.get(feed).get_data(as_text=True), feed
        for form in ("csv", "xlsx", "docx"):
            assert word(0) in readable(stranger.get(f"/export/coming.{form}")), form
            assert secret(0) not in readable(stranger.get(f"/export/coming.{form}")), form
        assert secret(0) in readable(steward.get("/export/coming.xlsx"))
        assert page in stranger.get("/sitemap.xml").get_data(as_text=True)
        assert secret(0) not in stranger.get(page).get_data(as_text=True)
        assert secret(0) in steward.get(page).get_data(as_text=True)
        assert word(0) in steward.get(f"/proposals/{ids[0][1]}").get_data(as_text=True)
        assert f"About {word(0)}" in steward.get(f"/clashes/{ids[0][2]}").get_data(as_text=True)
        assert word(0) in steward.get("/clashes").get_data(as_text=True)
        assert f"Elsewhere {word(0)}" in steward.get("/sources/partner").get_data(as_text=True)
        another = browser_of(app, signed_in, VIEWERS["member of another"])
        assert word(0) in another.get(f"/imports/{IMPORT}").get_data(as_text=True)
        assert f"/events/{ids[0][0]}" in stranger.get(ALIKE.format("aaa")).get_data(as_text=True)
        assert f"/events/{ids[0][0]}" in stranger.get(ROOM.format("aaa")).get_data(as_text=True)
        on_candidate_days = CANDIDATE_DAYS.format("aaa")
        assert f"/events/{ids[0][0]}" in steward.get(on_candidate_days).get_data(as_text=True)
        assert f"/events/{ids[0][0]}" not in stranger.get(on_candidate_days).get_data(as_text=True)
