"""Every change with who, when, why, before and after, for those who may read it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from calendar_app.planning.vocabulary import LinkKind, Stage, Visibility
from calendar_app.services import field_words
from calendar_app.services.differences import BESIDES
from calendar_app.services.records import FIELDS, INTERNAL_FIELDS, Link, Option, ServiceGiven
from calendar_app.services.wording import Words
from tests.work.filling import send


@pytest.fixture
def ana(signed_in):
    return signed_in("ana@brs.example", brs="coordinator")


def words_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_the_history_says_who_changed_what_from_what_to_what_and_why(ana, add_event):
    event_id = add_event(title="Event", venue="Old venue")
    send(ana, f"/events/{event_id}/edit", {"venue": "New venue", "reason": "It moved."})
    send(ana, f"/events/{event_id}/cancel", {"reason": "No money."})
    text = words_of(ana.get(f"/events/{event_id}/history"))
    for said in ("Ana (BRS)", "It moved.", "Old venue", "New venue", "No money.", "Confirmed Cancelled"):
        assert said in text, said
    assert text.index("No money.") < text.index("It moved.")


def test_members_of_others_read_no_internal_field_and_nothing_of_the_time_before(ana, signed_in, add_event):
    event_id = add_event(title="Zzdraft", stage=Stage.DRAFT, notes="zznotes")
    send(ana, f"/events/{event_id}/edit", {"title": "Event", "reason": "zzbefore"})
    send(ana, f"/events/{event_id}/publish", {"reason": "zzpublishing"})
    send(ana, f"/events/{event_id}/edit", {"notes": "zzother", "reason": "zzinternal"})
    send(ana, f"/events/{event_id}/edit", {"notes": "zzthird", "venue": "CICG", "reason": "Venue known."})
    own = words_of(ana.get(f"/events/{event_id}/history"))
    other = words_of(signed_in("mo@minamata.example", minamata="contributor").get(f"/events/{event_id}/history"))
    assert "zznotes" in own
    assert "zzbefore" in own
    assert "zz" not in other.lower()
    assert "Venue known." in other
    assert "Published" in other


def test_the_history_is_for_members_who_see_the_event(client, signed_in, add_event):
    event_id, hidden = add_event(title="Event"), add_event(title="Hidden", visibility=Visibility.STEWARD)
    assert client.get(f"/events/{event_id}/history").location.startswith("/sign-in")
    assert signed_in("no@example.org").get(f"/events/{event_id}/history").status_code == 403
    mo = signed_in("mo@minamata.example", minamata="coordinator")
    assert mo.get(f"/events/{hidden}/history").status_code == 404


def test_another_event_is_named_only_to_those_who_see_it(ana, signed_in, add_event):
    hidden = add_event(title="Zzhidden", stage=Stage.DRAFT)
    event_id = add_event(title="Event", part_of=hidden, links=(Link(LinkKind.PREPARES_FOR, hidden),))
    mo = signed_in("mo@minamata.example", minamata="coordinator")
    send(ana, f"/events/{event_id}/edit", {"part_of": ""})
    assert "Zzhidden" in words_of(ana.get(f"/events/{event_id}/history"))
    text = words_of(mo.get(f"/events/{event_id}/history"))
    assert "Zzhidden" not in text
    assert "An event that you may not see" in text


def test_every_field_has_a_name_and_every_value_reads(app):
    fields = field_words.FieldWords(Words())
    for name in (*FIELDS, *BESIDES):
        assert fields.label(name)
        assert fields.label(name) != name
    assert set(FIELDS) >= INTERNAL_FIELDS


def test_internal_values_read_as_sentences(ana, add_event):
    event_id = add_event(
        title="Event",
        services=(ServiceGiven("minamata", "registration", 3, date(2027, 3, 1), date(2027, 3, 2), "agreed", "Badges"),),
        options=(Option(date(2027, 5, 1), date(2027, 5, 2), "Geneva", held_until=date(2027, 1, 1)),),
        expected_participants=300,
        key_persons=("The President",),
    )
    text = words_of(ana.get(f"/events/{event_id}"))
    assert "registration, 3 people, 1–2 March 2027, agreed, Badges" in text
    assert "1–2 May 2027, Geneva, open, held until 1 January 2027" in text
    for said in ("300", "The President"):
        assert said in text
