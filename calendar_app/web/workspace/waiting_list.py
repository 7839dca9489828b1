"""What waits for the person who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage
from calendar_app.services import exchange_rounds, reviews, sources, waiting
from calendar_app.services.preparation_words import milestone_name, slot_label
from calendar_app.services.waiting import Missing, Sort
from calendar_app.web import guards
from calendar_app.web.clashes.lines import clash_url, finding_sentence
from calendar_app.web.page import words
from calendar_app.web.review.area import review_url
from calendar_app.web.series import waiting_summary
from calendar_app.web.submit.area import moment_in_words
from calendar_app.web.work.subject import summary
from calendar_app.web.workspace.area import blueprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calendar_app.models import Source
    from calendar_app.services.access import Person
    from calendar_app.services.waiting import Item

_PREPARING = frozenset({Sort.MILESTONE, Sort.SLOT})


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
        notices=[*_rounds(someone), *_sources(someone)],
        next_review=_next_review() if someone.roles else None,
        is_member=bool(someone.roles),
        decides=bool(someone.deciding),
    )


def _rounds(someone: Person) -> list[dict[str, str]]:
    """Return the lists that this person is asked to confirm: those of own organisations that are outstanding."""
    session = db.session()
    opened = exchange_rounds.open_round(session) if someone.deciding else None
    if opened is None:
        return []
    speak, month = words(), f"{opened.month:%Y-%m}"
    waiting = (code for code in exchange_rounds.outstanding(session, opened.month) if code in someone.deciding)
    return [
        {
            "sentence": _(
                "The exchange round is open until %(day)s. Confirm your list: %(organisation)s.",
                day=speak.day(opened.closes_on),
                organisation=speak.organisation(code, code),
            ),
            "url": url_for("exchange.own_list", month=month, code=code),
            "label": _("Open your list"),
        }
        for code in waiting
    ]


def _sources(someone: Person) -> list[dict[str, str]]:
    """Return the sources of own organisations that fail, have lost events or say something else than the calendar."""
    found = sources.that_wait(db.session(), someone.deciding) if someone.deciding else []
    return [
        {
            "sentence": " ".join(_needs(source, gone, other)),
            "url": url_for("sources.source", slug=source.slug),
            "label": _("Open the source"),
        }
        for source, gone, other in found
    ]


def _needs(source: Source, gone: int, other: int) -> Iterator[str]:
    """Say what a source needs."""
    name = words().isolated(source.name)
    if source.failing_since and not source.paused:
        moment = moment_in_words(source.failing_since)
        yield _("The source %(source)s has not been readable since %(moment)s.", source=name, moment=moment)
    if gone:
        yield ngettext(
            "%(num)d event is gone from the source %(source)s. Is it called off?",
            "%(num)d events are gone from the source %(source)s. Are they called off?",
            gone,
            source=name,
        )
    if other:
        yield ngettext(
            "The source %(source)s says something else than the calendar about %(num)d event.",
            "The source %(source)s says something else than the calendar about %(num)d events.",
            other,
            source=name,
        )


def _next_review() -> dict[str, str]:
    meeting, speak = reviews.next_review(db.session(), clock.today()), words()
    day = speak.day(meeting.held_on)
    return {
        "url": review_url(meeting.month),
        "month": speak.month(meeting.month),
        "when": speak.listed((day, f"{meeting.start_time} {clock.zone.key}" if meeting.start_time else "")),
        "chair": meeting.chair,
        "meeting_url": meeting.meeting_url,
    }


def _line(item: Item, labels: dict[Sort, str]) -> dict[str, Any]:
    if item.event is None:
        return _action_line(item, labels)
    today, is_clash = clock.today(), item.sort is Sort.CLASH
    if item.sort is Sort.SUBMISSION:
        about = waiting_summary(item.subject)
    else:
        about = summary(item.event) | {"item_url": clash_url(item.subject) if is_clash else _url(item)}
    return about | {
        "label": labels[item.sort],
        "sentence": finding_sentence(item.subject) if is_clash else _sentence(item),
        "is_late": item.due < today,
    }


def _action_line(item: Item, labels: dict[Sort, str]) -> dict[str, Any]:
    """Return an action of the coordination review; people wrote it in whatever language."""
    day = item.details["due"]
    return {
        "label": labels[item.sort],
        "item_url": url_for("review.action", number=item.subject.id),
        "title": item.subject.text,
        "language": "",
        "dates": item.details["about"],
        "sentence": str(_("Due on %(day)s.", day=words().day(day)) if day else _("No day is set.")),
        "is_late": day is not None and day < clock.today(),
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
        Sort.ACTION: _("Action of the review"),
        Sort.MILESTONE: _("Milestone"),
        Sort.SLOT: _("To coordinate"),
    }


def _url(item: Item) -> str:
    """Return the address of the page where the thing can be done."""
    if item.sort is Sort.PROPOSAL:
        return url_for("work.proposal", proposal_id=item.subject.id)
    if item.sort is Sort.CHANGES_REQUESTED:
        return url_for("submit.submission", submission_id=item.subject.id)
    endpoints = {
        Sort.HOLD: "work.candidate_dates",
        Sort.MISSING_FACTS: "work.edit",
    }
    event_id = str(item.event.id) if item.event else ""
    anchor = {Sort.MILESTONE: "milestones", Sort.SLOT: "coordination"}.get(item.sort)
    return url_for(endpoints.get(item.sort, "events.event"), event_id=event_id, _anchor=anchor)


def _list_url(sort: Sort) -> str:
    """Return the address of the whole list of a kind."""
    if sort in {Sort.SUBMISSION, Sort.PROPOSAL}:
        return url_for("moderation.queue")
    if sort is Sort.CHANGES_REQUESTED:
        return url_for("submit.own_submissions")
    if sort is Sort.CLASH:
        return url_for("clashes.board")
    if sort is Sort.ACTION:
        return url_for("review.current")
    if sort is Sort.SLOT:
        return url_for("workspace.coordination_list")
    stage = {Sort.TO_BE_PUBLISHED: str(Stage.SCHEDULED), Sort.HOLD: ""}.get(sort, str(Stage.PUBLISHED))
    return url_for("workspace.own_events", stage=stage or None)


def _sentence(item: Item) -> str:
    """Say what waits and for how long, or by when."""
    if item.sort in _PREPARING:
        return _preparing(item)
    if item.sort is Sort.NOT_CONFIRMED and item.details["since"] is None:
        return str(_("Nobody has confirmed yet that it is right."))
    return _dated(item) or _waits(item)


def _dated(item: Item) -> str:
    """Say what comes by itself or is missing, "" for what waits for somebody."""
    speak, details = words(), item.details
    if item.sort is Sort.HOLD:
        days = speak.days(Span.inclusive(details["first"], details["last"]))
        return str(_("%(days)s, held until %(day)s.", days=days, day=speak.day(item.due)))
    if item.sort is Sort.MISSING_FACTS:
        return str(_("Not known yet: %(facts)s.", facts=speak.listed(_facts()[fact] for fact in details["missing"])))
    if item.sort is Sort.TO_BE_PUBLISHED:
        return str(_("By itself on %(day)s.", day=speak.day(details["day"])))
    return ""


def _waits(item: Item) -> str:
    days = (clock.now() - item.details["since"]).days
    if item.sort is Sort.NOT_CONFIRMED:
        return str(ngettext("Last confirmed %(num)d day ago.", "Last confirmed %(num)d days ago.", days))
    return str(ngettext("Waits for %(num)d day.", "Waits for %(num)d days.", days) if days else _("Came today."))


def _preparing(item: Item) -> str:
    """Say what is to be done, by when, and that nobody is named for it."""
    speak, subject = words(), item.subject
    is_step = item.sort is Sort.MILESTONE
    what = milestone_name(speak, subject.name) if is_step else slot_label(speak, subject.slot)
    values = {"what": speak.isolated(what), "day": speak.day(item.due)}
    if not subject.owner:
        return str(_("%(what)s, by %(day)s. It has no owner.", **values))
    return str(_("%(what)s, by %(day)s.", **values))


def _facts() -> dict[Missing, str]:
    return {
        Missing.DAYS: _("the exact days"),
        Missing.PLACE: _("the place"),
        Missing.REGISTRATION: _("where to register"),
        Missing.CONTACT: _("whom to ask"),
        Missing.TITLE_IN_ENGLISH: _("the title in English"),
    }
