"""A file is brought in with the pages of a real browser, each of which is sound."""

from __future__ import annotations

import pytest

from tests.browser.pages import NARROW
from tests.browser.test_accessibility import COLOURS, OPEN_FOLDS, axe, findings  # noqa: F401 - axe is a fixture
from tests.browser.test_layout import CUT_OFF, SMALL, STICKING_OUT

pytestmark = pytest.mark.xdist_group("browser")

ROWS = f"""Name of the meeting,Dates,Where,Web page
Workshop {"on the inventory of releases of mercury " * 6},3-7 May 2027,Geneva/online,https://{"a" * 60}.example
A meeting without a year,3-7 May,Genva,
مؤتمر الأطراف في اتفاقية بازل,second quarter of 2027,"Nairobi, Kenya",
Sixth meeting of the Conference of the Parties to the Minamata Convention,3 November 2025,Geneva,
Sixth meeting of the Conference of the Parties to the Minamata Convention,3 November 2025,Geneva,
,,,a heading
"""


def test_the_pages_of_an_import_are_accessible_and_narrow_enough(member, axe, tmp_path):  # noqa: F811
    path = tmp_path / "plans.csv"
    path.write_text(ROWS, encoding="utf-8")
    member.page.set_viewport_size(NARROW)
    page = member.open("/imports")
    found = sound(page, axe, "imports")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Send the file").click()
    page.wait_for_url("**/columns")
    found += sound(page, axe, "columns")
    page.get_by_role("button", name="Show what each row would do").click()
    page.get_by_role("button", name="Carry the import out").wait_for()
    assert page.get_by_text("the year is missing").count() == 1
    found += sound(page, axe, "preview")
    page.goto(page.url + "?lang=ar")
    found += sound(page, axe, "preview in Arabic")
    assert not found, "\n".join(found)


def sound(page, axe: str, where: str) -> list[str]:  # noqa: F811
    page.evaluate(OPEN_FOLDS)
    page.emulate_media(color_scheme="light")
    found = findings(page, axe, f"{where}, light")
    found += page.evaluate(STICKING_OUT) + page.evaluate(CUT_OFF) + page.evaluate(SMALL)
    page.emulate_media(color_scheme="dark")
    found += findings(page, axe, f"{where}, dark", COLOURS)
    page.emulate_media(color_scheme="light")
    return found
