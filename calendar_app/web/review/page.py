"""The page of a review: the agenda, the decisions, and the form at the line that is spoken of."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import abort, make_response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.planning.month_days import month_after
from calendar_app.services import (
    finding_answers,
    review_actions,
    review_agenda,
    review_decisions,
    reviews,
)
from calendar_app.services.exchange_rounds import Answer
from calendar_app.services.finding_board import short_name
from calendar_app.services.review_decisions import OTHER
from calendar_app.web import guards
from calendar_app.web.page import read_filter, words
from calendar_app.web.review.area import anchor_of, blueprint, month_of, name_of, review_url, speaker
from calendar_app.web.review.forms import DecisionForm
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from calendar_app.models import Review
    from calendar_app.services.access import Person
    from calendar_app.services.review_words import ReviewWords, ShownDecision, ShownLine

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/review")
def current() -> AnyResponse:
    """Lead to the review of this month."""
    guards.member()
    read_filter(filtered=False)
    return redirect(review_url(clock.today().replace(day=1)), 303)


@blueprint.get("/review/<month>")
def review(month: str) -> str:
    """Show a review: the agenda with what is decided or, once it is closed, the minutes."""
    someone, which = guards.member(), month_of(month)
    read_filter(filtered=False, also=("line",))
    return page_of(someone, which, line=request.args.get("line", ""))


@blueprint.get("/review/<month>/decisions")
def decisions(month: str) -> Response:
    """Give what is decided so far, line by line, for pages that are open."""
    someone, which = guards.member(), month_of(month)
    read_filter(filtered=False)
    session = db.session()
    shown = _decisions(review_agenda.decisions_of(session, which), speaker())
    may_change = reviews.may_record(someone, reviews.of_month(session, which))
    return make_response(
        render_template(
            "review/decisions.html", decisions=shown, anchor_of=anchor_of, month=month, may_change=may_change
        )
    )


@blueprint.get("/review/<month>/minutes.docx")
def minutes_document(month: str) -> Response:
    """Give the minutes, or the agenda of a review that is open, as a Word file."""
    guards.member()
    which = month_of(month)
    read_filter(filtered=False)
    facts = reviews.minutes(db.session(), which, clock.now(), clock.today())
    # Here, because what writes Word files takes megabytes in each process, most of which never do.
    from calendar_app.services import review_document  # noqa: PLC0415

    data = review_document.write(facts, speaker(), clock.zone)
    return send_file(BytesIO(data), _WORD, as_attachment=True, download_name=f"review-{name_of(which)}.docx")


def page_of(someone: Person, month: date, *, line: str = "", form: DecisionForm | None = None) -> str:
    """Return the page, with the form at `line`; `form` is one that was sent and could not be done."""
    session, speak = db.session(), speaker()
    row = reviews.of_month(session, month)
    facts = reviews.minutes(session, month, clock.now(), clock.today())
    may_record = reviews.may_record(someone, row)
    sections = speak.sections(facts)
    listed = {shown.key for section in sections for shown in section.lines}
    found = _decisions(facts["decisions"], speak)
    if form is None and may_record and line:
        form = _form_at(someone, facts, line)
    return render_template(
        "review/page.html",
        review=_head(facts, month, speak)
        | {
            "sections": sections,
            "decisions": found,
            # What was decided about lines that left the agenda since stands apart.
            "gone": {key: some for key, some in found.items() if key not in listed and key != OTHER},
            "sign_offs": _sign_offs(facts, someone, may_record=may_record, speak=speak),
            "earlier": _earlier(month),
            "next": _next(month, row),
            "is_empty": month < clock.today().replace(day=1) and not found and not facts["closed_at"],
            "after": _after(month, speak) if facts["closed_at"] else [],
        },
        form=form,
        line=line if form is not None else "",
        other=OTHER,
        urls=_Urls(month),
        anchor_of=anchor_of,
        may_record=may_record,
        may_lead=may_record and reviews.may_lead(session, someone),
        may_open_again=reviews.may_lead(session, someone) and reviews.can_be_opened_again(session, row),
    )


class _Urls:
    """The addresses that lines lead to."""

    def __init__(self, month: date) -> None:
        self._month = name_of(month)

    def of_line(self, line: ShownLine) -> str:
        """Return the page of what a line is about, "" if it has none."""
        if line.event_id:
            return url_for("events.event", event_id=line.event_id)
        if line.finding_id:
            return url_for("clashes.clash", finding_id=line.finding_id)
        return url_for("review.action", number=line.action_id) if line.action_id else ""

    def decide(self, key: str) -> str:
        """Return the address at which the form is open at a line."""
        return url_for("review.review", month=self._month, line=key, _anchor=anchor_of(key))


def _form_at(someone: Person, facts: dict[str, Any], key: str) -> DecisionForm | None:
    """Return an empty form for a line, None for a line that there is not."""
    session = db.session()
    if key != OTHER and review_agenda.line_of(session, facts, key) is None:
        abort(404)
    return form_of(someone, key, formdata=None)


def form_of(someone: Person, key: str, **rest: Any) -> DecisionForm:  # noqa: ANN401 - what forms take
    """Return the form for a line, with an answer where the person's organisation has to give one."""
    found = review_decisions.finding_of_line(db.session(), key)
    answers = found is not None and found.state != "resolved" and bool(finding_answers.answering(someone, found))
    form = DecisionForm(is_free=key == OTHER, answers=answers, **rest)
    if not form.is_submitted():
        form.line.data = key
    if found is not None and "answer" in form and not form.seen.data:
        form.seen.data = finding_answers.seen_of(db.session(), found)
    return form


def _decisions(facts: list[dict[str, Any]], speak: ReviewWords) -> dict[str, list[ShownDecision]]:
    """Return the decisions by line, in order."""
    found: dict[str, list[ShownDecision]] = {}
    today = clock.today().isoformat()
    for item in facts:
        late = item["state"] == review_actions.OPEN and bool(item["due_on"]) and item["due_on"] < today
        found.setdefault(item["line"], []).append(speak.decision(item, is_late=late))
    return found


def _head(facts: dict[str, Any], month: date, speak: ReviewWords) -> dict[str, Any]:
    head = facts["head"]
    closed = datetime.fromisoformat(facts["closed_at"]) if facts["closed_at"] else None
    return {
        "month": name_of(month),
        "title": _("Coordination review, %(month)s", month=words().month(month)),
        "held_on": speak.words.day(date.fromisoformat(head["held_on"])),
        "start_time": f"{head['start_time']} {clock.zone.key}" if head["start_time"] else "",
        "chair": head["chair"],
        "meeting_url": head["meeting_url"],
        "attendance": [name for name in head["attendance"].split("\n") if name],
        "since": moment_in_words(datetime.fromisoformat(facts["since"])),
        "closed": _("Closed on %(moment)s by %(person)s.", moment=moment_in_words(closed), person=facts["closed_by"])
        if closed
        else "",
        "printed": _("Printed: %(moment)s.", moment=moment_in_words(clock.now())),
    }


def _sign_offs(facts: dict[str, Any], someone: Person, *, may_record: bool, speak: ReviewWords) -> list[dict[str, Any]]:
    return [
        {
            "organisation": said["organisation"],
            "name": short_name(speak.words, said["organisation"]),
            "answer": said["answer"],
            "label": speak.sign_off(said["answer"]),
            "by": speak.signed(said["by"]),
            "choices": [
                {"answer": str(answer), "label": speak.sign_off(answer)}
                for answer in (Answer.REVIEWED, Answer.NOTHING_TO_ADD)
                if answer != said["answer"]
            ]
            if may_record and said["organisation"] in someone.deciding
            else [],
        }
        for said in facts["sign_offs"]
    ]


def _earlier(month: date) -> list[dict[str, str]]:
    return [
        {"label": words().month(found.month), "url": review_url(found.month)}
        for found in reviews.earlier(db.session(), month)
    ]


def _next(month: date, row: Review | None) -> dict[str, str] | None:
    """Return where it goes on from a review that is closed or whose month is over; None if it is not there yet."""
    after, today = month_after(month), clock.today()
    is_over = month < today.replace(day=1) or (row is not None and row.state == reviews.CLOSED)
    if not is_over or not reviews.is_there(db.session(), after, today):
        return None
    return {"label": _("Next review: %(month)s", month=words().month(after)), "url": review_url(after)}


def _after(month: date, speak: ReviewWords) -> list[ShownDecision]:
    """Return what became of the actions of a closed review; the minutes themselves stay as they are."""
    today = clock.today().isoformat()
    return [
        speak.decision(item, is_late=item["state"] == review_actions.OPEN and "" < item["due_on"] < today)
        for item in review_agenda.decisions_of(db.session(), month)
        if item["state"] != review_actions.NOTED
    ]
