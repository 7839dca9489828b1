"""The page on which a system administrator changes the policy: looks first, then puts it in force and says why."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date
from html import unescape

import pytest
from sqlalchemy import func, select

from calendar_app.extensions import clock, transaction
from calendar_app.models import PolicyVersion, StoredFinding
from calendar_app.planning.policy import Policy, parse_policy
from calendar_app.planning.vocabulary import Format, Severity, Visibility
from calendar_app.services import policies
from calendar_app.services.events import Change
from calendar_app.web.admin import policy as policy_page
from calendar_app.web.admin.policy_words import SECTIONS, SETTINGS
from tests.web.forms import post

pytestmark = pytest.mark.either_database

PAGE = "/admin/policy"
_FIELD = re.compile(r"<(?:input|textarea)[^>]*>")


@pytest.fixture
def root(signed_in):
    """The system administrator's browser."""
    return signed_in("root@example.org", name="Ruth Root", system_administrator=True)


@pytest.fixture
def saturday(add_event):
    """A meeting to come that begins on a Saturday."""
    there = {"format": Format.IN_PERSON, "city": "Geneva", "country": "CH"}
    return add_event(title="Weekend workshop", first=date(2027, 3, 6), **there)


def filled(text: str) -> dict[str, str]:
    """What stands in the fields of a page."""
    found = {}
    for tag in _FIELD.findall(text):
        name, value = (re.search(rf'{what}="([^"]*)"', tag) for what in (" name", " value"))
        if name and name[1] != "csrf_token":
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def send(browser, act: str, *, before: str | None = None, **numbers):
    """Change numbers on a page, `before` or a fresh one, and press a button."""
    values = filled(before or browser.get(PAGE).get_data(as_text=True))
    return post(browser, PAGE, {**values, **numbers, "act": act})


def seen(answer) -> str:
    """The text of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True))).split())


def put(**numbers) -> None:
    """Put numbers in force beside the page, as another administrator."""
    with transaction() as session:
        text = policies.as_toml(replace(policies.in_force(session), **numbers))
        policies.put_in_force(session, text, Change("Otto Other", clock.now(), "He knows better."))


def versions(session) -> int:
    return session.scalar(select(func.count()).select_from(PolicyVersion))


def test_every_setting_and_section_has_words(app):
    assert set(SETTINGS) == {item.name for item in fields(Policy)}
    assert set(SECTIONS) == set(policies.sections())
    with app.test_request_context():
        labels = [str(setting.label) for setting in SETTINGS.values()]
        assert len(set(labels)) == len(labels)
        assert all(str(setting.help).endswith(".") for setting in SETTINGS.values())


def test_the_page_shows_every_setting_with_what_holds_and_what_comes_with_the_calendar(root):
    put(near_km=100, key_person=1)
    answer = root.get(PAGE)
    values, text = filled(answer.get_data(as_text=True)), seen(answer)
    assert {name: float(values[name]) for name in SETTINGS} == {
        name: getattr(policies.packaged(), name) for name in SETTINGS
    } | {"near_km": 100, "key_person": 1}
    for setting in SETTINGS.values():
        assert str(setting.label) in text
        assert str(setting.help) in text
    assert "In force: 100 Comes with the calendar: 150" in text
    assert "In force: 1, minor Comes with the calendar: 2, major" in text
    assert "In force is a policy of your own." in text
    assert "In force is the policy that comes with the calendar." not in text


def test_administration_leads_to_the_page(root):
    assert f'href="{PAGE}"' in root.get("/admin").get_data(as_text=True)


def test_the_policy_in_force_is_downloaded_as_toml(root, session):
    put(near_km=100)
    answer = root.get("/admin/policy.toml")
    assert answer.mimetype == "application/toml"
    version = policies.in_force(session).version
    assert answer.headers["Content-Disposition"] == f'attachment; filename="policy-{version}.toml"'
    assert parse_policy(answer.get_data(as_text=True)) == policies.in_force(session)


def test_the_preview_tells_what_would_change_and_saves_nothing(root, session, saturday):
    answer = send(root, "preview", weekend_start="2")
    text = seen(answer)
    assert answer.status_code == 200
    assert "Beginning on a weekend: 2, major instead of 1, minor" in text
    assert "Major 0 1" in text
    assert "Minor 1 0" in text
    assert "Major · Worse; it was: Minor" in text
    assert f'href="/events/{saturday}"' in answer.get_data(as_text=True)
    assert filled(answer.get_data(as_text=True))["weekend_start"] == "2"
    assert versions(session) == 0
    assert session.scalar(select(StoredFinding.severity)) == Severity.MINOR


def test_numbers_are_put_in_force_after_the_preview_with_a_reason(root, session, saturday):
    shown = send(root, "preview", weekend_start="2").get_data(as_text=True)
    answer = send(root, "put", before=shown, reason="Families.")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert policies.in_force(session).weekend_start == 2
    assert session.scalar(select(StoredFinding.severity)) == Severity.MAJOR
    text = seen(root.get(PAGE))
    assert "These numbers are in force." in text
    assert "Ruth Root Families. Beginning on a weekend: 2, major instead of 1, minor" in text
    assert "Planning policy put in force" in seen(root.get("/admin/audit"))


def test_without_a_reason_nothing_is_put_in_force(root, session):
    shown = send(root, "preview", near_km="100").get_data(as_text=True)
    answer = send(root, "put", before=shown, reason="  ")
    assert answer.status_code == 422
    assert "Why : Write why, in one sentence." in seen(answer)
    assert filled(answer.get_data(as_text=True))["near_km"] == "100"
    assert versions(session) == 0


def test_numbers_that_were_not_looked_at_are_not_put_in_force(root, session):
    shown = send(root, "preview", near_km="100").get_data(as_text=True)
    answer = send(root, "put", before=shown, near_km="120", reason="Further.")
    assert answer.status_code == 409
    assert "You changed numbers after the preview." in seen(answer)
    assert versions(session) == 0
    # The reason stays, and the page that shows what 120 does is enough.
    again = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", answer.get_data(as_text=True), re.DOTALL)
    assert again[1] == "Further."
    assert send(root, "put", before=answer.get_data(as_text=True), reason=again[1]).status_code == 303
    assert policies.in_force(session).near_km == 120


@pytest.mark.parametrize("act", ["preview", "put"])
def test_a_change_that_somebody_else_made_meanwhile_is_not_written_over(root, session, act):
    shown = send(root, "preview", near_km="100").get_data(as_text=True)
    put(near_km=120, key_person=1)
    answer = send(root, act, before=shown, reason="Lausanne.")
    text = seen(answer)
    assert answer.status_code == 409
    assert "The policy was changed while you had this page open." in text
    assert policies.in_force(session).near_km == 120
    # What would be undone stands there.
    assert "Cities next to each other, in kilometres: 100 instead of 120" in text
    assert "A key person in two cities: 2, major instead of 1, minor" in text
    assert "Otto Other He knows better." in text
    answer = send(root, "put", before=answer.get_data(as_text=True), reason="Lausanne.")
    assert answer.status_code == 303
    session.expire_all()
    assert policies.in_force(session) == replace(policies.packaged(), near_km=100)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("near_km", "", "Write a whole number such as 3."),
        ("near_km", "far", "Write a whole number such as 3."),
        ("near_km", "1.5", "Write a whole number such as 3."),
        ("near_km", '1"\nkey_person = 3', "Write a whole number such as 3."),
        ("near_km", "100001", "Write a number from 0 to 100000."),
        ("near_km", "-1", "Write a number from 0 to 100000."),
        ("weekend_start", "4", "Write a number from 0 to 3."),
        ("working_day_ends", "25", "Write a number from 0 to 24."),
        ("weak_share", "half", "Write a number such as 0.5."),
        ("weak_share", "nan", "Write a number from 0 to 1."),
        ("weak_share", "1e400", "Write a number from 0 to 1."),
        ("weak_share", "0.9", "This cannot be more than “Share of the same people: strong”."),
        ("cost_major", "5000", "This cannot be more than “What a critical clash costs”."),
        ("near_km", "9" * 30, "Field cannot be longer than 20 characters."),
    ],
)
def test_what_is_wrong_with_a_number_is_said_at_its_field_and_kept(root, session, name, typed, said):
    answer = send(root, "put", **{name: typed, "reason": "Because."})
    content = answer.get_data(as_text=True)
    assert answer.status_code == 422
    error = re.search(rf'id="{name}-error">(.*?)</p>', content, re.DOTALL)
    assert said in unescape(error[1])
    assert f'href="#{name}"' in content
    assert filled(content)[name] == " ".join(typed.split())
    assert versions(session) == 0


def test_a_decimal_comma_is_understood(root):
    assert "Share of the same people: weak: 0.2 instead of 0.15" in seen(send(root, "preview", weak_share="0,2"))


def test_every_setting_can_be_changed_on_the_page(root, session):
    packaged = policies.packaged()
    numbers = {
        name: getattr(packaged, name) / 2 if isinstance(getattr(packaged, name), float) else getattr(packaged, name) + 1
        for name in SETTINGS
    }
    numbers = {name: 0 if name == "official_holiday" else value for name, value in numbers.items()}
    shown = send(root, "preview", **{name: str(value) for name, value in numbers.items()}).get_data(as_text=True)
    assert send(root, "put", before=shown, reason="All of it.").status_code == 303
    found = policies.in_force(session)
    assert {name: getattr(found, name) for name in SETTINGS} == numbers


def test_the_numbers_in_force_cannot_be_put_in_force_again(root, session):
    answer = send(root, "preview")
    assert "These are the numbers in force: nothing would change." in seen(answer)
    assert 'value="put"' not in answer.get_data(as_text=True)


def test_back_to_the_packaged_policy_is_looked_at_first_too(root, session, saturday):
    put(weekend_start=3)
    shown = send(root, "packaged", near_km="7")
    assert "Minor · Less bad; it was: Critical" in seen(shown)
    assert filled(shown.get_data(as_text=True))["near_km"] == "150"
    answer = send(root, "put", before=shown.get_data(as_text=True), reason="Too loud.")
    assert answer.status_code == 303
    assert policies.newest(session).text == ""
    text = seen(root.get(PAGE))
    assert "In force is the policy that comes with the calendar." in text
    assert "Too loud. Back to the packaged policy Beginning on a weekend: 1, minor instead of 3, critical" in text


def test_the_page_says_which_settings_the_program_had_to_fill_in(root, session):
    text = policies.as_toml(replace(policies.packaged(), near_km=100)).replace("weekend_start = 1\n", "")
    with transaction() as writing:
        writing.add(PolicyVersion(text=text, version="x", reason="", at=clock.now(), actor="Ruth Root"))
    said = "The policy in force was written for another version of the program."
    assert (
        f"{said} For these settings the numbers that come with the calendar are used: Beginning on a weekend"
        in seen(root.get(PAGE))
    )
    # They can be kept as they are.
    shown = send(root, "preview").get_data(as_text=True)
    assert send(root, "put", before=shown, reason="It fits.").status_code == 303
    assert said not in seen(root.get(PAGE))


def test_a_long_list_is_cut_and_says_how_much_more_there_is(root, add_event, monkeypatch):
    monkeypatch.setattr(policy_page, "_MOST_SHOWN", 2)
    for day in (6, 13, 20):
        add_event(title=f"Workshop {day}", first=date(2027, 3, day), format=Format.IN_PERSON)
    text = seen(send(root, "preview", weekend_start="2"))
    assert text.count("Worse; it was: Minor") == 2
    assert "and 1 more" in text


def test_the_preview_names_no_event_that_the_administrator_may_not_see(root, add_event, signed_in):
    hidden = {"title": "Secret talks", "first": date(2027, 3, 6), "visibility": Visibility.STEWARD}
    add_event(format=Format.IN_PERSON, **hidden)
    assert "Secret talks" not in seen(send(root, "preview", weekend_start="2"))
    also_member = signed_in("mara@brs.example", system_administrator=True, brs="contributor")
    assert "Secret talks" in seen(send(also_member, "preview", weekend_start="2"))


def test_what_was_written_is_shown_as_text(root, session, add_event):
    add_event(title="<script>alert(1)</script>", first=date(2027, 3, 6), format=Format.IN_PERSON)
    shown = send(root, "preview", weekend_start="2").get_data(as_text=True)
    assert "<script>alert" not in shown
    send(root, "put", before=shown, reason="<b>bold</b>")
    assert "&lt;b&gt;bold" in root.get(PAGE).get_data(as_text=True)
