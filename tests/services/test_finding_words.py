"""Every rule of planning has a sentence that a programme officer understands, in English and in Arabic."""

from __future__ import annotations

import ast
import re
import uuid
from datetime import date

import pytest

from calendar_app.factory import ROOT
from calendar_app.planning.findings import Effect, Finding, Reason
from calendar_app.planning.vocabulary import About, FindingKind, Severity
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.reason_words import ReasonWords
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words
from tests.catalogues import compiled, latin_left, path_of, read, translations_in
from tests.services.reasons import CASES, DAY, DELEGATES, JOURNEY, WEEK, reason

FIRST, SECOND = uuid.UUID(int=1), uuid.UUID(int=2)
TITLES = {FIRST: "Minamata COP-6", SECOND: "MOP-37"}
PLANNING = ROOT / "calendar_app" / "planning"
# How the engine makes a reason, directly or through a function of its own that takes the name first.
MAKERS = {"Reason", "Softer", "_silent", "_joins", "_speaks", "_serving", "_travel"}


def words(language: str = "en") -> FindingWords:
    return FindingWords(Words(language), TITLES.__getitem__, reference())


def is_policy(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "policy"


def branches(node: ast.AST) -> list[ast.AST]:
    """Return what an expression can be, without the conditions that it depends on."""
    return [*branches(node.body), *branches(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def rules_named_in(source: str) -> set[str]:
    """Return the names of all rules that a module can give: in a call, through a variable, or with their severity."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        named: list[ast.AST] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS and node.args:
            named = [node.args[0]]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "rule":
            named = [node.value]
        elif isinstance(node, ast.Return) and node.value:
            tuples = [branch for branch in branches(node.value) if isinstance(branch, ast.Tuple)]
            named = [one.elts[0] for one in tuples if len(one.elts) > 1 and is_policy(one.elts[1])]
        for item in (branch for one in named for branch in branches(one)):
            found |= {item.value} if isinstance(item, ast.Constant) else set()
    return found


def rules_of_planning() -> set[str]:
    return set().union(*(rules_named_in(path.read_text(encoding="utf-8")) for path in PLANNING.glob("*.py")))


NAMES = [f"{number}-{case[0].rule}" for number, case in enumerate(CASES)]


@pytest.mark.parametrize(("given", "sentence"), CASES, ids=NAMES)
def test_a_reason_reads_as_a_sentence(given, sentence):
    assert words().sentence(given, (FIRST, SECOND)) == sentence


def test_every_rule_of_planning_has_a_sentence_and_no_sentence_is_left_over():
    rules = rules_of_planning()
    assert len(rules) > 60
    assert ReasonWords(Words(), reference()).rules == rules
    assert {case.rule for case, _sentence in CASES} == rules


def test_the_search_for_rules_finds_each_way_to_name_one():
    source = """
Reason("a", Effect.NOTES); _silent("b" if x == "not-this" else "c"); _serving("d", 1); _travel("i", 2)
rule = ("e" if x else "f") if y else "g"
def one():
    _speaks(x, ("most", policy.most))
    return ("h", policy.h, (("not", "these"),)) if i else None
"""
    assert rules_named_in(source) == set("abcdefghi")


@pytest.mark.parametrize(("given", "_sentence"), CASES, ids=NAMES)
def test_no_sentence_shows_codes_or_what_was_not_filled_in(given, _sentence):
    for language in ("en", "ar"):
        text = words(language).sentence(given, (FIRST, SECOND))
        shown = [value for _name, value in given.values if isinstance(value, str | tuple)]
        codes = {part for value in shown for code in (value if isinstance(value, tuple) else (value,))
                 for part in code.split("/") if re.fullmatch(r"[a-z]+(-[a-z]+)+", part)}  # fmt: skip
        # Some codes are words too: "back-to-back" is what people say.
        assert not [code for code in codes - {"back-to-back"} if code in text]
        assert not re.search(r"None|[{}%_]|  ", text)
        assert given.rule not in text or "-" not in given.rule


def test_a_reason_of_one_event_names_the_first_of_those_it_is_about():
    finding = Finding(FindingKind.CLASH, About.DAYS, SECOND, None, Severity.MINOR, ())
    assert "MOP-37" in words().sentence(reason("no-dates"), finding)
    assert "MOP-37" in words().sentence(reason("no-dates"), (SECOND,))


def test_a_rule_that_has_no_sentence_is_an_error():
    with pytest.raises(KeyError):
        words().sentence(reason("nobody-knows-it"), (FIRST,))


@pytest.mark.parametrize(
    ("effect", "severity", "text"),
    [
        (Effect.SPEAKS, Severity.MAJOR, "by itself: major"),
        (Effect.RAISES, Severity.CRITICAL, "makes it worse: now critical"),
        (Effect.LOWERS, Severity.MINOR, "makes it less bad: now minor"),
        (Effect.LOWERS, Severity.NONE, "makes it less bad: now nothing to report"),
        (Effect.CAPS, Severity.MINOR, "limits how bad it can be: minor"),
        (Effect.SILENCES, Severity.NONE, "is why nothing is reported"),
        (Effect.QUIET, Severity.NONE, "looked at, nothing to report"),
        (Effect.JOINS, Severity.NONE, "is an opportunity"),
        (Effect.NOTES, Severity.NONE, "for information"),
    ],
)
def test_what_a_reason_does_is_said_in_a_few_words(effect, severity, text):
    assert words().effect(reason("online", severity, effect)) == text


def test_severities_kinds_and_states_have_words():
    said = words()
    assert [said.severity(severity) for severity in Severity] == ["Nothing to report", "Minor", "Major", "Critical"]
    assert [said.kind(kind) for kind in FindingKind] == ["Clash", "Opportunity"]
    states = [said.state(state) for state in ("open", "acknowledged", "accepted", "resolved")]
    assert states == ["Open", "Acknowledged", "Accepted as it is", "Resolved"]


def pair(*reasons: Reason, kind: FindingKind = FindingKind.CLASH) -> Finding:
    return Finding(kind, About.PAIR, FIRST, SECOND, Severity.MAJOR, reasons)


def single(*reasons: Reason, about: About = About.DAYS, kind: FindingKind = FindingKind.CLASH) -> Finding:
    return Finding(kind, about, FIRST, None, Severity.MINOR, reasons)


OPPORTUNITY = FindingKind.OPPORTUNITY
HEADLINES: list[tuple[Finding, str]] = [
    (
        pair(
            reason("same-people", pools=DELEGATES, share=0.8, strong=True),
            reason("overlap", prepared=False, exact=True, **WEEK),
        ),
        "“Minamata COP-6” and “MOP-37” take place at the same time: 3–7 November 2025.",
    ),
    (
        pair(reason("overlap", prepared=True, exact=True, **DAY)),
        "“Minamata COP-6” and “MOP-37”, with their preparatory meetings, overlap: 7 November 2025.",
    ),
    (
        pair(reason("overlap", prepared=False, exact=False, **WEEK)),
        "“Minamata COP-6” and “MOP-37” could take place at the same time, within 3–7 November 2025.",
    ),
    (
        pair(reason("travel", free_days=1, **JOURNEY)),
        "“Minamata COP-6” and “MOP-37” have only 1 free day between them for the journey.",
    ),
    (
        pair(reason("travel", free_days=0, **JOURNEY)),
        "“Minamata COP-6” and “MOP-37” follow each other without a free day for the journey.",
    ),
    (
        pair(reason("stated-back-to-back"), kind=OPPORTUNITY),
        "“Minamata COP-6” and “MOP-37” are planned back-to-back.",
    ),
    (
        pair(reason("overlap-intended"), kind=OPPORTUNITY),
        "“Minamata COP-6” and “MOP-37” are held at the same time on purpose.",
    ),
    (
        pair(reason("one-trip", free_days=0, city="geneva", other_city="geneva", km=0), kind=OPPORTUNITY),
        "“Minamata COP-6” and “MOP-37” could share one journey to Geneva.",
    ),
    (
        pair(reason("one-trip", free_days=1, city="geneva", other_city="lausanne", km=51), kind=OPPORTUNITY),
        "“Minamata COP-6” and “MOP-37” could share one journey to Geneva and Lausanne.",
    ),
    (
        pair(reason("city-missing", free_days=2, cities=()), kind=OPPORTUNITY),
        "“Minamata COP-6” and “MOP-37” could share one journey if they were in the same city.",
    ),
    (
        single(
            reason("official-holiday", day=date(2024, 9, 5), name="Jeûne genevois", city="geneva"),
            reason("weekend-start", day=date(2024, 9, 1)),
        ),
        "“Minamata COP-6” falls on 5 September 2024: Jeûne genevois.",
    ),
    (
        single(reason("weekend-start", day=date(2025, 6, 14))),
        "“Minamata COP-6” begins on a weekend: Saturday, 14 June 2025.",
    ),
    (
        single(reason("avoided-period", name="August in Europe", first=date(2025, 8, 1), last=date(2025, 8, 31))),
        "“Minamata COP-6” lies in a period that many people avoid: August in Europe, 1–31 August 2025.",
    ),
    (
        single(reason("long-run", days=14, most=12)),
        "“Minamata COP-6” lasts 14 days in a row, any preparatory meetings included.",
    ),
    (
        single(reason("in-town", organisations=("brs",), city="geneva"), kind=OPPORTUNITY),
        "“Minamata COP-6” takes place in Geneva, where officers of BRS already are.",
    ),
    (
        single(
            reason("round-lacks-region", missing=("GRULAC",), have=("Africa",)),
            reason("information-session", organisations=("brs",), meetings=2),
            reason("briefing-missing", first=date(2025, 9, 22), last=date(2025, 10, 20)),
            about=About.GAP,
            kind=OPPORTUNITY,
        ),
        (
            "What could still be planned before “Minamata COP-6”: a preparatory meeting for Latin America and the "
            "Caribbean, an information session of BRS and a briefing of the permanent missions."
        ),
    ),
]


@pytest.mark.parametrize(("finding", "headline"), HEADLINES)
def test_a_finding_is_summed_up_in_one_sentence(finding, headline):
    assert words().headline(finding) == headline


@pytest.fixture
def in_arabic(tmp_path):
    with translations_in(compiled(tmp_path, read(path_of("ar")), "ar")):
        yield words("ar")


def foreign(text: str) -> str:
    """Return what is left in Latin letters, besides what people entered and stands between marks of direction."""
    return latin_left(re.sub("\u2068.*?\u2069", "", text))


def test_everything_that_is_said_of_findings_is_said_in_arabic(in_arabic):
    said = [in_arabic.sentence(case, (FIRST, SECOND)) for case, _sentence in CASES]
    said += [in_arabic.headline(finding) for finding, _headline in HEADLINES]
    said += [in_arabic.effect(reason("online", severity, effect)) for effect in Effect for severity in Severity]
    said += [in_arabic.severity(severity) for severity in Severity]
    said += [in_arabic.kind(kind) for kind in FindingKind]
    said += [in_arabic.state(state) for state in ("open", "acknowledged", "accepted", "resolved")]
    assert {text for text in said if foreign(text)} == set()


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (1, "لا يفصل بينهما سوى يوم خالٍ واحد."),
        (2, "لا يفصل بينهما سوى يومين خاليين."),
        (3, "لا تفصل بينهما سوى 3 أيام خالية."),
        (11, "لا يفصل بينهما سوى 11 يوماً خالياً."),
        (100, "لا يفصل بينهما سوى 100 يوم خالٍ."),
    ],
)
def test_days_are_counted_as_arabic_counts(in_arabic, days, text):
    assert in_arabic.sentence(reason("travel", free_days=days, **JOURNEY), (FIRST, SECOND)).startswith(text)


def test_a_reason_that_another_one_made_worse_does_not_claim_that_severity_for_itself():
    said = words()
    who = Reason("same-people", Effect.SPEAKS, (), Severity.CRITICAL)
    worse = Reason("governing-sessions", Effect.RAISES, (), Severity.CRITICAL)
    staff = Reason("same-secretariat", Effect.SPEAKS, (), Severity.MAJOR)
    reasons = (who, worse, staff)
    texts = [said.effect(item, reasons) for item in reasons]
    assert texts == ["the reason", "makes it worse: now critical", "by itself: major"]
    assert said.effect(who, (who, staff)) == "by itself: critical"


def test_those_who_decide_are_named_first():
    pools = ("regional-centre-directors", "brs-officers", "crc-members", "chemicals-delegates")
    sentence = words().sentence(reason("same-people", pools=pools, share=0.9, strong=True), (FIRST, SECOND))
    places = [sentence.index(name) for name in ("delegates", "Committee members", "egional-centre directors")]
    assert places == sorted(places)


def test_the_event_of_the_page_is_named_first_and_without_quotation_marks():
    said = FindingWords(Words(), TITLES.__getitem__, reference(), own=SECOND)
    overlap = pair(reason("overlap", prepared=False, exact=True, **WEEK))
    assert said.headline(overlap) == "This event and “Minamata COP-6” take place at the same time: 3–7 November 2025."
    said = FindingWords(Words(), TITLES.__getitem__, reference(), own=FIRST)
    long = single(reason("long-run", days=14, most=12))
    assert said.headline(long) == "This event lasts 14 days in a row, any preparatory meetings included."
    gap = single(reason("briefing-missing", first=date(2025, 9, 22), last=date(2025, 10, 20)), about=About.GAP)
    assert said.headline(gap) == "What could still be planned before this event: a briefing of the permanent missions."
