"""docs/security.md: each requirement of ASVS 5.0, levels 1 and 2, is answered once, and the tests it names exist."""

from __future__ import annotations

import re

from calendar_app.factory import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# For each section of the standard how many requirements are of level 1 or 2: in 5.0 they are the first of the section.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4,
    "17.3": 2,
}  # fmt: skip
ANSWERS = {"met", "partly", "not met", "operator", "n/a"}
_ROW = re.compile(r"^\| ([\d., ]+) \| ([^|]+) \|", re.MULTILINE)
_TEST = re.compile(r"`((?:\w+/)?test_\w+\.py)(?:::(\w+))?`")


def answered() -> list[tuple[str, str]]:
    """The number and the answer of each requirement."""
    return [(number, answer.strip()) for numbers, answer in _ROW.findall(DOCUMENT) for number in numbers.split(", ")]


def test_every_requirement_is_answered_once():
    wanted = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    assert len(wanted) == 253
    assert sorted(number for number, _answer in answered()) == sorted(wanted)
    assert {answer for _number, answer in answered()} == ANSWERS


def test_every_test_that_is_named_exists():
    named = _TEST.findall(DOCUMENT)
    assert len(named) > 100
    missing = []
    for file, name in named:
        path = ROOT / "tests" / file
        if not path.is_file() or (name and f"def {name}(" not in path.read_text(encoding="utf-8")):
            missing.append(f"{file}::{name}")
    assert not missing


def test_what_is_not_met_is_said_in_one_place_too():
    summary = DOCUMENT.partition("## What is not met, in one place")[2].partition("\n## ")[0]
    said = set(re.findall(r"\d+\.\d+\.\d+", summary))
    assert {number for number, answer in answered() if answer == "not met"} <= said
