"""`flask clashes explain` and `flask clashes recompute`."""

from __future__ import annotations

import json
import uuid
from datetime import date

import pytest
from sqlalchemy import update

from calendar_app.extensions import transaction
from calendar_app.models import StoredFinding
from calendar_app.planning.explain import OF_ONE, OF_PAIRS
from calendar_app.planning.vocabulary import Stage
from calendar_app.services.explained_silence import _SAYERS
from calendar_app.services.reason_words import ReasonWords
from calendar_app.services.reference import reference
from calendar_app.services.wording import Words

OF_GAPS = {"round-lacks-region", "information-session", "briefing-missing"}


@pytest.fixture
def run(packaged_app):
    """Ask about the real calendar, which these tests share."""
    return lambda *arguments: packaged_app.test_cli_runner().invoke(args=["clashes", *arguments])


@pytest.fixture
def run_alone(app, packaged):
    """Ask about a real calendar of the test's own, which it may change."""
    return lambda *arguments: app.test_cli_runner().invoke(args=["clashes", *arguments])


def test_explain_tells_the_verdict_and_every_rule(run):
    result = run("explain", "p-mc-cop-6", "p-mp-mop-37")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("critical\n")
    for topic in OF_PAIRS:
        assert f"\n  {topic} " in result.stdout
    assert "The two share 5 days: 3–7 November 2025." in result.stdout
    assert "What has nothing to say" in result.stdout


def test_explain_tells_of_one_event_alone(run):
    result = run("explain", "p-unea-7")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] in {"critical", "major", "minor", "opportunity", "none"}
    for topic in OF_ONE:
        assert f"\n  {topic} " in result.stdout


def test_the_order_of_the_two_does_not_matter(run):
    there, back = (run("explain", *ids).stdout for ids in (("p-crc-20", "p-mc-cop-6"), ("p-mc-cop-6", "p-crc-20")))
    assert there.splitlines()[0] == back.splitlines()[0]


def test_explain_of_an_unknown_id_is_a_wrong_call(run):
    result = run("explain", "p-mc-cop-6", "nothing")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "There is no event with the id nothing.\n"


@pytest.mark.parametrize("arguments", [(), ("p-mc-cop-6", "--pairs", "pyproject.toml")])
def test_explain_wants_ids_or_a_file(run, arguments):
    result = run("explain", *arguments)
    assert result.exit_code == 2
    assert "give one or two ids, or --pairs with a file." in result.stderr


def test_two_ids_of_one_event_are_one_event(run):
    result = run("explain", "p-mc-cop-6", "p-mc-cop-6")
    assert result.stdout.startswith("none\n")
    assert "Both ids lead to the same event." in result.stdout


def test_an_event_that_nobody_has_decided_on_is_not_compared(run_alone, add_event):
    draft = add_event(title="A draft", first=date(2025, 11, 3), stage=Stage.DRAFT)
    result = run_alone("explain", str(draft), "p-mc-cop-6")
    assert result.stdout.startswith("none\n")
    assert "“A draft” is not published" in result.stdout


def test_pairs_are_answered_line_by_line_and_unknown_ones_told(run, tmp_path):
    file = tmp_path / "pairs.csv"
    unknown = uuid.uuid4()
    file.write_text(
        f"note,a_id,b_id\nx,p-mc-cop-6,p-mp-mop-37\ny,p-mc-cop-6,{unknown}\nz,p-bc-ewg-6-2,\n", encoding="utf-8"
    )
    result = run("explain", "--pairs", str(file))
    assert result.exit_code == 1
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["a"], first["b"], first["verdict"]) == ("p-mc-cop-6", "p-mp-mop-37", "critical")
    assert all(reason.endswith(".") for reason in first["reasons"])
    assert (second["a"], second["b"]) == ("p-bc-ewg-6-2", "")
    assert result.stderr == f"line 3: there is no event with the id {unknown}.\n"


def test_a_file_without_the_columns_is_a_wrong_call(run, tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    result = run("explain", "--pairs", str(file))
    assert (result.exit_code, result.stderr) == (2, "pairs.csv has no columns a_id and b_id.\n")


def test_recompute_prints_nothing_if_all_is_well_and_what_was_wrong_if_not(run_alone):
    result = run_alone("recompute")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("Nothing differed.\n")
    with transaction() as session:
        session.execute(update(StoredFinding).where(StoredFinding.severity == 3).values(severity=1))
    result = run_alone("recompute")
    assert result.exit_code == 0
    assert "changed: critical clash, was minor: " in result.stdout
    assert run_alone("recompute").stdout == ""


def test_every_rule_belongs_to_a_topic_and_every_topic_can_be_told():
    topics = OF_PAIRS | OF_ONE
    rules = {rule for text in topics.values() for rule in text.split()}
    assert rules | OF_GAPS == ReasonWords(Words(), reference()).rules
    assert topics.keys() == _SAYERS.keys() | {"journey"}
