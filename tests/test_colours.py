"""The colours of the style sheet: enough contrast, and processes that stay apart for colour-blind eyes.

In light and dark. Contrast: WCAG 2.2, relative luminance. Colour blindness: Machado, Oliveira and Fernandes (2009),
severity 1. Distance: OKLab.
"""

from __future__ import annotations

import itertools
import re

import pytest

from calendar_app.factory import ROOT
from calendar_app.services.reference import reference

CSS = (ROOT / "static" / "css" / "site.css").read_text(encoding="utf-8")
SURFACES = ("paper", "shade", "shade-2")
TEXTS = ("ink", "ink-soft", "accent", "accent-strong", "danger")
VISION = {
    "ordinary": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
LEAST_DISTANCE = 0.07


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", text))


LIGHT = colours(CSS[: CSS.index("@media screen and (prefers-color-scheme: dark)")])
DARK = LIGHT | colours(
    re.search(r"@media screen and \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", CSS, re.DOTALL)[1]
)
SCHEMES = {"light": LIGHT, "dark": DARK}


def linear(colour: str) -> tuple[float, ...]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(one: str, other: str) -> float:
    lights = sorted(sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) for c in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def times(matrix, values) -> list[float]:
    return [sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix]


def oklab(colour: str, vision: str) -> list[float]:
    seen = [min(1, max(0, part)) for part in times(VISION[vision], linear(colour))]
    cones = times(
        (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ),
        seen,
    )
    return times(
        (
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        ),
        [cone ** (1 / 3) for cone in cones],
    )


def distance(one: str, other: str, vision: str) -> float:
    pairs = zip(oklab(one, vision), oklab(other, vision), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def test_the_formulas_give_what_is_known():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert distance("#000000", "#ffffff", "ordinary") == pytest.approx(1, abs=0.001)
    # Red and green of one lightness, the classical case.
    assert distance("#c05030", "#6f7d16", "deuteranopia") < distance("#c05030", "#6f7d16", "ordinary") / 2


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read_on_every_surface(scheme):
    values = SCHEMES[scheme]
    low = {
        (text, surface): round(contrast(values[text], values[surface]), 2)
        for text, surface in [
            *itertools.product(TEXTS, SURFACES),
            ("ink", "line"),  # the second shade of a full week
            ("paper", "ink-soft"),
            ("on-accent", "accent"),
            ("on-accent", "accent-strong"),
            ("warn", "warn-paper"),
            ("ink", "warn-paper"),
            ("paper", "danger"),  # the word "Today"
        ]
        if contrast(values[text], values[surface]) < 4.5
    }
    assert not low


@pytest.mark.parametrize("scheme", SCHEMES)
def test_marks_and_outlines_stand_out_from_the_paper(scheme):
    values = SCHEMES[scheme]
    names = [p.slug for p in reference().processes.values() if p.tier < 3]
    low = [n for n in (*names, "outside", "line-strong") if contrast(values[n], values["paper"]) < 3]
    assert not low


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_processes_of_one_shape_stay_apart(scheme, vision):
    values = SCHEMES[scheme]
    close = [
        (a.slug, b.slug, round(distance(values[a.slug], values[b.slug], vision), 3))
        for tier in (1, 2)
        for a, b in itertools.combinations([p for p in reference().processes.values() if p.tier == tier], 2)
        if distance(values[a.slug], values[b.slug], vision) < LEAST_DISTANCE
    ]
    assert not close


def test_the_list_of_processes_has_the_colours_of_the_style_sheet():
    named = {p.slug: LIGHT[p.slug if p.tier < 3 else "outside"] for p in reference().processes.values()}
    assert {p.slug: p.color for p in reference().processes.values()} == named


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "css").glob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_closes_what_it_opens(path):
    """What stands behind an open block would hold on paper only, or not at all."""
    depth, told = 0, re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for sign in re.findall(r"[{}]", told):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0
