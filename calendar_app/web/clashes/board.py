"""The board: clashes by severity, and opportunities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db
from calendar_app.planning.vocabulary import FindingKind, Severity
from calendar_app.services import finding_board
from calendar_app.services.finding_board import ANY_STATE
from calendar_app.web import guards
from calendar_app.web.clashes.area import blueprint
from calendar_app.web.clashes.asked import form_of, read_address
from calendar_app.web.clashes.lines import finding_lines, hidden_lines, speaker
from calendar_app.web.page import words
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    from calendar_app.services.finding_board import Board
    from calendar_app.services.finding_words import FindingWords
    from calendar_app.web.clashes.asked import Address

_GROUPS = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)


@blueprint.get("/clashes", endpoint="board")
def board_page() -> str:
    """Show what planning found and the reader may see, the worst first."""
    someone = guards.member()
    address = read_address()
    found = finding_board.board(db.session(), someone.viewer, address.asked, clock.today(), address.page)
    if address.page > found.last_number:
        abort(404)
    speak = speaker([])
    return render_template(
        "clashes/board.html",
        board={
            "tabs": _tabs(address, found),
            "filter": form_of(address, speak),
            "groups": _groups(found, address, speak),
            "printed": _("Printed: %(moment)s.", moment=moment_in_words(clock.now())),
            "chosen": _("Shown: %(choices)s.", choices=words().listed(_chosen(address, found, speak))),
            "hidden": hidden_lines(someone.viewer, found.hidden),
            "empty": _empty(address, found),
            "earlier_url": address.url(address.page - 1) if address.page > 1 else "",
            "later_url": address.url(address.page + 1) if address.page < found.last_number else "",
            "page_words": _("Page %(number)s of %(last)s", number=found.number, last=found.last_number)
            if found.last_number > 1
            else "",
        },
    )


def _tabs(address: Address, found: Board) -> list[dict[str, Any]]:
    labels = {
        FindingKind.CLASH: _("Clashes (%(count)s)", count=found.count(FindingKind.CLASH)),
        FindingKind.OPPORTUNITY: _("Opportunities (%(count)s)", count=found.count(FindingKind.OPPORTUNITY)),
    }
    return [
        {"label": label, "url": address.url(kind=kind), "current": kind is address.asked.kind}
        for kind, label in labels.items()
    ]


def _chosen(address: Address, found: Board, speak: FindingWords) -> list[str]:
    """Return what the address chooses, as it is told on paper, where there is no form."""
    chosen = [tab["label"] for tab in _tabs(address, found) if tab["current"]]
    for field in form_of(address, speak)["selects"]:
        chosen += [
            f"{field['label']}: {item['label']}" for item in field["options"] if item["selected"] and item["value"]
        ]
    if address.asked.month:
        chosen.append(words().month(address.asked.month.start))
    return [*chosen, _("Also what is over")] if address.asked.past else chosen


def _groups(found: Board, address: Address, speak: FindingWords) -> list[dict[str, Any]]:
    """Return the severities with their lines on this page, and how many there are on all pages."""
    lines = finding_lines(found.findings)
    if address.asked.kind is FindingKind.OPPORTUNITY:
        count = found.count(FindingKind.OPPORTUNITY)
        counted = ngettext("%(num)d opportunity", "%(num)d opportunities", count)
        return [{"mark": "opportunity", "label": _("Opportunities"), "count": counted, "lines": lines}] if count else []
    return [
        {
            "mark": severity.word,
            "label": speak.severity(severity),
            "count": ngettext("%(num)d clash", "%(num)d clashes", found.counts.get((FindingKind.CLASH, severity), 0)),
            "lines": [line for line in lines if line["mark"] == severity.word],
        }
        for severity in _GROUPS
    ]


def _empty(address: Address, found: Board) -> dict[str, Any] | None:
    """Say that there is nothing, and where there may be more."""
    if found.findings or found.hidden:
        return None
    asked = address.asked
    is_clash = asked.kind is FindingKind.CLASH
    suggestions = []
    if asked.state != ANY_STATE:
        suggestions.append({"label": _("Look at those of every state"), "url": address.url(state=ANY_STATE)})
    if asked.organisation:
        suggestions.append({"label": _("Look at those of all organisations"), "url": address.url(organisation="")})
    if asked.convention:
        suggestions.append({"label": _("Look at those of all conventions"), "url": address.url(convention="")})
    if asked.month:
        suggestions.append({"label": _("Look at all months"), "url": address.url(month=None)})
    elif not asked.past:
        suggestions.append({"label": _("Look at what is over, too"), "url": address.url(past=True)})
    if address.is_filtered:
        message = _("No clash matches.") if is_clash else _("No opportunity matches.")
    else:
        message = _("No clash is open.") if is_clash else _("No opportunity is open.")
    return {"message": message, "suggestions": suggestions}
