"""An organisation's own list in a round: looking through it, confirming it, and answering for it.

One page for two sorts of readers: those who come by a letter's link, and coordinators who are signed in. Opening it
changes nothing, because programs open links of letters too; only its buttons do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db, limiter, transaction
from calendar_app.services import exchange_rounds, round_sheets, round_snapshots
from calendar_app.services.exchange_rounds import Answer, RoundClosedError
from calendar_app.services.reference import reference
from calendar_app.services.row_cells import event_id_of
from calendar_app.web.exchange import answering
from calendar_app.web.exchange.area import answer_label, blueprint
from calendar_app.web.exchange.shown import answer_line, entry_line, event_line, round_line
from calendar_app.web.page import read_filter, words
from calendar_app.web.work.subject import title_of

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from typing import TypeAlias

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.web.exchange.answering import Answering

    Page: TypeAlias = str | Response

_CONFIRM, _CONFIRM_ALL = "confirm", "confirm-all"
_ANSWERS = (Answer.REVIEWED, Answer.NOTHING_TO_ADD)


@blueprint.route("/round/<token>", methods=["GET", "POST"])
@limiter.limit("300 per hour", methods=["POST"])
def list_by_link(token: str) -> Page:
    """Show the list to whoever has a letter's link; do what they press."""
    return _list(lambda: answering.by_link(token))


@blueprint.route("/exchange/<month>/of/<code>", methods=["GET", "POST"])
def own_list(month: str, code: str) -> Page:
    """Show the list to a coordinator; do what they press."""
    return _list(lambda: answering.signed_in(month, code))


def _list(who: Callable[[], Answering]) -> Page:
    if request.method != "POST":
        read_filter(filtered=False)
        return _page(who())
    address, act = who().url(), request.form.get("act", "")
    if act not in {_CONFIRM, _CONFIRM_ALL, *_ANSWERS}:
        abort(400)
    try:
        with transaction() as session:
            # Rights and the round are read again: both may have ended since the page was opened.
            _do(session, who(), act)
    except RoundClosedError:
        flash(_("The round was closed meanwhile. Nothing was changed."), "warn")
    return redirect(address, 303)


def _do(session: Session, found: Answering, act: str) -> None:
    code = found.organisation.code
    if act in {_CONFIRM, _CONFIRM_ALL}:
        seen = seen_numbers()
        if act == _CONFIRM_ALL and not seen and exchange_rounds.own_events(session, code, clock.today()):
            # No page sends this: it would say that nothing was looked at.
            abort(400)
        if act == _CONFIRM:
            ticked = {event_id_of(text) for text in request.form.getlist("event")}
            seen = {event_id: number for event_id, number in seen.items() if event_id in ticked}
        made = found.made()
        done = exchange_rounds.confirm(session, found.round, code, seen, made, reference())
        flash(ngettext("%(num)d event is confirmed.", "%(num)d events are confirmed.", done.count))
        if done.changed:
            titles = words().listed(title_of(event) for event in done.changed)
            flash(
                _("Not confirmed, because they changed meanwhile: %(titles)s. Look at them again.", titles=titles),
                "warn",
            )
            return
        if act == _CONFIRM and exchange_rounds.lacks_confirmation(session, found.round, code, clock.today()):
            flash(_("Your answer is still outstanding: press “Reviewed” once the list is right."), "warn")
            return
    # Whoever confirmed every event has reviewed the list.
    answer = Answer.REVIEWED if act in {_CONFIRM, _CONFIRM_ALL} else Answer(act)
    exchange_rounds.answer(session, found.round.month, code, answer, found.signature, clock.now())
    flash(_("Your answer is noted: %(answer)s. Thank you.", answer=answer_label(answer)))


def seen_numbers() -> dict[uuid.UUID, int]:
    """Return the events that the page showed, each with the number of its last change then."""
    seen = {}
    for text in request.form.getlist("row"):
        name, _colon, number = text.partition(":")
        event_id = event_id_of(name)
        if event_id and number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004 - fits a column
            seen[event_id] = int(number)
    return seen


def _page(found: Answering) -> str:
    session, code, round_ = db.session(), found.organisation.code, found.round
    answers = exchange_rounds.answers(session, round_.month)
    mine = next((a for a in answers if a.organisation == code), None)
    is_open = round_.state == exchange_rounds.OPEN
    own = exchange_rounds.own_events(session, code, clock.today()) if is_open else []
    numbers = round_sheets.last_numbers(session, (event.id for event in own))
    kept = [] if is_open else round_snapshots.entries(session, round_.month)
    return render_template(
        "exchange/list.html",
        round=round_line(round_),
        organisation=words().organisation(code, found.organisation.name),
        answer=answer_line(mine, is_open=is_open) if mine else None,
        who=found.who,
        lines=[event_line(event, numbers.get(event.id, 0), edit=not found.by_link) for event in own],
        frozen=[entry_line(entry) for entry in kept if entry.organisation_code == code],
        by_link=found.by_link,
        list_url=found.url(),
        sheet_url=found.url("sheet"),
        review_url=url_for("review.review", month=f"{round_.month:%Y-%m}"),
        submit_url=url_for("submit.submit"),
    )
