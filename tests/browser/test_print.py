"""On paper: everything that is said is there, and nothing that only works on a screen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ET

import pytest

from tests.browser.pages import CHINESE, RUSSIAN

pytestmark = pytest.mark.xdist_group("browser")

A4 = (595, 842)
# The margins of the stylesheet are 13 mm at the sides and 14 mm above and below; in points, a little less.
SIDE, TOP = 36, 38
LONG_ADDRESS = "&".join(
    f"convention={name}" for name in "basel rotterdam stockholm minamata gfc saicm plastics".split()
)
ON_SCREEN_ONLY = (
    "Skip to the content", "Search and filter", "Show events", "More filters", "Subscribe to this list",
    "Back to the top", "Add to calendar", "Google Calendar\n", "Jump to", "Français", "Update the address", "Copy",
)  # fmt: skip


@pytest.fixture(scope="module")
def poppler() -> str:
    """The program that reads PDF."""
    path = shutil.which("pdftotext")
    if path is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("pdftotext (poppler-utils) is missing", pytrace=False)
        pytest.skip("pdftotext (poppler-utils) is missing")
    return path


def printed(page, poppler: str, folder) -> tuple[str, list[tuple[float, float, float, float]]]:
    """Print on A4; return the text in the order of the page, and the box of each word in points."""
    paper = folder / "page.pdf"
    page.pdf(path=paper, format="A4", prefer_css_page_size=True)
    text = subprocess.run([poppler, "-raw", paper, "-"], capture_output=True, text=True, check=True).stdout
    boxes = subprocess.run([poppler, "-bbox", paper, "-"], capture_output=True, text=True, check=True).stdout
    # Control characters of the fonts of some scripts are not XML.
    tree = ET.fromstring(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", boxes))
    words = [
        tuple(float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax"))
        for word in tree.iter("{http://www.w3.org/1999/xhtml}word")
    ]
    return text, words


def joined(text: str) -> str:
    """Return text without blanks and ligatures, to find it across line breaks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", ".event-title, .month-heading, .date-words, .event-place"),
        ("/events/p-brs-cops-2025", "h1, .event-title, .plate-dates, .fact, .source-citation"),
        ("/events/long-latin", "h1, .plate-dates, .source-citation, .fact dt"),
        (f"/subscribe?{LONG_ADDRESS}", "h1, .event-title, .ready-address, .refresh th"),
    ],
)
def test_a_printed_page_has_all_its_text_and_no_controls(visitor, poppler, tmp_path, path, said):
    page = visitor().open(path)
    wanted = page.locator(said).all_inner_texts()
    addresses = [field.input_value() for field in page.locator(".address input").all()]
    arabic = re.compile(r"[\u0600-\u06ff]")
    text, words = printed(page, poppler, tmp_path)
    paper = joined(text)
    assert [line for line in wanted + addresses if not arabic.search(line) and joined(line) not in paper] == []
    assert [control for control in ON_SCREEN_ONLY if control in text] == []
    outside = [
        box
        for box in words
        if box[0] < SIDE or box[1] < TOP - 8 or box[2] > A4[0] - SIDE + 1 or box[3] > A4[1] - TOP + 8
    ]
    assert outside == []


@pytest.mark.parametrize("path", ["/calendar?from=2025-10", "/calendar?from=2025-10-06&view=week"])
def test_a_printed_month_or_week_lies_across_and_has_every_bar_that_is_seen(visitor, poppler, tmp_path, path):
    page = visitor().open(path)
    page.emulate_media(media="print")
    wanted = page.locator(".bar:visible :is(.bar-short, .bar-hour):visible, .week-number:visible").all_inner_texts()
    page.emulate_media(media="null")
    text, _words = printed(page, poppler, tmp_path)
    paper = joined(text)
    assert wanted
    # An ellipsis may cut the longest.
    assert [line for line in wanted if len(line) < 30 and joined(line) not in paper] == []
    boxes = subprocess.run([poppler, "-bbox", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True)
    sizes = re.findall(r'<page width="([\d.]+)" height="([\d.]+)">', boxes.stdout)
    assert float(sizes[0][0]) > float(sizes[0][1])
    for (width, height), words in zip(sizes, boxes.stdout.split("<page ")[1:], strict=True):
        for box in re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)"', words):
            left, top, right, bottom = map(float, box)
            assert left > 20
            assert top > 20
            assert right < float(width) - 20
            assert bottom < float(height) - 20


def test_the_longest_titles_are_printed_in_full(visitor, poppler, tmp_path):
    page = visitor().open("/")
    text, _words = printed(page, poppler, tmp_path)
    paper = joined(text)
    for title in (CHINESE[:300], RUSSIAN[:300]):
        assert joined(title) in paper
