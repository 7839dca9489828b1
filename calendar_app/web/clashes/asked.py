"""What the address of the board asks for, and addresses that ask for something else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import request, url_for
from flask_babel import gettext as _

from calendar_app.planning import dates
from calendar_app.planning.vocabulary import FindingKind
from calendar_app.services.filters import FilterError, Problem
from calendar_app.services.finding_board import ANY_STATE, STATES, Asked
from calendar_app.services.finding_life import OPEN
from calendar_app.services.reference import reference
from calendar_app.web.page import read_filter, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.services.finding_words import FindingWords

_NAMES = ("kind", "state", "organisation", "convention", "month", "past", "page")
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the board: what it asks for, and the page of it, from 1."""

    asked: Asked
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        """Tell whether anything is asked for but the kind."""
        return replace(self.asked, kind=FindingKind.CLASH) != Asked()

    def url(self, page: int = 1, **changes: object) -> str:
        """Return the address of another page of the same, or of page 1 of something else."""
        asked = replace(self.asked, **changes)  # type: ignore[arg-type]
        values: dict[str, Any] = {
            "kind": str(asked.kind) if asked.kind is not FindingKind.CLASH else None,
            "state": asked.state if asked.state != OPEN else None,
            "organisation": asked.organisation or None,
            "convention": asked.convention or None,
            "month": f"{asked.month.start:%Y-%m}" if asked.month else None,
            "past": "1" if asked.past else None,
            "page": page if page > 1 else None,
        }
        return url_for("clashes.board", **values)


def read_address() -> Address:
    """Read the address of this request. Raises `FilterError`, which is answered 400."""
    read_filter(filtered=False, also=_NAMES)
    problems: list[Problem] = []
    kind = _one("kind", tuple(FindingKind), problems) or FindingKind.CLASH
    asked = Asked(
        kind=FindingKind(kind),
        state=_one("state", (*STATES, ANY_STATE), problems) or OPEN,
        organisation=_one("organisation", _members(), problems),
        convention=_one("convention", reference().processes, problems),
        month=_month(problems),
        past=bool(_one("past", ("1",), problems)),
    )
    page = _text("page", problems) or "1"
    if not page.isascii() or not page.isdigit() or len(page) > _MOST_DIGITS or int(page) < 1:
        problems.append(Problem("unknown-value", "page", page[:40], ("1", "2", "3")))
    if problems:
        raise FilterError(problems)
    return Address(asked, int(page))


def _members() -> list[str]:
    return [code for code, listed in reference().organisations.items() if listed.member]


def _text(name: str, problems: list[Problem]) -> str:
    given = request.args.getlist(name)
    if len(given) > 1:
        problems.append(Problem("repeated", name))
    return given[0].strip() if given else ""


def _one(name: str, valid: Iterable[str], problems: list[Problem]) -> str:
    text, valid = _text(name, problems), tuple(valid)
    if text and text not in valid:
        problems.append(Problem("unknown-value", name, text[:80], valid))
        return ""
    return text


def _month(problems: list[Problem]) -> dates.Span | None:
    text = _text("month", problems)
    if not text:
        return None
    year, _dash, number = text.partition("-")
    try:
        if not (len(year) == 4 and len(number) == 2 and (year + number).isascii() and (year + number).isdigit()):  # noqa: PLR2004
            raise ValueError  # noqa: TRY301 - one answer to whatever is wrong with it
        month = dates.month(int(year), int(number))
        if not dates.EARLIEST <= month.start < dates.LATEST:
            raise ValueError  # noqa: TRY301
    except ValueError:
        problems.append(Problem("bad-date", "month", text[:80]))
        return None
    return month


def form_of(address: Address, speak: FindingWords) -> dict[str, Any]:
    """Return the fields of the form that asks for something else, with what is asked for now."""
    asked = address.asked
    states = [(state, speak.state(state)) for state in STATES]
    members = [(code, words().gettext(reference().organisations[code].short_name)) for code in _members()]
    processes = [(slug, words().gettext(process.short_name)) for slug, process in reference().processes.items()]
    selects = [
        _select("state", _("State"), [*states, (ANY_STATE, _("Any"))], asked.state),
        _select("organisation", _("Organisation"), [("", _("Any")), *members], asked.organisation),
        _select("convention", _("Convention or process"), [("", _("Any")), *processes], asked.convention),
    ]
    return {
        "selects": selects,
        "month": f"{asked.month.start:%Y-%m}" if asked.month else "",
        "past": asked.past,
        "hidden": [
            *([("kind", str(asked.kind))] if asked.kind is not FindingKind.CLASH else []),
            *([("lang", request.args["lang"])] if request.args.get("lang") else []),
        ],
        "reset_url": Address(Asked(kind=asked.kind)).url() if address.is_filtered else "",
    }


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> dict[str, Any]:
    listed = [{"value": value, "label": text, "selected": value == chosen} for value, text in options]
    return {"name": name, "label": label, "options": listed}
