"""docs/findings-2024-2027.md names all that planning says of the packaged calendar, all it leaves silent, no more."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.factory import ROOT
from calendar_app.models import Event, EventSource
from calendar_app.planning.dates import ONE_DAY, Span, overlaps
from calendar_app.planning.relations import silence_of_one, silence_of_pair
from calendar_app.planning.vocabulary import About, FindingKind, Format, Severity
from calendar_app.services import finding_scope, planning_facts, policies
from calendar_app.services.wording import Words
from tests.conftest import close_databases

if TYPE_CHECKING:
    import uuid

    from calendar_app.planning.findings import Finding
    from calendar_app.planning.meetings import Meeting

pytestmark = pytest.mark.either_database

DOCUMENT = (ROOT / "docs" / "findings-2024-2027.md").read_text(encoding="utf-8")
YEARS = Span(date(2024, 1, 1), date(2028, 1, 1))
TABLES = ("Critical and major", "Minor", "Opportunities")
SILENT = "Same week, and nothing is said"
ABOUT = {About.PAIR: "Two meetings", About.DAYS: "One meeting", About.GAP: "Still lacking"}


@dataclass
class Calendar:
    """The packaged calendar with all that planning says of it: `ids` leads from an id of a source to its event."""

    meetings: list[Meeting]
    findings: list[Finding]
    ids: dict[str, uuid.UUID]
    labels: dict[uuid.UUID, str]
    facts: object
    policy: object

    def told(self) -> set[frozenset[uuid.UUID]]:
        """The pairs of which something is said."""
        return {frozenset((f.a, f.b)) for f in self.findings if f.b}

    def pairs_of_a_week(self, *, exact: bool) -> list[tuple[Meeting, Meeting]]:
        """All pairs that share a week from Monday to Sunday: those with exact days on both sides, or the others."""
        return [
            (a, b)
            for a, b in combinations(self.meetings, 2)
            if (a.is_exact and b.is_exact) == exact and overlaps(whole_weeks(a.span), whole_weeks(b.span))
        ]


def whole_weeks(span: Span) -> Span:
    monday = span.start - span.start.weekday() * ONE_DAY
    return Span(monday, span.last + (7 - span.last.weekday()) * ONE_DAY)


def label(event: Event, meeting: Meeting) -> str:
    """An event as the document writes it: "CRC-21, 23–26 September 2025, Rome"."""
    words = Words()
    place = event.city or ("online" if event.format == Format.ONLINE else "place not recorded")
    dates = words.dates(meeting.span, meeting.precision, event.date_text)
    return f"{event.short_title or event.titles['en']}, {dates}, {place}"


def read_calendar() -> Calendar:
    """Read what is loaded in the current application, and judge it."""
    session = db.session()
    facts, policy = planning_facts.facts(), policies.packaged()
    looked = finding_scope.whole_calendar(session, facts, policy)
    meetings = [m for m in looked.meetings if m.span and overlaps(m.span, YEARS)]
    shown = {m.event: m for m in meetings}
    events = session.scalars(select(Event))
    rows = session.execute(select(EventSource.source_id, EventSource.event_id)).tuples()
    return Calendar(
        meetings,
        [f for f in looked.found if f.a in shown or f.b in shown],
        {source: event for source, event in rows if source},
        {event.id: label(event, shown[event.id]) for event in events if event.id in shown},
        facts,
        policy,
    )


@pytest.fixture(scope="module")
def calendar(packaged_app):
    with packaged_app.app_context():
        yield read_calendar()
        close_databases()


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    section = re.split(rf"^## {re.escape(heading)}$", DOCUMENT, flags=re.MULTILINE)[1].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not set(line) <= set("|-: ")][1:]


def named(calendar: Calendar, row: list[str]) -> list[uuid.UUID]:
    """The events that the last column of a row names."""
    return [calendar.ids[source] for source in re.findall(r"`([^`]+)`", row[-1])]


def kept_in(finding: Finding) -> tuple[str, str]:
    """The table of a finding and what its first column says."""
    if finding.kind is FindingKind.OPPORTUNITY:
        return "Opportunities", ABOUT[finding.about]
    if finding.severity is Severity.MINOR:
        return "Minor", ABOUT[finding.about]
    return "Critical and major", finding.severity.word.capitalize()


def test_every_finding_has_its_row_and_no_row_is_without_a_finding(calendar):
    written = [(heading, row[0], frozenset(named(calendar, row))) for heading in TABLES for row in rows(heading)]
    found = [(*kept_in(f), frozenset((f.a, f.b or f.a))) for f in calendar.findings]
    assert Counter(written) == Counter(found)


def test_every_silent_pair_of_a_week_has_its_row_and_no_other_pair(calendar):
    written = [frozenset(named(calendar, row)) for row in rows(SILENT)]
    pairs = [frozenset((a.event, b.event)) for a, b in calendar.pairs_of_a_week(exact=True)]
    assert Counter(written) == Counter(pair for pair in pairs if pair not in calendar.told())


@pytest.mark.parametrize("heading", [*TABLES, SILENT])
def test_every_row_gives_the_dates_and_cities_of_today_and_a_sentence(calendar, heading):
    for row in rows(heading):
        shown = row[-4:-2] if heading != SILENT else row[:2]
        assert [cell for cell in shown if cell != "—"] == [calendar.labels[event] for event in named(calendar, row)]
        assert row[-2].endswith(".")


def test_the_numbers_in_the_summary_are_those_of_the_findings(calendar):
    written = {row[0]: [int(cell) for cell in row[1:]] for row in rows("In numbers")}
    for name, kind, severity in (
        ("Critical", FindingKind.CLASH, Severity.CRITICAL),
        ("Major", FindingKind.CLASH, Severity.MAJOR),
        ("Minor", FindingKind.CLASH, Severity.MINOR),
        ("Opportunity", FindingKind.OPPORTUNITY, Severity.NONE),
    ):
        found = [f.b is not None for f in calendar.findings if (f.kind, f.severity) == (kind, severity)]
        assert (name, written[name]) == (name, [found.count(True), found.count(False), len(found)])
    assert written["All"] == [sum(column) for column in zip(*list(written.values())[:4], strict=True)]


def test_the_sentences_around_the_tables_give_the_same_numbers(calendar):
    pairs = calendar.pairs_of_a_week(exact=True)
    silent = [pair for pair in pairs if frozenset(m.event for m in pair) not in calendar.told()]
    exact = [meeting for meeting in calendar.meetings if meeting.is_exact]
    vague = calendar.pairs_of_a_week(exact=False)
    text = " ".join(DOCUMENT.split())
    for sentence in (
        f"It covers the {len(calendar.meetings)} records with at least one day in 2024 to 2027, {len(exact)} of them",
        f"{len(pairs)} pairs of meetings with exact days share a week. Of {len(silent)} of them nothing is said.",
        f"of the {len(calendar.findings)} findings, and",
        f"of the {len(silent)} silent pairs",
        f"findings of {len(calendar.findings)}.**",
        f"{len(vague)} more pairs share a week",
    ):
        assert sentence in text


def test_the_pairs_with_dates_that_are_not_exact_are_counted(calendar):
    counted = Counter(why_not_exact(calendar, a, b) for a, b in calendar.pairs_of_a_week(exact=False))
    assert {row[0]: int(row[1]) for row in rows("Dates that are not exact")} == counted


def why_not_exact(calendar: Calendar, a: Meeting, b: Meeting) -> str:
    """The group of a pair of which one date at least is not exact."""
    silent = {reason.rule for m in (a, b) if (reason := silence_of_one(m, calendar.facts, calendar.policy))}
    if "parts-speak" in silent:
        return "A whole whose parts have records of their own"
    if silent:
        return "Too vague to be compared"
    if silence_of_pair(a, b):
        return "Parts of one meeting"
    if frozenset((a.event, b.event)) in calendar.told():
        return "Said, as possible"
    share = calendar.facts.crowd.share(a.people, b.people)
    return "Some people wanted in both, but too little to say" if share else "Nobody is wanted in both"
