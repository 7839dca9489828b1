"""Saving dates that have a critical clash takes a sentence of whoever saves them; other clashes are told afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import flash, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from calendar_app.extensions import clock, db
from calendar_app.planning.vocabulary import Severity
from calendar_app.services import date_decisions, finding_board
from calendar_app.services.finding_words import FindingWords
from calendar_app.services.records import in_language
from calendar_app.services.reference import reference
from calendar_app.web.page import title_language, words
from calendar_app.web.submit import dates_panel

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from flask_wtf import FlaskForm
    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.date_check import Draft
    from calendar_app.services.date_decisions import UndecidedError
    from calendar_app.services.events import Change

# More than this nobody reads in a message; the board has them all.
_MOST_TOLD = 3
# Of so many events that one change would save, the clashes are shown before somebody decides on all of them.
_MOST_ASKED = 10


def require(session: Session, someone: Person, form: FlaskForm) -> None:
    """Ask, before a transaction is committed, for a decision on the critical clashes of what it changed.

    Raises `UndecidedError` if the form has no sentence in its field `decision`.
    """
    date_decisions.require(session, someone, _now(), form.decision.data or "")


def by(made: Change, form: FlaskForm) -> Change:
    """Return a change with the decision that the form has on its dates."""
    return replace(made, decision=form.decision.data or "")


def refuse(form: FlaskForm, undecided: UndecidedError) -> dict[str, Any]:
    """Ask for the sentence at its field; return the panel with what it is about: the critical clashes alone.

    With several events it is the panel of the first one, with those of the next ones and how many more there are.
    """
    form.decision.errors = [_("Nothing is saved yet. Choose other dates, or say why these dates all the same.")]
    panels = [_critical_alone(draft) for draft in undecided.events[:_MOST_ASKED]]
    return panels[0] | {"next": panels[1:], "more": len(undecided.events) - len(panels)}


def _critical_alone(draft: Draft) -> dict[str, Any]:
    panel = dates_panel.panel(draft.record, draft.steward, draft.event, offers=False)
    title, language = in_language(draft.record.titles, title_language())
    critical = [line for line in panel["clashes"] if line["mark"] == Severity.CRITICAL.word]
    # What is hidden asks for no decision: how bad it is would be told by that.
    only: dict[str, Any] = {"clashes": critical, "hidden": [], "chances": []}
    return panel | only | {"title": title, "language": language}


def tell(someone: Person, event_id: uuid.UUID) -> None:
    """Say on the next page which major and critical clashes the event that was saved has, with the way to each."""
    found = date_decisions.open_clashes(db.session(), event_id, _now())
    say = FindingWords(words(), lambda _event: "", reference())
    for clash in found[:_MOST_TOLD]:
        if not finding_board.may_see(someone.viewer, clash):
            if finding_board.hidden_side(someone.viewer, clash):
                flash(finding_board.hidden_sentence(words(), someone.viewer, clash), "warn")
            continue
        severity = say.severity(Severity(clash.severity))
        sentence = _("The dates run into something (%(severity)s).", severity=severity)
        link = url_for("clashes.clash", finding_id=clash.id)
        flash(Markup('{} <a href="{}">{}</a>').format(sentence, link, _("Look at this clash")), "warn")


def _now() -> datetime:
    return clock.now().astimezone(clock.zone)
