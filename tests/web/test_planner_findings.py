"""What gets in the way, on the planner: marks on the bars, pairs that are joined, and the lists below."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from calendar_app.extensions import clock, transaction
from calendar_app.models import StoredFinding
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import LinkKind, OptionState, Visibility
from calendar_app.services import events, policies
from calendar_app.services.finding_life import ACCEPTED
from calendar_app.services.records import BodyMeeting, Link, Option, Organiser
from tests.conftest import counted_queries

pytestmark = pytest.mark.either_database

PAGE = "/planner?from=2027-01"
BRS = {
    "kind": "cop",
    "bodies": (BodyMeeting("BC-COP", 18),),
    "organisers": (Organiser("BRS", "brs"),),
    "city": "Geneva",
    "country": "CH",
    "format": "in-person",
}
ELSEWHERE = BRS | {
    "bodies": (BodyMeeting("MC-COP", 7),),
    "processes": ("minamata",),
    "organisers": (Organiser("Minamata", "minamata"),),
    "steward": "minamata",
    "city": "Nairobi",
    "country": "KE",
}


@pytest.fixture
def clash(add_event):
    """Two conferences on the same days in two cities."""
    days = {"first": date(2027, 6, 7), "last": date(2027, 6, 11)}
    one = add_event(title="Basel COP", short_title="BC COP", processes=("basel",), **days, **BRS)
    return one, add_event(title="Minamata COP", short_title="MC COP", **days, **ELSEWHERE)


def page_of(browser, where: str = PAGE) -> str:
    answer = browser.get(where)
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


def bars(page: str) -> dict[str, tuple[str, str]]:
    """Return class and text of each bar by its address."""
    found = re.findall(r'<a class="bar ([^"]*)" href="([^"]*)">(.*?)</a>', page)
    return {url: (style, re.sub(r"<[^>]+>", "|", text)) for style, url, text in found}


def section(page: str, heading: str) -> str:
    start = page.index(f'id="{heading}"')
    return page[start : page.index("</section>", start)]


def test_a_clash_marks_the_bars_that_meet_and_their_cards_say_with_what(client, clash):
    one, other = clash
    shown = bars(page_of(client))
    assert "meets-critical" in shown[f"/events/{one}"][0]
    assert "meets-critical" in shown[f"/events/{other}"][0]
    assert "Critical clash with MC COP" in shown[f"/events/{one}"][1]
    assert "Critical clash with BC COP" in shown[f"/events/{other}"][1]


def test_what_gets_in_the_way_is_listed_with_links_to_the_clash_for_members_and_to_the_events_for_others(
    client, signed_in, session, clash
):
    (found,) = session.scalars(select(StoredFinding).where(StoredFinding.severity == 3))
    for_others = section(page_of(client), "way-heading")
    assert "take place at the same time: 7–11 June 2027." in for_others
    assert "Critical" in for_others
    assert "/clashes" not in for_others
    assert all(f'href="/events/{event}"' in for_others for event in clash)
    for_members = section(page_of(signed_in("ana@brs.example", brs="coordinator")), "way-heading")
    assert f'href="/clashes/{found.id}"' in for_members


def test_a_hidden_event_is_in_nobodys_way_on_the_page_of_who_may_not_see_it(client, signed_in, add_event):
    days = {"first": date(2027, 6, 7), "last": date(2027, 6, 11)}
    add_event(title="Basel COP", processes=("basel",), **days, **BRS)
    add_event(title="Hidden COP", **days, **ELSEWHERE, visibility=Visibility.STEWARD)
    for browser in (client, signed_in("ana@brs.example", brs="coordinator")):
        page = page_of(browser)
        assert "Hidden COP" not in page
        assert "meets-critical" not in re.sub(r"sample-\w+", "", page)
        assert "way-heading" not in page
    theirs = page_of(signed_in("bo@minamata.example", minamata="contributor"))
    assert "Critical clash with Basel COP" in theirs


def test_clashes_of_candidate_dates_are_for_members(client, signed_in, add_event):
    days = {"first": date(2027, 6, 7), "last": date(2027, 6, 11)}
    add_event(title="Basel COP", processes=("basel",), **days, **BRS)
    option = Option(date(2027, 6, 7), date(2027, 6, 11), "Nairobi", OptionState.OPEN, date(2027, 1, 31), "")
    add_event(title="Open COP", first=None, precision=Precision.WORDS, options=(option,), **ELSEWHERE)
    assert "way-heading" not in page_of(client)
    theirs = section(page_of(signed_in("ana@brs.example", brs="coordinator")), "way-heading")
    assert "Open COP" in theirs
    assert "on a candidate date" in theirs


def test_what_all_have_accepted_is_quiet_for_members_and_the_public_learns_nothing_of_answers(
    client, signed_in, session, clash
):
    before = page_of(client)
    with transaction(exclusive=False) as writing:
        for found in writing.scalars(select(StoredFinding)):
            found.state = ACCEPTED
    assert "way-heading" not in page_of(signed_in("ana@brs.example", brs="coordinator"))
    assert page_of(client) == before


def test_a_change_of_the_policy_changes_the_page_that_is_kept(client, add_event):
    add_event(title="On a weekend", first=date(2027, 5, 8), last=date(2027, 5, 9), **BRS, processes=("basel",))
    assert "begins on a weekend" in page_of(client)
    silent = policies.as_toml(replace(policies.packaged(), weekend_start=0))
    with transaction() as writing:
        policies.put_in_force(writing, silent, events.Change("test", clock.now(), "Weekends are fine"))
    assert "begins on a weekend" not in page_of(client)


def test_a_filter_hides_what_concerns_none_of_its_events(client, clash):
    one, other = clash
    page = page_of(client, f"{PAGE}&convention=minamata")
    # The other is not drawn, but it is what gets in the way.
    assert "Critical clash with BC COP" in bars(page)[f"/events/{other}"][1]
    assert f"/events/{one}" not in bars(page)
    assert "way-heading" not in page_of(client, f"{PAGE}&convention=gef")
    assert "way-heading" not in page_of(client, "/planner?from=2028-01")


def pair(add_event, **second) -> None:
    first = add_event(
        title="Committee",
        short_title="CRC",
        first=date(2027, 9, 14),
        last=date(2027, 9, 17),
        **BRS,
        processes=("basel",),
    )
    values = BRS | {"processes": ("basel",)} | second
    add_event(
        title="Other committee", short_title="POPRC", first=date(2027, 9, 20), last=date(2027, 9, 24),
        links=(Link(LinkKind.BACK_TO_BACK, first),), **values,
    )  # fmt: skip


def test_pairs_back_to_back_are_joined_in_their_lane_and_named_on_cards_and_below(client, add_event):
    pair(add_event)
    page = page_of(client)
    (join,) = re.findall(r'<li class="join ([^"]*)" aria-hidden="true">', page)
    assert join.split()[0] in {"is-level", "is-down", "is-up"}
    # From the day after the first, 18 September, two days long.
    assert " a2 b6 z2" in join
    assert {text for _style, text in bars(page).values() if "Together with: POPRC" in text}
    assert "planned back-to-back" in section(page, "pairs-heading")


def test_no_line_leads_to_an_event_whose_candidate_date_is_meant_and_the_list_says_so(signed_in, add_event):
    committee = BRS | {"kind": "subsidiary-body", "bodies": (BodyMeeting("CRC", 23),), "processes": ("rotterdam",)}
    add_event(title="Committee", first=date(2027, 9, 14), last=date(2027, 9, 17), **committee)
    option = Option(date(2027, 9, 20), date(2027, 9, 24), "Geneva", OptionState.OPEN, date(2027, 12, 31), "")
    other = committee | {"bodies": (BodyMeeting("POPRC", 23),), "processes": ("stockholm",)}
    # Its own dates follow in the same lane's year: a line would lead there.
    add_event(title="Undecided", first=date(2027, 11, 1), last=date(2027, 11, 5), options=(option,), **other)
    page = page_of(signed_in("ana@brs.example", brs="coordinator"))
    assert "on a candidate date" in section(page, "pairs-heading")
    assert 'class="join ' not in page


def test_a_pair_in_two_lanes_is_joined_across_those_between(client, add_event):
    add_event(title="Between", first=date(2027, 2, 1), processes=("rotterdam",))
    pair(add_event, processes=("stockholm",))
    page = page_of(client)
    joins = {
        slug: re.findall(
            r'<li class="join ([^"]*)"', page[page.index(f"lane process-{slug}") :].partition("</ul>\n")[0]
        )
        for slug in ("basel", "rotterdam", "stockholm")
    }
    ways = {slug: [" ".join(j.split()[:2]) for j in found if j] for slug, found in joins.items()}
    assert [way.split()[0] for way in ways["basel"]] == ["is-below"]
    assert [way.split()[0] for way in ways["rotterdam"]] == ["is-through"]
    assert ways["stockholm"] == ["is-to is-above"]


def test_set_at_september_2025_one_can_name_what_meets_minamata_cop_6(packaged_app):
    page = page_of(packaged_app.test_client(), "/planner?from=2025-09")
    way = section(page, "way-heading")
    critical = re.findall(r'severity-critical.*?<span dir="auto">(.*?)</span>', way, re.DOTALL)
    assert len(critical) == 1
    assert "MC COP-6" in critical[0]
    assert "MP MOP-37" in critical[0]
    assert "3–7 November 2025" in critical[0]
    assert any("Critical clash with MP MOP-37" in text for _style, text in bars(page).values())
    joined = section(page, "pairs-heading")
    assert "Chemical Review Committee" in joined
    assert "one journey to Rome" in joined


def test_the_button_takes_lane_and_length_to_the_finder(signed_in):
    ana = signed_in("ana@brs.example", brs="coordinator")
    page = page_of(ana, "/planner?from=2026-09&convention=minamata")
    form = page[page.index('class="planner-finder"') :].partition("</form>")[0]
    assert 'name="earliest" value="2026-11-21"' in form
    assert 'name="latest" value="2027-08-31"' in form
    assert re.search(r'value="minamata"\s+selected', form)
    finder = page_of(ana, "/finder?earliest=2026-11-21&latest=2027-08-31&days=3&convention=minamata")
    assert re.search(r'checked[^>]*name="convention"[^>]*value="minamata"', finder)
    assert 'name="days"' in finder
    assert 'value="3"' in finder
    assert "planner-finder" not in page_of(ana, "/planner?from=2024-01")


def test_findings_cost_the_planner_no_more_queries_however_many_there_are(app, client, add_event):
    needed = []
    for count in (1, 20):
        for number in range(count):
            values = ELSEWHERE | {"city": f"City {number}"}
            add_event(title=f"COP {number}", first=date(2027, 6, 7), last=date(2027, 6, 11), **values)
        with counted_queries() as statements:
            page_of(client)
        needed.append(len(statements))
    assert needed[0] == needed[1] <= 9
