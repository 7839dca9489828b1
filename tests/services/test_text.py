"""What a search finds, and how text is folded and cleaned for it."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from calendar_app.extensions import db
from calendar_app.models import EventSource
from calendar_app.services import calendar
from calendar_app.services.filters import EventFilter
from calendar_app.services.row_reading import list_of
from calendar_app.services.text import clean, fold, search_patterns, slugify
from tests.conftest import load_packaged, make_app

# What is typed; events that have to be found; events that must not be.
SEARCHES = [
    ("POPRC-22", {"p-poprc-22"}, set()),
    ("poprc22", {"p-poprc-22"}, set()),
    ("PoPRC 22", {"p-poprc-22"}, set()),
    ("COP 7", {"p-mc-cop-7", "s-brs-cops-2015"}, {"p-cbd-cop-17"}),
    ("COP-7", {"p-mc-cop-7", "s-brs-cops-2015"}, {"p-cbd-cop-17"}),
    ("minamata cop 7", {"p-mc-cop-7"}, {"s-brs-cops-2015"}),
    ("MC-COP-7", {"p-mc-cop-7"}, set()),
    ("COP 1", set(), {"p-cbd-cop-17", "p-brs-cops-2025", "p-unccd-cop-17"}),
    ("cop 17", {"p-cbd-cop-17", "p-brs-cops-2025"}, {"p-mc-cop-7"}),
    ("CRC-21", {"p-crc-21"}, set()),
    ("BRS COPs 2025", {"p-brs-cops-2025"}, {"s-brs-cops-2015"}),
    ("2025 BRS COPs", {"p-brs-cops-2025"}, {"s-brs-cops-2015"}),
    ("cop 30 2025", {"p-unfccc-cop-30"}, {"p-unfccc-cop-31"}),
    ("Genève", {"s-brs-cops-2015"}, {"p-unfccc-cop-30"}),
    ("geneve", {"s-brs-cops-2015"}, {"p-unfccc-cop-30"}),
    ("GENEVA", {"s-brs-cops-2015"}, {"p-unfccc-cop-30"}),
    ("جنيف", {"s-brs-cops-2015"}, {"p-unfccc-cop-30"}),
    ("日内瓦", {"s-brs-cops-2015"}, {"p-unfccc-cop-30"}),
    ("内瓦", {"s-brs-cops-2015"}, {"p-unfccc-cop-30"}),
    ("Женева", {"s-brs-cops-2015"}, {"p-unfccc-cop-30"}),
    ("Suisse", {"s-brs-cops-2015"}, {"p-unfccc-cop-30"}),
    ("Turkey", {"p-unfccc-cop-31"}, {"p-unfccc-cop-30"}),
    ("Türkiye", {"p-unfccc-cop-31"}, {"p-unfccc-cop-30"}),
    ("turkiye", {"p-unfccc-cop-31"}, {"p-unfccc-cop-30"}),
    ("CEE", {"s-brs-regprep-2015"}, {"p-unfccc-cop-30"}),
    ("EES", {"s-brs-regprep-2015"}, {"p-unfccc-cop-30"}),
    ("belem", {"p-unfccc-cop-30"}, {"p-unfccc-cop-31"}),
    ("BELÉM", {"p-unfccc-cop-30"}, {"p-unfccc-cop-31"}),
    ("sexta reunión", {"p-mc-icc-6"}, {"p-crc-21"}),
    ("SEXTA reunion", {"p-mc-icc-6"}, {"p-crc-21"}),
    ("washington", {"p-gef-c67", "p-gef-c69"}, {"p-unfccc-cop-30"}),
    ("wash 67", set(), {"p-gef-c67"}),
]


def found(query: str) -> set[str]:
    """Search the current application's calendar as a stranger; return all ids which the events have at sources."""
    ids = select(calendar.Event.id).where(
        calendar.visible_to(calendar.STRANGER), calendar.matching(EventFilter(q=query))
    )
    return set(db.session.scalars(select(EventSource.source_id).where(EventSource.event_id.in_(ids))))


def test_people_find_what_they_mean_and_nothing_that_only_looks_alike(packaged_app):
    with packaged_app.app_context():
        wrong = {
            query: (wanted - hits, hits & unwanted)
            for query, wanted, unwanted in SEARCHES
            for hits in [found(query)]
            if wanted - hits or hits & unwanted
        }
    assert not wrong


def test_case_accents_and_signs_make_no_difference(packaged_app):
    with packaged_app.app_context():
        for spellings in (
            ("Genève", "GENEVE", "geneve", "Gene\u0300ve"),
            ("CEE", "EES", "cee"),
            ("POPRC-22", "poprc22", "POPRC 22", "(POPRC–22)"),
            ("Türkiye", "Turkey", "TURKIYE"),
            ("Minamata COP-7", "cop 7 minamata", "“minamata”, cop7"),
        ):
            assert len({frozenset(found(spelling)) for spelling in spellings}) == 1, spellings


def test_both_databases_find_the_same_events(sqlite_databases, postgresql_databases, tmp_path):
    answers = []
    for databases in (sqlite_databases, postgresql_databases):
        url = databases.make(with_tables=True)
        with make_app(url, tmp_path).app_context():
            load_packaged()
            queries = [query for query, *_rest in SEARCHES]
            answers.append(
                {query: found(query) for query in [*queries, "100%", "a_b", "50", "é", "\\", "'", "ß", "cop%"]}
            )
            db.session.remove()
            db.engine.dispose()
        databases.drop(url)
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("POPRC-22", "poprc 22"),
        ("poprc22", "poprc 22"),
        ("COP–7", "cop 7"),
        ("Belém do Pará", "belem do para"),
        ("ÇEÇE", "cece"),
        ("İstanbul", "istanbul"),
        ("Straße", "strasse"),
        ("ﬁn ℡", "fin tel"),
        ("\uff17", "7"),
        ("١٢", "١٢"),
        ("snake_case", "snake case"),
        ("أفريقيا", "افريقيا"),
        ("  ", ""),
        ("!?", ""),
    ],
)
def test_folding_leaves_plain_letters_and_numbers(text, folded):
    assert fold(text) == folded


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once_and_ignores_case(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == folded.strip()
    assert fold(unicodedata.normalize("NFD", text)) == folded == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("query", "patterns"),
    [
        ("", []),
        ("...", []),
        ("cop", ["% cop%"]),
        ("COP-7", ["% cop 7 %"]),
        ("minamata cop 7", ["% minamata%", "% cop 7 %"]),
        ("7", ["% 7 %"]),
        ("7 cop", ["% 7 %", "% cop%"]),
        ("COPs 2025", ["% cops%", "% 2025 %"]),
        ("cop 7 2027", ["% cop 7 %", "% 2027 %"]),
        ("日内瓦", ["%日内瓦%"]),
    ],
)
def test_words_become_patterns(query, patterns):
    assert search_patterns(query) == patterns


@given(st.text(max_size=60))
def test_no_sign_of_the_pattern_language_comes_from_the_reader(text):
    for pattern in search_patterns(text):
        assert not set(pattern.strip("%")) & set("%_\\")


@given(st.text(max_size=300))
def test_a_slug_is_safe_in_an_address_and_not_long(text):
    slug = slugify(text)
    assert len(slug) <= 120
    assert slugify(slug) == slug
    assert not set(slug) & set(" /?#%&_,;")


@given(st.text(max_size=100))
def test_cleaning_twice_is_cleaning_once_and_leaves_nothing_a_database_or_xml_refuses(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()
    assert not set(cleaned) & {chr(number) for number in range(32) if chr(number) not in "\t\n"}


def test_cleaning_keeps_lines_and_marks_of_direction():
    assert clean(" a\r\nb\rc\0 \u200fد\u200e ") == "a\nb\nc \u200fد\u200e"


@given(st.text(alphabet="a ;()", max_size=60))
def test_a_list_is_split_at_semicolons_that_no_bracket_closes_after(cell):
    parts = (part.strip() for part in re.split(r";(?![^()]*\))", cell))
    assert list_of(cell) == [part for part in parts if part]


def test_a_list_without_measure_is_split_in_no_time():
    begun = time.perf_counter()
    assert len(list_of("BC COP;" * 100_000)) == 100_000
    assert time.perf_counter() - begun < 3
