"""What waits for the person who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import waiting
from calendar_app.services.waiting import Missing, Sort
from calendar_app.web import guards
from calendar_app.web.clashes.lines import clash_url, finding_sentence
from calendar_app.web.page import words
from calendar_app.web.work.subject import summary
from calendar_app.web.workspace.area import blueprint

if TYPE_CHECKING:
    from calendar_app.services.waiting import Item


@blueprint.get("/workspace")
def workspace() -> str:
    """Show what waits for the person who is signed in, most urgent first."""
    someone = guards.signed_in()
    found = waiting.for_person(db.session(), someone, clock.today(), clock.now())
    labels = _labels()
    more = [
        {"label": labels[sort], "text": ngettext("%(num)d more", "%(num)d more", count), "url": _list_url(sort)}
        for sort, count in found.more.items()
    ]
    return render_template(
        "workspace/workspace.html",
        items=[_line(item, labels) for item in found.items],
        more=more,
        decides=bool(someone.deciding),
    )


def _line(item: Item, labels: dict[Sort, str]) -> dict[str, Any]:
    today, is_clash = clock.today(), item.sort is Sort.CLASH
    return summary(item.event) | {
        "label": labels[item.sort],
        "item_url": clash_url(item.subject) if is_clash else _url(item),
        "sentence": finding_sentence(item.subject) if is_clash else _sentence(item),
        "is_late": item.due < today,
    }


def _labels() -> dict[Sort, str]:
    return {
        Sort.SUBMISSION: _("To decide on"),
        Sort.PROPOSAL: _("Proposed change"),
        Sort.CHANGES_REQUESTED: _("Changes asked of you"),
        Sort.CLASH: _("Clash to answer"),
        Sort.HOLD: _("Dates on hold"),
        Sort.MISSING_FACTS: _("Facts missing"),
        Sort.NOT_CONFIRMED: _("To confirm"),
        Sort.TO_BE_PUBLISHED: _("Will be published"),
    }


def _url(item: Item) -> str:
    """Return the address of the page where the thing can be done."""
    event_id = str(item.event.id)
    if item.sort is Sort.SUBMISSION:
        return url_for("moderation.item", event_id=event_id)
    if item.sort is Sort.PROPOSAL:
        return url_for("work.proposal", proposal_id=item.subject.id)
    if item.sort is Sort.CHANGES_REQUESTED:
        return url_for("submit.submission", submission_id=item.subject.id)
    if item.sort is Sort.HOLD:
        return url_for("work.candidate_dates", event_id=event_id)
    if item.sort is Sort.MISSING_FACTS:
        return url_for("work.edit", event_id=event_id)
    return url_for("events.event", event_id=event_id)


def _list_url(sort: Sort) -> str:
    """Return the address of the whole list of a kind."""
    if sort in {Sort.SUBMISSION, Sort.PROPOSAL}:
        return url_for("moderation.queue")
    if sort is Sort.CHANGES_REQUESTED:
        return url_for("submit.own_submissions")
    if sort is Sort.CLASH:
        return url_for("clashes.board")
    stage = {Sort.TO_BE_PUBLISHED: str(Stage.SCHEDULED), Sort.HOLD: ""}.get(sort, str(Stage.PUBLISHED))
    return url_for("workspace.own_events", stage=stage or None)


def _sentence(item: Item) -> str:
    """Say what waits and for how long, or by when."""
    speak, details = words(), item.details
    if item.sort is Sort.HOLD:
        days = speak.days(Span.inclusive(details["first"], details["last"]))
        return str(_("%(days)s, held until %(day)s.", days=days, day=speak.day(item.due)))
    if item.sort is Sort.MISSING_FACTS:
        return str(_("Not known yet: %(facts)s.", facts=speak.listed(_facts()[fact] for fact in details["missing"])))
    if item.sort is Sort.NOT_CONFIRMED and details["since"] is None:
        return str(_("Nobody has confirmed yet that it is right."))
    if item.sort is Sort.TO_BE_PUBLISHED:
        return str(_("By itself on %(day)s.", day=speak.day(details["day"])))
    days = (clock.now() - details["since"]).days
    if item.sort is Sort.NOT_CONFIRMED:
        return str(ngettext("Last confirmed %(num)d day ago.", "Last confirmed %(num)d days ago.", days))
    return str(ngettext("Waits for %(num)d day.", "Waits for %(num)d days.", days) if days else _("Came today."))


def _facts() -> dict[Missing, str]:
    return {
        Missing.DAYS: _("the exact days"),
        Missing.PLACE: _("the place"),
        Missing.REGISTRATION: _("where to register"),
        Missing.CONTACT: _("whom to ask"),
        Missing.TITLE_IN_ENGLISH: _("the title in English"),
    }
