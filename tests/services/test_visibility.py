"""Who may see what: nothing that is not public reaches a stranger, on no page, in no feed, in no number."""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from calendar_app.extensions import clock, transaction
from calendar_app.models import Event
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import LinkKind, Stage, Visibility
from calendar_app.services import calendar, events
from calendar_app.services.calendar import OPERATOR, STRANGER, Viewer, can_see, visible_to
from calendar_app.services.records import EventRecord, Link, Option, Organiser, ServiceGiven
from calendar_app.services.reference import reference

MEMBERS = ("brs", "minamata", "chb", "gfc")
INTERNAL = ("zznotes", "zzstaffing", "zzperson", "zzservice", "zzoption", "98765")
KINDS = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(Stage),
        "visibility": st.sampled_from(Visibility),
        "steward": st.sampled_from(MEMBERS),
        "merged": st.booleans(),
        "past": st.booleans(),
    }
)
FOR_MEMBERS = {
    "stage": Stage.PUBLISHED, "visibility": Visibility.MEMBERS, "steward": "brs", "merged": False, "past": False,
}  # fmt: skip
VIEWERS = st.one_of(
    st.just(OPERATOR),
    st.just(STRANGER),
    st.frozensets(st.sampled_from([*MEMBERS, "who"]), max_size=3).map(Viewer),
)
PAGES = ("/", "/past", "/subscribe", "/?q=zz", "/past?q=zz", "/?from=2000-01", "/?city=zztown", "/subscribe?q=zz")
FEEDS = ("/feeds/all.ics", "/feeds/basel.ics", "/feeds/calendar.ics?q=zz", "/feeds/calendar.ics?tbc=1&cancelled=keep")


def word(number: int) -> str:
    """A word of its own for each event, which occurs nowhere else."""
    return f"zzevent{'abcdefgh'[number] * 3}"


def record(number: int, kind: dict, whole: uuid.UUID | None, links: tuple[Link, ...]) -> EventRecord:
    name = word(number)
    start = date(2026, 9, 1 + number) if kind["past"] else date(2027, 3, 1 + number)
    return EventRecord(
        titles={"en": f"Title {name}", "fr": f"Titre {name}"},
        short_title=f"Short {name}",
        descriptions={"en": f"Description {name}"},
        processes=("basel",),
        organisers=(Organiser(f"Organiser {name}"),),
        series="zzseries",
        part_of=whole,
        links=links,
        span=Span.inclusive(start, start),
        venue=f"Venue {name}",
        city="zztown" if number % 2 else "",
        steward=kind["steward"],
        visibility=kind["visibility"],
        stage=kind["stage"],
        notes="zznotes",
        staffing="zzstaffing",
        key_persons=("zzperson",),
        expected_participants=98765,
        services=(ServiceGiven("brs", "it", 98765, note="zzservice"),),
        options=(Option(date(2027, 5, 1), date(2027, 5, 2), "zzoption", note="zzoption"),),
    )


def write(session, kinds: list[dict]) -> list[uuid.UUID]:
    """Write a chain of events: each is part of the one before, linked to its neighbours, of one series."""
    ids = [uuid.uuid4() for _ in kinds]
    public = uuid.uuid4()
    made = events.Change("test", clock.now())
    open_kind = {"stage": Stage.PUBLISHED, "visibility": Visibility.PUBLIC, "steward": "brs", "past": False}
    for number, (event_id, kind) in enumerate(zip(ids, kinds, strict=True)):
        links = (Link(LinkKind.BACK_TO_BACK, ids[(number + 1) % len(ids)]),) if len(ids) > 1 else ()
        merged = events.Kept(merged_into=public) if kind["merged"] else None
        whole = ids[number - 1] if number else None
        events.create(session, event_id, record(number, kind, whole, links), made, reference(), merged)
    links = tuple(Link(LinkKind.PREPARES_FOR, event_id) for event_id in ids)
    winner = replace(record(7, open_kind, ids[-1], links), series="zzseries")
    events.create(session, public, winner, made, reference())
    session.flush()
    return [*ids, public]


def is_public(kind: dict) -> bool:
    return kind["stage"] == Stage.PUBLISHED and kind["visibility"] == Visibility.PUBLIC and not kind["merged"]


def clear(session) -> None:
    with transaction() as writing:
        for event in writing.scalars(select(Event)):
            event.part_of_id = event.merged_into_id = None
            event.links = []
        writing.flush()
        for table in (
            "finding_entries",
            "findings",
            "revisions",
            "event_facets",
            "event_sources",
            "services",
            "date_options",
            "event_links",
            "events",
        ):
            writing.connection().exec_driver_sql(f"DELETE FROM {table}")
    session.rollback()
    session.expunge_all()


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(kinds=st.lists(KINDS, min_size=1, max_size=4))
@example(kinds=[FOR_MEMBERS, FOR_MEMBERS | {"visibility": Visibility.STEWARD, "past": True}])
def test_a_stranger_meets_nothing_that_is_not_public(app, client, session, kinds):
    with transaction() as writing:
        ids = write(writing, kinds)
    try:
        check_answers(client, kinds, ids)
    finally:
        clear(session)


def check_answers(client, kinds: list[dict], ids: list[uuid.UUID]) -> None:
    hidden = [number for number, kind in enumerate(kinds) if not is_public(kind)]
    secrets = [word(number) for number in hidden] + [str(ids[number]) for number in hidden]
    shown = [number for number in range(len(kinds)) if number not in hidden]
    addresses = [*PAGES, f"/events/{ids[-1]}"] + [f"/events/{ids[number]}" for number in shown]
    for address in addresses:
        answer = client.get(address)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200 or "zztown" in address, address
        assert not [secret for secret in (*secrets, *INTERNAL) if secret in text], address
    for address in [*FEEDS, f"/events/{ids[-1]}.ics", *(f"/events/{ids[number]}.ics" for number in shown)]:
        text = client.get(address).get_data(as_text=True).replace("\r\n ", "")
        for secret in (*secrets, *INTERNAL):
            assert secret not in text, address
        assert text.count("BEGIN:VEVENT") == text.count("\nUID:")
    for number in hidden:
        answers = [client.get(f"/events/{ids[number]}{suffix}") for suffix in ("", ".ics")]
        if kinds[number]["merged"]:
            assert [a.status_code for a in answers] == [301, 301]
            assert all(str(ids[-1]) in a.location for a in answers)
        else:
            assert [a.status_code for a in answers] == [404, 404]
            nobody = client.get(f"/events/{uuid.uuid4()}").get_data(as_text=True)
            assert answers[0].get_data(as_text=True) == nobody
        assert all(word(number) not in a.get_data(as_text=True) for a in answers)
    check_numbers(client, kinds)


def check_numbers(client, kinds: list[dict]) -> None:
    """The numbers on tabs and on the subscription page count what is public."""
    public = [kind for kind in kinds if is_public(kind)]
    past, coming = sum(kind["past"] for kind in public), sum(not kind["past"] for kind in public) + 1
    text = html.unescape(re.sub(r"<[^>]+>", " ", client.get("/").get_data(as_text=True)))
    assert f"Coming ({coming})" in text
    assert f"Past ({past})" in text
    for query in ("", "?q=zz"):
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"/subscribe{query}").get_data(as_text=True)))
        number = re.search(r"carries (\d+) event", text)
        assert number, text[:2000]
        assert int(number[1]) == past + coming


@settings(max_examples=30)
@given(kinds=st.lists(KINDS, min_size=1, max_size=4), viewer=VIEWERS)
def test_the_database_and_the_loaded_event_agree_on_who_sees_it(app, kinds, viewer):
    with transaction(keep=False) as session:
        ids = write(session, kinds)
        seen = set(session.scalars(select(Event.id).where(visible_to(viewer))))
        for event in session.scalars(select(Event)):
            assert (event.id in seen) is can_see(viewer, event), (event.stage, event.visibility, event.steward_code)
            found = calendar.find_event(session, viewer, str(event.id))
            if event.merged_into_id is None:
                assert (found is not None) is (event.id in seen)
        assert ids[-1] in seen
        for number, kind in enumerate(kinds):
            member = bool(viewer.organisations)
            published = kind["stage"] == Stage.PUBLISHED
            expected = viewer.sees_everything or (
                not kind["merged"]
                and (
                    (published and kind["visibility"] == Visibility.PUBLIC)
                    or (published and kind["visibility"] == Visibility.MEMBERS and member)
                    or kind["steward"] in viewer.organisations
                )
            )
            assert (ids[number] in seen) is expected


def test_an_organiser_or_a_city_of_hidden_events_is_no_filter(client, add_event):
    add_event(title="Hidden", city="zztown", organisers=(Organiser("Zz network"),), stage=Stage.DRAFT)
    for address in ("/?city=zztown", "/?organiser=zz-network", "/feeds/calendar.ics?city=zztown"):
        assert client.get(address).status_code == 400, address
    add_event(title="Shown", city="zztown", organisers=(Organiser("Zz network"),))
    for address in ("/?city=zztown", "/?organiser=zz-network", "/feeds/calendar.ics?city=zztown"):
        assert client.get(address).status_code == 200, address


def test_internal_fields_cannot_be_searched(client, add_event):
    add_event(
        title="Shown", notes="zznotes", staffing="zzstaffing", key_persons=("zzperson",), contact="zzcontact",
        services=(ServiceGiven("brs", "it", note="zzservice"),), expected_participants=98765,
        options=(Option(date(2027, 5, 1), date(2027, 5, 2), "zzoption"),),
        last_confirmed_at=datetime(2026, 1, 1, tzinfo=UTC), last_confirmed_by="zzconfirmer",
    )  # fmt: skip
    for query in (*INTERNAL, "zzconfirmer"):
        text = client.get("/feeds/calendar.ics", query_string={"q": query}).get_data(as_text=True)
        assert "BEGIN:VEVENT" not in text, query
    assert "zzconfirmer" not in client.get("/").get_data(as_text=True)
