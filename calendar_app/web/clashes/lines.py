"""Findings as lines of a list: the values that templates show, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _

from calendar_app.extensions import db
from calendar_app.planning.dates import Precision
from calendar_app.planning.vocabulary import FindingKind, Severity
from calendar_app.services import finding_board
from calendar_app.services.finding_board import events_of, owners_of, short_name
from calendar_app.services.finding_codec import finding_of
from calendar_app.services.finding_life import ACCEPTED
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.holders import holder
from calendar_app.services.records import called, organisers_of, span_of
from calendar_app.services.reference import reference
from calendar_app.web.page import title_language, words
from calendar_app.web.work.subject import event_url, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from calendar_app.models import Event, StoredFinding
    from calendar_app.services.calendar import Viewer


def speaker(found: Iterable[StoredFinding]) -> FindingWords:
    """Return what speaks of these findings, with what people call the events."""
    titles = {event.id: called(event, title_language()) for item in found for event in events_of(item)}
    return FindingWords(words(), titles.__getitem__, reference())


def finding_lines(found: list[StoredFinding]) -> list[dict[str, Any]]:
    """Return findings that the reader may see as lines. Asks nothing of the database that lists have not loaded."""
    speak = speaker(found)
    return [
        severity_of(item, speak)
        | {
            "url": clash_url(item),
            "headline": speak.headline(finding_of(item)),
            "state": item.state,
            "state_label": speak.state(item.state),
            "sides": [
                _side(event, option)
                for event, option in zip(events_of(item), (item.option_a, item.option_b), strict=False)
            ],
            "answers": answers_of(item),
            "likelihood": likelihood_of(item),
        }
        for item in found
    ]


def hidden_lines(viewer: Viewer, found: Iterable[StoredFinding]) -> list[dict[str, Any]]:
    """Return clashes of which something is hidden: the reader's own event, how bad it is, and whom to ask."""
    lines = []
    for item in found:
        own = finding_board.hidden_side(viewer, item)
        if own is None:
            continue
        lines.append(
            severity_of(item, speaker([]))
            | {
                "title": title_of(own),
                "url": event_url(own),
                "dates": dates_of(own),
                "sentence": finding_board.hidden_sentence(words(), viewer, item),
            }
        )
    return lines


def lines_of_event(viewer: Viewer, event: Event) -> dict[str, Any]:
    """Return what the page of an event shows of its findings to a member."""
    found = finding_board.of_event(db.session(), viewer, event)
    return {"lines": finding_lines(found.findings), "hidden": hidden_lines(viewer, found.hidden)}


def finding_sentence(found: StoredFinding) -> str:
    """Return how bad a finding is and what it is about, in one line."""
    speak = speaker([found])
    label = severity_of(found, speak)["mark_label"]
    return str(_("%(severity)s: %(sentence)s", severity=label, sentence=speak.headline(finding_of(found))))


def clash_url(found: StoredFinding) -> str:
    """Return the address of a finding's page."""
    return url_for("clashes.clash", finding_id=found.id)


def severity_of(found: StoredFinding, speak: FindingWords) -> dict[str, str]:
    """Return how bad a finding is, as a mark (also the name of its icon) and as a word."""
    if found.kind == FindingKind.OPPORTUNITY:
        return {"mark": "opportunity", "mark_label": speak.kind(FindingKind.OPPORTUNITY)}
    severity = Severity(found.severity)
    return {"mark": severity.word, "mark_label": speak.severity(severity)}


def answers_of(found: StoredFinding) -> list[str]:
    """Return what each organisation that keeps one of the events has answered."""
    given = {row.organisation_code: row.answer for row in found.answers}
    return [answer_in_words(code, given.get(code, "")) for code in owners_of(found)]


def answer_in_words(code: str, answer: str) -> str:
    """Return "BRS: acknowledged"."""
    name = words().isolated(short_name(words(), code))
    if not answer:
        return str(_("%(organisation)s: no answer yet", organisation=name))
    if answer == ACCEPTED:
        return str(_("%(organisation)s: accepted as it is", organisation=name))
    return str(_("%(organisation)s: acknowledged", organisation=name))


def likelihood_of(found: StoredFinding) -> str:
    """Say how likely it is where dates are not known, "" where they are."""
    if found.likelihood >= 1:
        return ""
    return str(_("Likelihood: about %(share)s%%", share=max(1, round(found.likelihood * 100))))


def dates_of(event: Event) -> str:
    """Return the dates of an event in words."""
    return words().dates(span_of(event), Precision(event.precision), event.date_text)


def _side(event: Event, option: int) -> dict[str, str]:
    """Return who holds or keeps an event, when it is and where: what the headline does not say."""
    return {
        "who": holder(words(), event.steward_code, organisers_of(event)),
        "dates": _("on a candidate date") if option else dates_of(event),
        "place": words().place(event.city, event.country, event.format),
    }
