"""What a viewer gets of planning is the same whether events that they may not see are there or not.

Only the organisation that keeps an event is told that it meets something that another one has not shared.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import date

import pytest

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import PartRole, Stage, Visibility
from calendar_app.services import events
from calendar_app.services.records import BodyMeeting, EventRecord, Organiser, record_of
from calendar_app.services.reference import reference
from tests.web.actors import Actor, browser_of

JUNE = Span.inclusive(date(2027, 6, 14), date(2027, 6, 18))
VIEWERS = {
    "stranger": Actor(is_stranger=True),
    # It keeps none of the events: what is not shared is told to those who keep what meets it alone.
    "member of another": Actor({"chb": "coordinator"}),
    # It keeps the COP that all hidden events meet.
    "steward of what they meet": Actor({"brs": "coordinator"}),
}
ASKED = "kind=cop&body=BC-COP&city=Nairobi&country=KE&key_persons=Ana+Author"
PAGES = (
    "/planner?from=2027-06",
    "/planner?from=2027-04",
    f"/submit/dates?{ASKED}&dates=day&first_day=2027-06-14&last_day=2027-06-18",
    f"/submit/dates?{ASKED}&dates=day&first_day=2027-06-09&last_day=2027-06-11",
)
MEMBERS_PAGES = (
    "/clashes?state=all",
    "/clashes?kind=opportunity&state=all",
    "/finder?kind=cop&days=5&body=BC-COP&city=Nairobi&earliest=2027-06-01&latest=2027-07-16",
)
AGREED = re.compile(r"These dates meet an event that .{0,200}? has not shared\.")
# On the board these lines are a section of their own.
_SECTION = re.compile(r'<section[^>]*aria-labelledby="hidden-heading">.*?</section>', re.DOTALL)
# Made anew for each answer.
_PASSING = re.compile(r'(name="csrf_token"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="csrf_token"|nonce="[^"]*")')


def open_record(title: str, days: Span, **values) -> EventRecord:
    """A COP that everybody sees."""
    what = {"kind": "cop", "steward": "brs", "processes": ("basel",), "stage": Stage.PUBLISHED}
    what |= {"organisers": (Organiser("BRS Secretariat", "brs", "lead"),)}
    return EventRecord(titles={"en": title}, span=days, **(what | values))


def hidden_record(title: str, days: Span, **values) -> EventRecord:
    """An event of minamata that nobody else sees, with a key person of the others'."""
    what = {
        "visibility": Visibility.STEWARD, "steward": "minamata", "processes": ("minamata",), "city": "Geneva",
        "country": "CH", "key_persons": ("Ana Author",),
        "organisers": (Organiser("Minamata Secretariat", "minamata", "lead"),),
    }  # fmt: skip
    return open_record(title, days, **(what | values))


def around(first: date, last: date) -> Span:
    return Span.inclusive(first, last)


# The events that everybody sees: the COP that hidden ones meet, one of minamata after it, and one before.
COP, MERCURY, WEEK_BEFORE = (uuid.UUID(int=number) for number in range(1, 4))
OPEN = {
    COP: open_record(
        "Open COP", JUNE, bodies=(BodyMeeting("BC-COP", 18),), city="Nairobi", country="KE",
        key_persons=("Ana Author",),
    ),
    MERCURY: open_record(
        "Open mercury COP", around(date(2027, 6, 21), date(2027, 6, 25)), bodies=(BodyMeeting("MC-COP", 7),),
        city="Geneva", country="CH", steward="minamata", processes=("minamata",), key_persons=("Ana Author",),
        organisers=(Organiser("Minamata Secretariat", "minamata", "lead"),),
    ),
    WEEK_BEFORE: open_record(
        "Open working group", around(date(2027, 6, 9), date(2027, 6, 11)), kind="subsidiary-body",
        bodies=(BodyMeeting("BC-OEWG", 15),), city="Geneva", country="CH",
    ),
}  # fmt: skip
HIDDEN_ID = uuid.UUID(int=100)
# Each by its name: the hidden event, and what of the open ones is part of it.
HIDDEN = {
    "whole": (hidden_record("Hidden whole", around(date(2027, 6, 21), date(2027, 7, 2)), kind="cop"), (MERCURY,)),
    "pre-meeting": (
        hidden_record(
            "Hidden pre-meeting", around(date(2027, 6, 18), date(2027, 6, 20)), kind="regional-preparatory",
            part_of=MERCURY, part_role=str(PartRole.PRE_MEETING),
        ),
        (),
    ),
    "part": (
        hidden_record(
            "Hidden part", around(date(2027, 6, 21), date(2027, 6, 25)), kind="cop", part_of=MERCURY,
            part_role=str(PartRole.PART), bodies=(BodyMeeting("MC-COP", 7),),
        ),
        (),
    ),
    "regional preparatory meeting": (
        hidden_record(
            "Hidden regional meeting", around(date(2027, 4, 5), date(2027, 4, 7)), kind="regional-preparatory",
            regions=("Africa",), processes=("basel", "minamata"), bodies=(BodyMeeting("BC-COP", 18),),
        ),
        (),
    ),
    "COP on the same days": (
        hidden_record("Hidden COP", JUNE, kind="cop", bodies=(BodyMeeting("SC-COP", 13),)),
        (),
    ),
}  # fmt: skip


def write(records: dict[uuid.UUID, EventRecord]) -> None:
    with transaction() as session:
        for event_id, record in records.items():
            events.create(session, event_id, record, events.Change("test", clock.now()), reference())
            session.flush()


def pages(browser, actor: Actor) -> dict[str, str]:
    """What somebody reads, without what is another one each time."""
    db.session.rollback()
    found = {}
    for address in (*PAGES, *(() if actor.is_stranger else MEMBERS_PAGES)):
        answer = browser.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        text = _SECTION.sub("", _PASSING.sub("", answer.get_data(as_text=True)))
        # The ids of clashes are made anew with each calendar.
        ids = dict.fromkeys(re.findall(r"/clashes/([0-9a-f-]{36})", text))
        for number, one in enumerate(ids):
            text = text.replace(one, f"clash-{number}")
        found[address] = text
    return found


@pytest.mark.parametrize("viewer", sorted(VIEWERS))
@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_planning_says_the_same_with_a_hidden_event_there_and_without(app, signed_in, name, viewer):
    browser = browser_of(app, signed_in, VIEWERS[viewer])
    hidden, parts = HIDDEN[name]
    write(OPEN)
    without = pages(browser, VIEWERS[viewer])
    write({HIDDEN_ID: hidden})
    with transaction() as session:
        for event_id in parts:
            event = session.get(Event, event_id)
            record = replace(record_of(event), part_of=HIDDEN_ID, part_role=str(PartRole.PART))
            events.change(session, event, record, events.Change("test", clock.now()), reference())
    given = pages(browser, VIEWERS[viewer])
    differing = {}
    for address, text in given.items():
        lines = [line.strip() for line in text.splitlines() if line.strip() and not AGREED.search(line)]
        before = [line.strip() for line in without[address].splitlines() if line.strip()]
        if lines != before:
            differing[address] = sorted(set(lines) ^ set(before))[:8]
    assert not differing, differing


def test_the_pages_do_say_something_of_what_may_be_seen(app, signed_in):
    """So that the test above cannot pass because nothing is said at all."""
    browser = browser_of(app, signed_in, VIEWERS["member of another"])
    write(OPEN)
    without = pages(browser, VIEWERS["member of another"])
    hidden, _parts = HIDDEN["COP on the same days"]
    seen = replace(hidden, visibility=Visibility.PUBLIC, titles={"en": "Seen COP"}, key_persons=())
    write({HIDDEN_ID: seen})
    given = pages(browser, VIEWERS["member of another"])
    assert [address for address in given if "Seen COP" not in given[address]] == []
    assert [address for address in given if given[address] == without[address]] == []
