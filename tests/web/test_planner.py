"""The planner's page: what it shows of which months, and to whom."""

from __future__ import annotations

import html
import re
import sys
from datetime import date
from html.parser import HTMLParser

import pytest

from calendar_app.extensions import db, transaction
from calendar_app.planning.dates import Precision, Span
from calendar_app.planning.vocabulary import OptionState, Stage, Status, Visibility
from calendar_app.services import planned
from calendar_app.services.calendar import OPERATOR, STRANGER, Viewer
from calendar_app.services.filters import EventFilter
from calendar_app.services.records import Option
from tests.conftest import counted_queries

pytestmark = pytest.mark.either_database


class Lanes(HTMLParser):
    """Reads the lanes of the page: for each its name and its bars, in the order in which they are read out."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.lanes: dict[str, list[dict[str, str]]] = {}
        self.name: list[str] | None = None
        self.bar: dict[str, str] | None = None
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if values.get("class") == "lane-name" and tag == "h2":
            self.name = []
        elif tag == "a" and (values.get("class") or "").startswith("bar "):
            self.bar = {"class": values["class"], "url": values["href"], "text": ""}
            self.lanes["".join(self.lane).strip()].append(self.bar)
        elif self.bar is not None and tag in {"i", "strong"}:
            self.bar["text"] += "|"

    def handle_endtag(self, tag):
        if tag == "h2" and self.name is not None:
            self.lane = self.name
            self.lanes["".join(self.name).strip()] = []
            self.name = None
        elif tag == "a":
            self.bar = None

    def handle_data(self, data):
        if self.name is not None:
            self.name.append(data)
        elif self.bar is not None:
            self.bar["text"] += data


def lanes(client, address: str) -> dict[str, list[dict[str, str]]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return Lanes(answer.get_data(as_text=True)).lanes


def heading(client, address: str) -> str:
    return re.search(r"<h1>(.*?)</h1>", client.get(address).get_data(as_text=True))[1]


@pytest.mark.parametrize(
    ("query", "months"),
    [
        ("", "November 2026 – October 2027"),
        ("?months=3", "November 2026 – January 2027"),
        ("?from=2025-09", "September 2025 – August 2026"),
        ("?from=2025-09-17&months=30", "September 2025 – February 2028"),
        ("?from=2026-01&months=12", "January – December 2026"),
        ("?from=2026-03&to=2026-07", "March – July 2026"),
        ("?from=2026-03&to=2026-03-20", "March – May 2026"),
        ("?to=2027-01", "February 2026 – January 2027"),
        ("?from=2020-01&to=2022-06", "January 2020 – June 2022"),
        ("?to=1970-01", "January – March 1970"),
        ("?from=1970-01", "January – December 1970"),
        ("?from=2099-12&months=30", "December 2099 – May 2102"),
    ],
)
def test_the_address_says_which_months_are_shown(client, query, months):
    assert heading(client, f"/planner{query}") == f"Planner: {months}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("months=2", "“2” is not a value of the filter “months”."),
        ("months=31", "“31” is not a value of the filter “months”."),
        ("months=%D9%A3", "“٣” is not a value of the filter “months”."),
        ("months=3&months=6", "“months” can be given only once."),
        ("months=3&to=2027-01", "Give either “months” or “to”, not both."),
        ("from=2020-01&to=2022-07", "“to” (2022-07) is more than 30 months after “from”"),
        ("from=soon", "“soon” in “from” is not a date"),
        ("months=", None),
        ("colour=red", "“colour” is not a filter of this page."),
    ],
)
def test_what_it_cannot_show_is_named(client, query, said):
    answer = client.get(f"/planner?{query}")
    if said is None:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 400
        assert said in answer.get_data(as_text=True)


def test_an_event_has_a_bar_in_the_lane_of_each_of_its_processes(client, add_event, monkeypatch):
    event_id = add_event(title="Joint meeting", short_title="Joint", processes=("basel", "cbd", "minamata"))
    add_event(title="Climate", processes=("unfccc",))
    add_event(title="Nobody's", processes=())
    shown = lanes(client, "/planner?from=2027-01")
    assert [name for name in shown if name not in {"Observances", "Holidays"}] == [
        "Basel",
        "Minamata",
        "Outside events",
    ]
    assert [bar["text"] for bar in shown["Basel"]] == [
        "Joint|Joint meeting|1 March 2027|Confirmed|Basel, CBD, Minamata"
    ]
    assert [bar["text"] for bar in shown["Minamata"]] == [bar["text"] for bar in shown["Basel"]]
    assert {bar["url"] for bar in shown["Basel"] + shown["Minamata"]} == {f"/events/{event_id}"}
    assert {bar["text"].split("|")[0] for bar in shown["Outside events"]} == {"Climate", "Nobody's"}
    # Of the processes that are asked for, no other has a lane.
    chosen = lanes(client, "/planner?from=2027-01&convention=minamata,cbd")
    assert [name for name in chosen if name not in {"Observances", "Holidays"}] == ["Minamata"]
    # Where there are very many events, each says everything once.
    monkeypatch.setattr("calendar_app.web.planner.chart.MOST_WITH_ALL_CARDS", 2)
    many = lanes(client, "/planner?from=2027-01&months=13")
    assert many["Basel"][0]["text"].startswith("Joint|Joint meeting|")
    assert [bar["text"] for bar in many["Minamata"]] == ["Joint"]


def test_a_bar_looks_as_firm_as_its_dates_are(client, add_event):
    for status in Status:
        add_event(title=f"{status} one", status=status)
    quarter = {"first": date(2027, 4, 1), "last": date(2027, 6, 30), "precision": Precision.QUARTER}
    add_event(title="Vague one", date_text="second quarter of 2027", **quarter)
    add_event(title="Undated one", first=None, precision=Precision.WORDS, date_text="after the COP")
    bars = {bar["text"].split("|")[0]: bar["class"].split() for bar in lanes(client, "/planner?from=2027-01")["Basel"]}
    for status in Status:
        said = {"postponed": " (Postponed)", "cancelled": " (Cancelled)"}.get(status, "")
        assert f"is-{status}" in bars.pop(f"{status} one{said}")
    assert "is-vague" in bars.pop("Vague one: second quarter of 2027")
    assert not bars
    page = client.get("/planner?from=2027-01").get_data(as_text=True)
    assert re.search(r"No month known yet.*Undated one.*after the COP", page, re.DOTALL)


def test_parts_stand_inside_the_outermost_whole_of_their_lane(client, add_event):
    round_ = add_event(title="Round", first=date(2027, 3, 1), last=date(2027, 4, 30))
    session = add_event(title="Session", first=date(2027, 3, 8), last=date(2027, 3, 12), part_of=round_)
    add_event(title="Side event", first=date(2027, 3, 9), part_of=session)
    add_event(title="Its part elsewhere", first=date(2027, 3, 10), part_of=round_, processes=("minamata",))
    page = client.get("/planner?from=2027-01").get_data(as_text=True)
    basel = page[page.index("lane process-basel") : page.index("lane process-minamata")]
    nested = re.search(r'<span class="frame[^>]*></span><ul>(.*?)</ul>', basel)[1]
    assert re.findall(r"<strong[^>]*>(.*?)</strong>", nested) == ["Session", "Side event"]
    assert "Its part elsewhere" not in basel
    assert "frame" not in page[page.index("lane process-minamata") :]


def test_events_are_read_in_the_order_of_their_days(client, add_event):
    for month in (5, 2, 9, 1, 7):
        add_event(title=f"Month {month}", first=date(2027, month, 3))
    assert [b["text"][:7] for b in lanes(client, "/planner?from=2027-01")["Basel"]] == [
        f"Month {month}" for month in (1, 2, 5, 7, 9)
    ]


def test_what_reaches_over_the_ends_of_the_window_is_cut_there_and_what_only_touches_them_is_left_out(
    client, add_event
):
    add_event(title="Long", first=date(2026, 1, 1), last=date(2028, 12, 31))
    add_event(title="Over the year", first=date(2027, 12, 30), last=date(2028, 1, 2))
    add_event(title="Day before", first=date(2026, 12, 31))
    add_event(title="Day after", first=date(2028, 1, 1))
    bars = {b["text"].split("|")[0]: b["class"] for b in lanes(client, "/planner?from=2027-01")["Basel"]}
    assert list(bars) == ["Long", "Over the year"]
    assert bars["Long"].endswith(" inside x3 y6 z5")
    assert " before a3 b6 c2 z3" in bars["Over the year"]


def test_hidden_events_have_no_bar(client, add_event):
    for stage in set(Stage) - {Stage.PUBLISHED}:
        add_event(title="Hidden", stage=stage)
    add_event(title="Hidden", visibility=Visibility.MEMBERS)
    add_event(title="Hidden", visibility=Visibility.STEWARD, first=None, precision=Precision.WORDS)
    assert "Hidden" not in client.get("/planner?from=2027-01").get_data(as_text=True)


def test_filters_and_months_are_kept_in_every_address(client, add_event):
    add_event(title="Found", processes=("minamata",), city="Geneva", country="CH")
    add_event(title="Lost", processes=("basel",))
    page = client.get("/planner?convention=minamata&from=2027-01&months=6&lang=en").get_data(as_text=True)
    assert "Lost" not in page
    kept = "convention=minamata&amp;from=2027-01&amp;lang=en"
    for address in (
        f"/planner?{kept}&amp;months=3",
        f"/planner?{kept}&amp;months=30",
        f"/planner?{kept}",
        "/planner?convention=minamata&amp;from=2026-10&amp;lang=en&amp;months=6",
        "/planner?convention=minamata&amp;from=2027-04&amp;lang=en&amp;months=6",
        "/planner?convention=minamata&amp;from=2026-11&amp;lang=en&amp;months=6",
        "/calendar?convention=minamata&amp;from=2027-03&amp;lang=en",
        "/?convention=minamata&amp;from=2027-01&amp;to=2027-06&amp;lang=en",
        "/subscribe?convention=minamata&amp;lang=en",
    ):
        assert f'href="{address}"' in page, address
    assert '<input type="hidden" name="from" value="2027-01">' in page
    assert '<input type="hidden" name="months" value="6">' in page


@pytest.mark.parametrize("query", ["from=1970-01", "to=1970-01", "from=2099-12", "from=2099-12&months=30"])
def test_at_the_ends_of_time_no_address_leads_beyond_them(client, query):
    page = client.get(f"/planner?{query}").get_data(as_text=True)
    addresses = {html.unescape(address) for address in re.findall(r'href="(/(?!static)[^"]*)"', page)}
    assert len(addresses) > 15
    assert [address for address in addresses if client.get(address).status_code != 200] == []


def test_an_empty_planner_says_what_to_relax(client, add_event):
    add_event(processes=("basel",))
    page = client.get("/planner?convention=gef&q=nothing&from=2027-01").get_data(as_text=True)
    assert "No event matches in these months." in page
    assert 'href="/planner?from=2027-01&amp;q=nothing"' in page
    assert 'href="/planner?convention=gef&amp;from=2027-01"' in page
    # The holidays and the free weeks are there all the same.
    assert "Good Friday" in page


def said_of_weeks(page: str) -> str:
    """Return the part of the page that says in words which weeks are free."""
    return page[page.index('id="free-heading"') : page.index("</dl>")]


def test_weeks_are_counted_and_the_free_ones_named(client, add_event):
    geneva = {"city": "Geneva", "country": "CH", "processes": ("minamata",)}
    add_event(first=date(2027, 1, 11), last=date(2027, 1, 15), **geneva)
    add_event(first=date(2027, 1, 18), status=Status.CANCELLED, **geneva)
    add_event(first=date(2027, 1, 19), format="online", **geneva)
    add_event(title="Vague", first=date(2027, 2, 1), last=date(2027, 2, 28), precision=Precision.MONTH, **geneva)
    add_event(first=date(2027, 2, 3), kind="deadline", **geneva)
    whole = add_event(first=date(2027, 3, 1), last=date(2027, 3, 5), **geneva)
    add_event(first=date(2027, 3, 2), part_of=whole, **geneva)
    # In the week at the window's edge, after its last day.
    add_event(first=date(2027, 4, 3), processes=("basel",))
    page = client.get("/planner?from=2027-01&months=3").get_data(as_text=True)
    free = {
        name: re.findall(r"<li>(.*?)</li>", row)
        for name, row in re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    }
    assert free["All meetings"] == [
        "28 December 2026 – 10 January 2027",
        "25 January – 28 February 2027",
        "8–28 March 2027",
    ]
    assert free["Geneva"] == [
        "28 December 2026 – 10 January 2027",
        "18 January – 28 February 2027",
        "8 March – 4 April 2027",
    ]
    assert re.search(r"There too, without exact dates:\s*<span[^>]*>Vague</span>", page)
    assert 'title="Week of 1 March 2027: 1 meeting">1<' in page
    assert 'title="Week of 29 March 2027: 1 meeting">1<' in page
    assert 'title="Week of 11 January 2027: 1 meeting">1<' in page
    assert 'title="Week of 4 January 2027: no meeting"><' in page
    # A filter hides events; it makes no week free.
    filtered = client.get("/planner?from=2027-01&months=3&convention=gef").get_data(as_text=True)
    assert said_of_weeks(filtered) == said_of_weeks(page)
    nairobi = client.get("/planner?from=2027-01&months=3&city=geneva").get_data(as_text=True)
    assert "<dt>Geneva</dt>" in nairobi
    assert "<dt>Rome</dt>" not in nairobi


def test_a_region_without_a_preparatory_meeting_is_named(packaged_app):
    page = packaged_app.test_client().get("/planner?from=2025-09").get_data(as_text=True)
    table = page[page.index("planner-rounds") : page.index("</table>")]
    assert re.findall(r'<th scope="col">.*?>(\w+)</span>', table) == ["Minamata"]
    heads = re.findall(r'<th scope="row">(.*?)</th>', table)
    cells = re.findall(r"<td>(.*?)</td>", table, re.DOTALL)
    without = [head for head, cell in zip(heads, cells, strict=True) if "None listed" in cell]
    assert without == ["Western European and other States"]
    assert "7–9 October 2025" in cells[heads.index("Africa")]
    # Neither a filter nor other months make the meetings of a round disappear.
    for query in ("from=2025-10&months=3", "from=2025-09&region=Africa", "from=2025-09&q=asia"):
        other = packaged_app.test_client().get(f"/planner?{query}").get_data(as_text=True)
        assert other[other.index("planner-rounds") : other.index("</table>")] == table


def test_a_round_tells_vague_and_tentative_meetings_and_leaves_a_whole_to_its_parts(client, add_event):
    kind = {"kind": "regional-preparatory", "processes": ("basel",)}
    whole = add_event(first=date(2027, 3, 1), last=date(2027, 3, 31), regions=("Africa", "CEE"), **kind)
    add_event(first=date(2027, 3, 8), part_of=whole, regions=("Africa",), **kind)
    vague = {"first": date(2027, 4, 1), "last": date(2027, 4, 30), "precision": Precision.MONTH}
    add_event(regions=("GRULAC",), date_text="some time in April", status=Status.TENTATIVE, **vague, **kind)
    page = client.get("/planner?from=2027-01").get_data(as_text=True)
    table = page[page.index("planner-rounds") : page.index("</table>")]
    regions, cells = (re.findall(cell, table, re.DOTALL) for cell in (r'<th scope="row">(.*?)</th>', r"<td>(.*?)</td>"))
    said = dict(zip(regions, cells, strict=True))
    assert re.findall(r"<li>(.*?)</li>", said["Africa"]) == ["8 March 2027"]
    assert "None listed" in said["Central and Eastern Europe"]
    assert "some time in April (tentative)" in said["Latin America and the Caribbean"]


def test_holidays_and_observances_have_lanes(client):
    shown = lanes(client, "/planner?from=2025-09")
    assert any(b["text"].startswith("World Soil Day|World Soil Day|5 December 2025") for b in shown["Observances"])
    texts = [bar["text"] for bar in shown["Holidays"]]
    assert any("Eid al-Adha" in text and "The General Assembly asks" in text for text in texts)
    assert any(text.startswith("End of the year|") for text in texts)
    assert all(bar["url"].startswith("/calendar?from=20") for bar in shown["Holidays"])
    # Where a bar of a day leads, that day is named.
    named = [bar for bar in shown["Holidays"] if "is-period" not in bar["class"]]
    for bar in named[:: len(named) // 6]:
        name = bar["text"].split("|")[1]
        assert name in html.unescape(client.get(bar["url"]).get_data(as_text=True)), bar
    assert all(bar["url"].startswith("https://www.un.org/") for bar in shown["Observances"])
    assert any("A proposal" in text for text in texts if text.startswith("August in Europe"))


def test_candidate_dates_are_ghosts_that_only_members_see(app, add_event):
    option = Option(date(2027, 5, 3), date(2027, 5, 7), "Geneva", OptionState.OPEN, date(2027, 1, 31), "")
    gone = Option(date(2027, 6, 7), date(2027, 6, 11), "Rome", OptionState.RELEASED, None, "")
    add_event(title="With options", first=None, precision=Precision.WORDS, options=(option, gone))
    add_event(title="A draft of others", steward="minamata", stage=Stage.DRAFT, options=(option,))
    days = Span(date(2027, 1, 1), date(2028, 1, 1))
    with app.app_context(), transaction():
        session = db.session()

        def seen(viewer, **wanted) -> list[tuple[str, Span]]:
            found = planned.open_options(session, viewer, EventFilter(**wanted), days, "en")
            return [(one.event.title, one.span) for one in found]

        span = Span(date(2027, 5, 3), date(2027, 5, 8))
        assert seen(STRANGER) == []
        assert seen(Viewer(frozenset({"brs"}))) == [("With options", span)]
        assert sorted(seen(Viewer(frozenset({"minamata"})))) == [("A draft of others", span), ("With options", span)]
        assert len(seen(OPERATOR)) == 2
        assert seen(OPERATOR, convention=("gef",)) == []
        assert (
            planned.open_options(session, OPERATOR, EventFilter(), Span(date(2027, 6, 1), date(2028, 1, 1)), "en") == []
        )


def test_a_member_sees_the_ghosts_on_the_planner(app, client, add_event, monkeypatch):
    option = Option(date(2027, 5, 3), date(2027, 5, 7), "Geneva", OptionState.OPEN, date(2027, 1, 31), "")
    add_event(title="With options", first=None, precision=Precision.WORDS, options=(option,))
    assert "is-option" not in client.get("/planner?from=2027-01").get_data(as_text=True)
    for place in ("calendar_app.web.planner.views", "calendar_app.web.kept"):
        monkeypatch.setattr(sys.modules[place], "viewer", lambda: Viewer(frozenset({"brs"})))
    (bar,) = lanes(client, "/planner?from=2027-01")["Basel"]
    assert "is-option" in bar["class"]
    assert bar["text"].startswith("Option: With options|With options|3–7 May 2027|Geneva|Held until 31 January 2027")


def test_titles_come_in_the_language_asked_for_and_say_which_it_is(client, add_event):
    add_event(titles={"en": "Meeting", "fr": "Réunion"}, first=date(2027, 1, 5))
    page = client.get("/planner?from=2027-01&lang=fr").get_data(as_text=True)
    assert '<strong dir="auto" lang="fr">Réunion</strong>' in page


def test_the_planner_needs_as_many_queries_for_two_hundred_events_as_for_two(app, client, add_event):
    needed = []
    for count in (2, 198):
        for number in range(count):
            add_event(
                title=f"Meeting {number}", first=date(2027, 1 + number % 12, 1 + number % 27), city=f"City {number}"
            )
        with counted_queries() as statements:
            assert client.get("/planner?from=2027-01&months=30").status_code == 200
        needed.append(len(statements))
    assert needed[0] == needed[1] <= 8


def test_what_is_not_decided_yet_looks_so_and_takes_no_week(signed_in, client, add_event):
    waiting = {"stage": Stage.SUBMITTED, "first": date(2027, 1, 12)}
    add_event(title="Sent in", **waiting)
    add_event(title="Sent in tentative", status=Status.TENTATIVE, **waiting)
    add_event(title="Draft", stage=Stage.DRAFT, first=date(2027, 1, 19))
    add_event(title="Shown", first=date(2027, 1, 26))
    ana = signed_in("ana@brs.example", brs="coordinator")
    address = "/planner?from=2027-01&months=3"
    bars = {bar["text"].split("|")[0]: bar for bar in lanes(ana, address)["Basel"]}
    assert "is-confirmed" in bars.pop("Shown")["class"].split()
    assert set(bars) == {"Sent in", "Sent in tentative", "Draft"}
    for name, bar in bars.items():
        assert "is-unpublished" in bar["class"].split()
        assert not {"is-confirmed", "is-tentative"} & set(bar["class"].split())
        assert ("Draft" if name == "Draft" else "Sent in, not decided yet") in bar["text"].split("|")[2:]
    page = ana.get(address).get_data(as_text=True)
    assert "Double outline: not published" in page
    assert "28 December 2026 – 24 January 2027" in said_of_weeks(page)
    strangers = client.get(address).get_data(as_text=True)
    assert said_of_weeks(strangers) == said_of_weeks(page)
    assert "Double outline" not in strangers
