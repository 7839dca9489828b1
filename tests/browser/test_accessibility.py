"""What an automatic checker can find, it does not find."""

from __future__ import annotations

import pytest

from tests.browser.conftest import ROOT
from tests.browser.pages import NARROW, PAGES, WIDE, in_language

pytestmark = pytest.mark.xdist_group("browser")

EVERYTHING = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
}
# Dark differs from light in nothing but colours.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
CHECK = "runOnly => axe.run(document, {runOnly, resultTypes: ['violations']})"
OPEN_FOLDS = "() => document.querySelectorAll('details').forEach(fold => fold.open = true)"


@pytest.fixture(scope="module")
def axe() -> str:
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    assert path.is_file(), "axe-core is missing; `make setup` fetches it"
    return path.read_text(encoding="utf-8")


def findings(page, axe: str, where: str, rules: dict[str, object] = EVERYTHING) -> list[str]:
    """Return what axe finds, one line for each element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    result = page.evaluate(CHECK, rules)
    return [
        f"{where}: {rule['id']} ({rule['impact']}): {node['html'][:160]} – {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_wide_and_narrow_in_light_and_dark_with_all_folds_open(reader, axe, name, language):
    page = reader.open(in_language(PAGES[name], language))
    assert page.locator("html").get_attribute("lang") == language
    page.evaluate(OPEN_FOLDS)
    found = []
    for width, viewport in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme="light")
        found += findings(page, axe, f"{name}, {width}, light")
        page.emulate_media(color_scheme="dark")
        found += findings(page, axe, f"{name}, {width}, dark", COLOURS)
    assert not found, "\n".join(found)


def test_axe_would_find_what_is_wrong(visitor, axe):
    page = visitor(color_scheme="light").open("/about")
    page.evaluate("() => document.querySelector('main').append(document.createElement('img'))")
    page.evaluate("() => document.querySelector('main h2').style.color = '#aaaaaa'")
    assert {line.split()[1] for line in findings(page, axe, "about:")} == {"image-alt", "color-contrast"}
    assert any("color-contrast" in line for line in findings(page, axe, "about:", COLOURS))
