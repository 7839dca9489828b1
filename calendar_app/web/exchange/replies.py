"""The workbook of a list: fetching it, sending it back in, seeing what it would change, and applying it."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db, limiter, mail_links, transaction
from calendar_app.models import RoundReply
from calendar_app.services import date_decisions, exchange_rounds, round_letters, round_replies, round_sheets
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.exchange_rounds import RoundClosedError
from calendar_app.services.reference import reference
from calendar_app.services.round_replies import RowKind
from calendar_app.services.sentences import in_words
from calendar_app.services.sheets import SheetError
from calendar_app.services.signatures import BY_SHEET, signed
from calendar_app.web.exchange import answering
from calendar_app.web.exchange.area import blueprint, now
from calendar_app.web.exchange.own_list import seen_numbers
from calendar_app.web.exchange.shown import round_line
from calendar_app.web.page import read_filter, words
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable
    from typing import TypeAlias

    from werkzeug.datastructures import FileStorage

    from calendar_app.services.round_replies import Applied, PlannedRow
    from calendar_app.services.sheets import Sheet
    from calendar_app.web.exchange.answering import Answering

    Page: TypeAlias = Any


@blueprint.route("/round/<token>/sheet", methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
def sheet_by_link(token: str) -> Page:
    """Give the workbook to whoever has a letter's link, and take it back."""
    return _sheet(lambda: answering.by_link(token))


@blueprint.route("/exchange/<month>/of/<code>/sheet", methods=["GET", "POST"])
def own_sheet(month: str, code: str) -> Page:
    """Give the workbook to a coordinator, and take it back."""
    return _sheet(lambda: answering.signed_in(month, code))


@blueprint.route("/round/<token>/replies/<uuid:reply_id>", methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
def reply_by_link(token: str, reply_id: uuid.UUID) -> Page:
    """Show what a sheet would change to whoever has a letter's link; apply it."""
    return _reply(lambda: answering.by_link(token), reply_id)


@blueprint.route("/exchange/<month>/of/<code>/replies/<uuid:reply_id>", methods=["GET", "POST"])
def own_reply(month: str, code: str, reply_id: uuid.UUID) -> Page:
    """Show what a sheet would change to a coordinator; apply it."""
    return _reply(lambda: answering.signed_in(month, code), reply_id)


def _sheet(who: Callable[[], Answering]) -> Page:
    found = who()
    if request.method != "POST":
        read_filter(filtered=False)
        return _workbook(found) if _may_look(found) else redirect(found.url(), 303)
    try:
        sheet = _received(request.files.get("sheet"))
    except SheetError as problem:
        flash(in_words(problem.sentence, words()), "warn")
        return redirect(found.url(), 303)
    try:
        with transaction(exclusive=False) as session:
            found = who()
            exchange_rounds.require_open(found.round)
            name, month, code = _filename(), found.round.month, found.organisation.code
            reply = round_replies.store(session, sheet, name, month, code, found.signature, clock.now())
            address = found.url("reply", reply_id=reply.id)
    except RoundClosedError:
        flash(_("The round was closed meanwhile. Nothing was changed."), "warn")
        address = found.url()
    return redirect(address, 303)


def _may_look(found: Answering) -> bool:
    """Tell whether the list as it is now may be shown: a letter's link is good for that until the round is closed."""
    return not found.by_link or found.round.state == exchange_rounds.OPEN


def _workbook(found: Answering) -> Response:
    session, code = db.session(), found.organisation.code
    own = exchange_rounds.own_events(session, code, clock.today())
    response = Response(round_sheets.workbook(session, own, reference(), words()), mimetype=round_sheets.CONTENT_TYPE)
    name = round_sheets.filename(found.round.month, code)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _filename() -> str:
    file = request.files.get("sheet")
    return PurePath((file.filename if file else "") or "").name


def _received(file: FileStorage | None) -> Sheet:
    """Return the rows of the file that was sent. Raises `SheetError`."""
    suffix = PurePath((file.filename if file else "") or "").suffix.casefold()
    if file is None or suffix not in {".xlsx", ".csv"}:
        raise SheetError(_("Choose the corrected sheet: a file that ends in .xlsx or .csv."))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"sheet{suffix}")
        file.save(path)
        return round_replies.read(path, words())


def _reply(who: Callable[[], Answering], reply_id: uuid.UUID) -> Page:
    found = who()
    reply = _reply_of(found, reply_id)
    if request.method != "POST":
        read_filter(filtered=False)
        return _preview(found, reply) if _may_look(found) or reply.applied_at else redirect(found.url(), 303)
    address = found.url("reply", reply_id=reply_id)
    try:
        _tell(_apply(who, reply_id))
    except RoundClosedError:
        flash(_("The round was closed meanwhile. Nothing was changed."), "warn")
    return redirect(address, 303)


def _reply_of(found: Answering, reply_id: uuid.UUID) -> RoundReply:
    reply = db.session().get(RoundReply, reply_id)
    if reply is None or (reply.month, reply.organisation_code) != (found.round.month, found.organisation.code):
        abort(404)
    return reply


def _apply(who: Callable[[], Answering], reply_id: uuid.UUID) -> Applied:
    """Apply a sheet; rows that would bring a critical clash about are left, because that takes a named decision."""
    seen, kept = seen_numbers(), frozenset[Any]()
    while True:
        try:
            with transaction() as session:
                found = who()
                exchange_rounds.require_open(found.round)
                reply, made = _reply_of(found, reply_id), found.made(BY_SHEET)
                planned = round_replies.plan(session, reply, reference(), words())
                applied = round_replies.apply(session, reply, planned, seen, made, reference(), kept)
                date_decisions.require(session, found.person, now(), "")
                if applied.changed or applied.new:
                    code = found.organisation.code
                    # Whoever sends corrections has looked through the list.
                    exchange_rounds.answer(
                        session, found.round.month, code, exchange_rounds.Answer.REVIEWED, found.signature, made.now
                    )
                    round_letters.tell_applied(session, code, made.actor, applied, made.now, mail_links())
                return applied
        except UndecidedError as undecided:
            clashing = {event.event for event in undecided.events} - kept
            if not clashing:
                raise
            kept |= clashing


def _tell(applied: Applied) -> None:
    changed, new = len(applied.changed), len(applied.new)
    if changed:
        flash(ngettext("%(num)d event is corrected.", "%(num)d events are corrected.", changed))
    if new:
        flash(
            ngettext(
                "%(num)d new event waits for a coordinator of your organisation.",
                "%(num)d new events wait for a coordinator of your organisation.",
                new,
            )
        )
    if applied.left:
        titles = words().listed(title for title, _event_id in applied.left)
        flash(
            _(
                "Left as they are: %(titles)s. They changed meanwhile, or their dates would have a critical clash:"
                " that is decided in the calendar, signed in, with a reason.",
                titles=titles,
            ),
            "warn",
        )
    if not (changed or new or applied.left):
        flash(_("There was nothing left to change."))


def _preview(found: Answering, reply: RoundReply) -> str:
    rows = round_replies.plan(db.session(), reply, reference(), words())
    of_kind = {kind: [row for row in rows if row.kind is kind] for kind in RowKind}
    return render_template(
        "exchange/reply.html",
        round=round_line(found.round),
        organisation=words().organisation(found.organisation.code, found.organisation.name),
        reply={"filename": reply.filename, "by": signed(words(), reply.sent_by), "at": moment_in_words(reply.sent_at)},
        remarks=[in_words(remark, words()) for remark in reply.remarks],
        changed=[_row(row) for row in of_kind[RowKind.CHANGED]],
        new=[_row(row) for row in of_kind[RowKind.NEW]],
        refused=[_row(row) for row in of_kind[RowKind.REFUSED]],
        unchanged=len(of_kind[RowKind.UNCHANGED]),
        done=_done(reply),
        list_url=found.url(),
        reply_url=found.url("reply", reply_id=reply.id),
        by_link=found.by_link,
    )


def _row(row: PlannedRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "title": row.title or _("Without a title"),
        "seen": f"{row.event_id}:{row.number}" if row.event_id else "",
        "differences": row.differences,
        "reasons": row.reasons,
    }


def _done(reply: RoundReply) -> dict[str, Any] | None:
    """Return what was applied last, with the way to each event."""
    if reply.applied_at is None:
        return None
    report = round_replies.report_of(reply)
    listed = [item | {"url": url_for("events.event", event_id=item["id"])} for item in report.get("changed", ())]
    return {"at": moment_in_words(reply.applied_at), "changed": listed, "new": report.get("new", [])}
