"""Nothing in a digest is beyond what its organisation may see, whatever the calendar holds; nor in the public mail."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from calendar_app.extensions import clock, db, transaction
from calendar_app.mail.digest_rendering import render_digest
from calendar_app.models import CoordinationSlot, Event, EventEditor, EventMilestone
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage, Visibility
from calendar_app.services import digests, events, findings, public_mail_content
from calendar_app.services.calendar import STRANGER, Viewer, can_see
from calendar_app.services.changes_since import Editing, Standing
from calendar_app.services.records import EventRecord, Option, Organiser, ServiceGiven, record_of
from calendar_app.services.reference import reference
from tests.digests.composing import EDITION, LINKS, now

MEMBERS = ("brs", "minamata", "chb", "gfc")
FIRST = date(2027, 1, 11)
ONE = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(Stage),
        "visibility": st.sampled_from(Visibility),
        "before": st.sampled_from(Visibility),
        "steward": st.sampled_from(MEMBERS),
        "holder": st.sampled_from(MEMBERS),
        "editor": st.sampled_from(("", *MEMBERS)),
        "kind": st.sampled_from(("cop", "workshop", "deadline", "regional-preparatory")),
        "days_later": st.sampled_from((0, 1, 40, 500)),
        "moved": st.booleans(),
        "part": st.booleans(),
    }
)
OPEN = {
    "stage": Stage.PUBLISHED, "visibility": Visibility.PUBLIC, "before": Visibility.PUBLIC, "steward": "brs",
    "holder": "brs", "editor": "", "kind": "cop", "days_later": 0, "moved": True, "part": False,
}  # fmt: skip
NEVER_SEEN = OPEN | {"before": Visibility.STEWARD, "visibility": Visibility.STEWARD, "steward": "minamata"}
SECRET = OPEN | {"visibility": Visibility.STEWARD, "steward": "minamata", "holder": "minamata"}
INTERNAL = ("zznotes", "zzstaffing", "zzservicenote", "zzoptionnote", "98761")


def word(number: int) -> str:
    """A word that stands in every text of one event and nowhere else."""
    return f"zzevent{'abcdefgh'[number] * 3}"


def later(number: int) -> str:
    """A word that the title got in the change that moved or hid the event: nothing to who saw it only before."""
    return f"zzlater{'abcdefgh'[number] * 3}"


def person(number: int) -> str:
    """Somebody who is needed at this meeting and the next: a reason that rests on internal fields."""
    return f"Zzperson{'abcdefgh'[number] * 3}"


def record(number: int, kind: dict, whole: uuid.UUID | None) -> EventRecord:
    name = word(number)
    start = FIRST + timedelta(days=kind["days_later"])
    held = Option(start, start, held_until=date(2026, 12, 1), note="zzoptionnote")
    return EventRecord(
        titles={"en": f"Title {name}", "ar": f"عنوان {name}"}, short_title=f"Short {name}", kind=kind["kind"],
        descriptions={"en": f"Description {name}"}, processes=("basel",), organisers=(Organiser("x", kind["holder"]),),
        span=Span.inclusive(start, start + timedelta(days=3)), venue=f"Venue {name}", city=f"City {name}",
        format="in-person", audiences=("chemicals-delegates",), steward=kind["steward"], visibility=kind["before"],
        stage=kind["stage"], part_of=whole if kind["part"] else None, notes="zznotes", staffing="zzstaffing",
        expected_participants=98761, key_persons=(person(number), person(number - 1)),
        services=(ServiceGiven("brs", "staff", 3, note="zzservicenote"),), options=(held,),
    )  # fmt: skip


def saw_it(viewer: Viewer, event: Event, kind: dict) -> bool:
    """Whether somebody saw an event before it was changed."""
    editors = tuple(Editing(editor.organisation_code) for editor in event.editors)
    return can_see(viewer, Standing(kind["stage"], kind["before"], kind["steward"], None, editors))


def fill(session, kinds: list[dict]) -> list[Event]:
    """Add the events, move and hide some of them, and note who looks after what; all of it in one transaction."""
    ids: list[uuid.UUID] = []
    for number, kind in enumerate(kinds):
        ids.append(uuid.uuid4())
        made = events.Change("test", now() - timedelta(days=40))
        whole = ids[number - 1] if number else None
        event = events.create(session, ids[-1], record(number, kind, whole), made, reference())
        if kind["editor"]:
            event.editors = [EventEditor(organisation_code=kind["editor"])]
        hidden = events.Change("test", now() - timedelta(days=3))
        shift = timedelta(days=1 if kind["moved"] else 0)
        old = record_of(event)
        span = Span(old.span.start + shift, old.span.end + shift)
        titles = {language: f"{title} {later(number)}" for language, title in old.titles.items()}
        new = replace(
            old, visibility=kind["visibility"], span=span, titles=titles, short_title=f"Short {later(number)}"
        )
        events.change(session, event, new, hidden, reference())
        noted = {"changed_at": clock.now(), "changed_by": "x", "version": 1, "note": f"note {word(number)}"}
        owner = {"owner_organisation": "brs", "owner_name": f"Owner {word(number)}"}
        session.add(CoordinationSlot(event_id=ids[-1], slot="participation", state="open", **owner, **noted))
        session.add(
            EventMilestone(event_id=ids[-1], name=f"Step {word(number)}", due_on=date(2026, 12, 1), **owner, **noted)
        )
    session.flush()
    findings.recompute(session, now())
    return [session.get(Event, event_id) for event_id in ids]


@settings(max_examples=8)
@given(
    kinds=st.lists(ONE, min_size=2, max_size=4), code=st.sampled_from(MEMBERS), language=st.sampled_from(("en", "ar"))
)
@example(kinds=[OPEN, SECRET], code="brs", language="en")
@example(kinds=[OPEN, NEVER_SEEN], code="brs", language="en")
@example(kinds=[OPEN | {"holder": "minamata"}, SECRET | {"stage": Stage.DRAFT}], code="brs", language="en")
@example(kinds=[OPEN, OPEN | {"steward": "minamata", "holder": "minamata"}], code="minamata", language="en")
def test_no_word_of_what_an_organisation_may_not_see_is_in_its_digest(app, kinds, code, language):
    with transaction(keep=False) as session:
        made = fill(session, kinds)
        (issue,) = digests.compose(session, {code: [language]}, EDITION, now(), LINKS)
        everything = f"{issue.subject}\n{issue.text}\n{issue.html}\n{issue.ics}"
        viewer = Viewer(frozenset({code}))
        for number, event in enumerate(made):
            if not can_see(viewer, event):
                # Who saw it is told that it is gone, by the name that it had.
                name = f"Short {word(number)}" if language == "en" else f"عنوان {word(number)}"
                rest = everything.replace(name, "") if saw_it(viewer, event, kinds[number]) else everything
                assert word(number) not in rest
                assert later(number) not in everything
                assert str(event.id) not in everything
            # Somebody is needed at two meetings: only who keeps both may be told of it.
            stewards = {made[n].steward_code for n in (number, number + 1) if n < len(made)}
            if stewards != {code}:
                assert person(number).casefold() not in everything.casefold()
        for internal in INTERNAL:
            assert internal not in everything
    db.session.rollback()


@settings(max_examples=8)
@given(kinds=st.lists(ONE, min_size=2, max_size=4))
@example(kinds=[OPEN, SECRET])
def test_no_word_of_what_is_not_public_is_in_the_public_mail(app, kinds):
    with transaction(keep=False) as session:
        made = fill(session, kinds)
        since = now() - timedelta(days=30)
        issue = public_mail_content.Issue(EDITION.month, now(), since, "en", LINKS.home_url)
        changed = public_mail_content.load(session, since, now())
        content = public_mail_content.compose(session, "", changed, issue)
        everything = "\n".join((content.subject, *render_digest(content, LINKS.home_url))) if content else ""
        for number, event in enumerate(made):
            if not can_see(STRANGER, event):
                assert word(number) not in everything
                assert later(number) not in everything
                assert str(event.id) not in everything
            assert person(number).casefold() not in everything.casefold()
            assert f"Owner {word(number)}" not in everything
            assert f"Step {word(number)}" not in everything
        for internal in INTERNAL:
            assert internal not in everything
    db.session.rollback()


def test_the_same_digest_does_show_what_may_be_seen(app):
    """That the words are looked for where they would be."""
    with transaction(keep=False) as session:
        made = fill(session, [OPEN, OPEN | {"steward": "minamata", "holder": "minamata"}])
        (issue,) = digests.compose(session, {"brs": ["en"]}, EDITION, now(), LINKS)
        for number, event in enumerate(made):
            assert f"Short {later(number)}" in issue.text
            assert str(event.id) in issue.html
            assert f"Title {word(number)}" in issue.ics
    db.session.rollback()
