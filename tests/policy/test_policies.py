"""Which policy holds: the packaged one, or the one that an administrator put in force, also after an update."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from importlib import resources

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import clock, transaction
from calendar_app.models import AuditEntry, CalendarVersion, PolicyVersion
from calendar_app.planning.policy import Policy, PolicyError, parse_policy
from calendar_app.services import policies, reference_files
from calendar_app.services.events import Change
from calendar_app.services.reference import ReferenceFileError

PACKAGED = (resources.files("calendar_app") / "reference" / "policy.toml").read_text(encoding="utf-8")


def made(reason: str = "Tried for a year.") -> Change:
    return Change("Ruth Root", clock.now(), reason)


def put(text: str, reason: str = "Tried for a year.") -> bool:
    with transaction() as session:
        return policies.put_in_force(session, text, made(reason))


def back() -> bool:
    with transaction() as session:
        return policies.back_to_packaged(session, made("It was better before."))


def with_number(name: str, number: object) -> str:
    return re.sub(rf"^{name} = .*$", f"{name} = {number}", PACKAGED, flags=re.MULTILINE)


def test_the_packaged_policy_holds_until_somebody_puts_another_in_force(session):
    assert policies.in_force(session) == policies.packaged() == parse_policy(PACKAGED)


def test_the_policy_that_was_put_in_force_last_holds(session):
    assert put(with_number("near_km", 100))
    assert put(with_number("near_km", 200))
    assert policies.in_force(session) == replace(policies.packaged(), near_km=200)


def test_a_policy_that_changes_nothing_is_no_new_version(session):
    assert not put(PACKAGED)
    assert put(with_number("near_km", 100))
    assert not put("# The same numbers.\n" + with_number("near_km", 100))
    assert session.scalar(select(func.count()).select_from(PolicyVersion)) == 1


def test_a_wrong_policy_is_refused_with_all_its_mistakes(session):
    text = with_number("near_km", -1).replace("long_run_days = 12\n", "")
    with pytest.raises(PolicyError) as refused:
        put(text)
    assert refused.value.problems == [("near_km", "out-of-range", ("0", "100000")), ("long_run_days", "missing", ())]
    assert policies.in_force(session) == policies.packaged()


def test_back_to_the_packaged_policy_holds_for_what_later_versions_of_the_program_change(session, monkeypatch):
    put(with_number("near_km", 100))
    assert back()
    assert not back()
    later = replace(policies.packaged(), near_km=120)
    monkeypatch.setattr(policies, "packaged", lambda: later)
    assert policies.in_force(session) == later


def store(text: str) -> None:
    """Write down a policy as an older or newer version of the program would have."""
    with transaction() as session:
        session.add(PolicyVersion(text=text, version="x", reason="", at=clock.now(), actor="Ruth Root"))


def test_a_setting_that_the_stored_policy_does_not_know_yet_is_taken_from_the_packaged_one(session):
    store(with_number("near_km", 100).replace("weekend_start = 1\n", ""))
    found = policies.reading(policies.newest(session))
    assert found.policy == replace(policies.packaged(), near_km=100)
    assert found.taken == ("weekend_start",)


def test_a_setting_that_there_is_no_longer_is_left_out_of_the_stored_policy(session):
    store(with_number("near_km", 100) + "\n[moon]\nfull_moon = 2\n")
    found = policies.reading(policies.newest(session))
    assert found == policies.Reading(replace(policies.packaged(), near_km=100))


def test_stored_numbers_that_are_no_longer_allowed_give_way_to_the_packaged_ones(session):
    text = with_number("near_km", 100).replace("weekend_start = 1", "weekend_start = 9")
    store(text.replace("cost_minor = 10", "cost_minor = 500"))
    found = policies.reading(policies.newest(session))
    assert found.policy == replace(policies.packaged(), near_km=100)
    assert set(found.taken) == {"weekend_start", "cost_minor", "cost_major"}


def test_the_numbers_that_were_filled_in_can_be_put_in_force_as_they_are(session):
    store(with_number("near_km", 100).replace("weekend_start = 1\n", ""))
    assert put(with_number("near_km", 100))
    assert policies.reading(policies.newest(session)).taken == ()


def test_a_policy_as_toml_keeps_the_comments_and_is_read_back_the_same():
    whole = {"strong_share": 0.75, "near_km": 99, "most_dates": 7}
    policy = replace(policies.packaged(), **whole)
    text = policies.as_toml(policy)
    assert parse_policy(text) == policy
    changed = [line for line in text.splitlines() if line not in PACKAGED.splitlines()]
    assert changed == ["strong_share = 0.75", "near_km = 99", "most_dates = 7"]
    assert policies.as_toml(policies.packaged()) == PACKAGED


def test_every_setting_stands_in_one_section_of_the_packaged_policy():
    names = [name for settings in policies.sections().values() for name in settings]
    assert sorted(names) == sorted(item.name for item in fields(Policy))


def test_each_version_tells_who_why_and_which_numbers_changed(session, monkeypatch):
    put(with_number("near_km", 100), "Lausanne is near.")
    put(with_number("near_km", 200).replace("weekend_start = 1", "weekend_start = 2"), "Lyon too.")
    back()
    # What was packaged then is not what is packaged now: the history tells what happened.
    later = replace(policies.packaged(), near_km=120, key_person=1)
    monkeypatch.setattr(policies, "packaged", lambda: later)
    found = policies.history(session)
    assert [(v.row.actor, v.row.reason, v.is_packaged, {c[0]: c[1:] for c in v.changes}) for v in found] == [
        ("Ruth Root", "It was better before.", True, {"near_km": (200, 150), "weekend_start": (2, 1)}),
        ("Ruth Root", "Lyon too.", False, {"near_km": (100, 200), "weekend_start": (1, 2)}),
        ("Ruth Root", "Lausanne is near.", False, {"near_km": (150, 100)}),
    ]


def test_the_audit_log_tells_of_it(session):
    put(with_number("near_km", 100))
    back()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(e.action, e.actor, e.details["before"], e.details["after"]) for e in entries] == [
        ("policy put in force", "Ruth Root", {"near_km": 150}, {"near_km": 100}),
        ("policy as packaged again", "Ruth Root", {"near_km": 100}, {"near_km": 150}),
    ]


def test_another_policy_is_another_state_of_planning_and_the_old_one_is_the_same_again(session, add_event):
    add_event()

    def digest() -> str:
        return session.scalar(select(CalendarVersion.planning_digest))

    before = digest()
    put(with_number("near_km", 100))
    assert digest() != before
    back()
    assert digest() == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("weak_share = 0.15", "weak_share = "), "the file is not TOML"),
        (("weak_share = 0.15\n", ""), "policy.toml: weak_share is missing."),
        (("weak_share = 0.15", "week_share = 0.15"), "policy.toml: week_share is no setting of the policy."),
        (("weak_share = 0.15", "weak_share = 'a few'"), "policy.toml: weak_share is not a number that it can have."),
        (("weak_share = 0.15", "weak_share = 15"), "policy.toml: weak_share is not between 0 and 1."),
        (("cost_minor = 10", "cost_minor = 101"), "policy.toml: cost_minor is more than cost_major."),
    ],
)
def test_a_mistake_in_the_packaged_policy_is_told_in_a_sentence(tmp_path, monkeypatch, wrong, said):
    assert wrong[0] in PACKAGED
    (tmp_path / "policy.toml").write_text(PACKAGED.replace(*wrong), encoding="utf-8")
    monkeypatch.setattr(reference_files, "_FOLDER", tmp_path)
    with pytest.raises(ReferenceFileError) as caught:
        policies.packaged.__wrapped__()
    assert said in str(caught.value)


def test_the_program_does_not_start_with_a_wrong_packaged_policy(app, monkeypatch):
    def wrong() -> Policy:
        message = "policy.toml: weak_share is missing."
        raise ReferenceFileError(message)

    monkeypatch.setattr(policies, "packaged", wrong)
    done = app.test_cli_runner().invoke(args=["prepare"])
    assert done.exit_code == 1
    assert done.stderr == "The calendar cannot start. In calendar_app/reference/: policy.toml: weak_share is missing.\n"
