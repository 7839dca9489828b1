"""The preview is the answer to a form, which no visitor who follows links reaches: its words are looked at here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from calendar_app.extensions import clock, transaction
from calendar_app.planning.vocabulary import Format
from calendar_app.services import policies
from calendar_app.services.events import Change
from tests.catalogues import compiled, pseudo_catalogue, translations_in
from tests.policy.test_policy_page import filled
from tests.test_translations import english_left
from tests.visitor import Page
from tests.web.forms import post

PAGE = "/admin/policy?lang=zh"
TITLE = "ωω"


@pytest.mark.parametrize(
    "numbers",
    [
        {"weekend_start": "2", "official_holiday": "0"},
        {"weekend_start": "0"},
        {"weekend_start": "x", "weak_share": "7", "cost_minor": "5000"},
    ],
)
def test_every_word_of_the_preview_and_of_its_errors_can_be_translated(app, signed_in, add_event, tmp_path, numbers):
    root = signed_in("root@example.org", name=TITLE, system_administrator=True)
    add_event(title=TITLE, titles={"zh": TITLE}, first=date(2027, 3, 6), format=Format.IN_PERSON, city=TITLE)
    with transaction() as session:
        text = policies.as_toml(replace(policies.packaged(), near_km=100))
        policies.put_in_force(session, text, Change(TITLE, clock.now(), TITLE))
        policies.back_to_packaged(session, Change(TITLE, clock.now(), TITLE))
    with translations_in(compiled(tmp_path / "translations", pseudo_catalogue(), "zh")):
        values = filled(root.get(PAGE).get_data(as_text=True))
        answer = post(root, PAGE, {**values, **numbers, "reason": "", "act": "put"})
        assert answer.status_code in {409, 422}
        page = Page(answer.get_data(as_text=True))
        assert page.language == "zh"
        assert english_left(page) == set()
