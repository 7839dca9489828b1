"""All rounds, and one of them: who answered what, what changed since the one before, and the list as it was frozen."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db, mail_links, transaction
from calendar_app.services import audit, exchange_rounds, mail_recipients, month_settings, round_snapshots, sheets
from calendar_app.services.records import in_language
from calendar_app.web import guards
from calendar_app.web.exchange.area import blueprint, now, round_of
from calendar_app.web.exchange.shown import answer_line, dates_of, entry_line, round_line
from calendar_app.web.page import read_filter

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.models import ExchangeRound, RoundEntry
    from calendar_app.services.access import Person
    from calendar_app.services.round_snapshots import SnapshotChange

_COLUMNS = (
    *"id title start end date_precision date_text status format city country kind conventions".split(),
    *"organiser steward last_confirmed_at last_confirmed_by".split(),
)


@blueprint.get("/exchange")
def all_rounds() -> str:
    """List the rounds, the latest first."""
    someone = guards.member()
    read_filter(filtered=False)
    session = db.session()
    return render_template(
        "exchange/rounds.html",
        rounds=[round_line(found) for found in exchange_rounds.all_rounds(session)],
        settings_url=_settings_url(someone),
    )


def _settings_url(someone: Person) -> str:
    return url_for("exchange.settings") if month_settings.may_set(db.session(), someone) else ""


@blueprint.get("/exchange/<month>")
def one_round(month: str) -> str:
    """Show a round: answers, differences to the round before, and the list as it was when the round closed."""
    someone = guards.member()
    read_filter(filtered=False)
    session, found = db.session(), round_of(month)
    answers = exchange_rounds.answers(session, found.month)
    is_open = found.state == exchange_rounds.OPEN
    unreached = mail_recipients.unreached(session, [a.organisation for a in answers]) if is_open else set()
    entries = [] if is_open else round_snapshots.entries(session, found.month)
    before = round_snapshots.round_before(session, found.month)
    return render_template(
        "exchange/round.html",
        round=round_line(found),
        answers=[
            answer_line(a, is_open=is_open)
            | {"list_url": _list_url(someone, month, a.organisation), "unreached": a.organisation in unreached}
            for a in answers
        ],
        lines=[entry_line(entry) for entry in entries],
        before=round_line(before) if before else None,
        groups=_groups(found, before, entries) if before and not is_open else [],
        remind_url=url_for("exchange.remind", month=month)
        if is_open and month_settings.convenes(db.session(), someone)
        else "",
        csv_url="" if is_open else url_for("exchange.round_csv", month=month),
        settings_url=_settings_url(someone),
    )


def _list_url(someone: Person, month: str, code: str) -> str:
    return url_for("exchange.own_list", month=month, code=code) if code in someone.deciding else ""


def _groups(found: ExchangeRound, before: ExchangeRound, entries: list[RoundEntry]) -> list[dict[str, Any]]:
    """Return what changed since the round before, by kind."""
    labels = {
        round_snapshots.NEW: _("New"),
        round_snapshots.MOVED: _("Moved"),
        round_snapshots.CANCELLED: _("Cancelled"),
        round_snapshots.CONFIRMED: _("Confirmed"),
        round_snapshots.GONE: _("No longer on the list"),
    }
    closed_at = (found.closed_at or clock.now()).astimezone(clock.zone)
    day = round_snapshots.as_of(found, closed_at)
    changes = round_snapshots.changes(round_snapshots.entries(db.session(), before.month), entries, day)
    of_kind = {kind: [_change_line(change) for change in changes if change.kind == kind] for kind in labels}
    return [{"kind": kind, "label": labels[kind], "lines": lines} for kind, lines in of_kind.items() if lines]


def _change_line(change: SnapshotChange) -> dict[str, Any]:
    entry = change.new or change.old
    line = entry_line(entry) if entry else {}
    moved = change.kind == round_snapshots.MOVED and change.old is not None
    return line | {"old_dates": dates_of(change.old.facts) if moved and change.old else ""}


@blueprint.get("/exchange/<month>.csv")
def round_csv(month: str) -> Response:
    """Give the frozen list as a sheet that no program takes for formulas."""
    guards.member()
    found = round_of(month)
    if found.state == exchange_rounds.OPEN:
        abort(404)
    rows = [_cells(entry) for entry in round_snapshots.entries(db.session(), found.month)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "round.csv")
        sheets.write_sheet(path, _COLUMNS, rows)
        data = path.read_bytes()
    response = Response(data, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="round-{found.month:%Y-%m}.csv"'
    return response


def _cells(entry: RoundEntry) -> dict[str, str]:
    facts = entry.facts
    first, last = facts["span"] or ("", "")
    plain = {
        name: str(facts[name])
        for name in ("date_text", "status", "format", "city", "country", "kind", "last_confirmed_by")
    }
    return plain | {
        "id": str(entry.event_id),
        "title": in_language(facts["titles"], "en")[0],
        "start": first,
        "end": last,
        "date_precision": facts["precision"],
        "conventions": "; ".join(facts["processes"]),
        "organiser": "; ".join(organiser["code"] or organiser["name"] for organiser in facts["organisers"]),
        "steward": entry.organisation_code,
        "last_confirmed_at": facts["last_confirmed_at"],
    }


@blueprint.post("/exchange/<month>/remind")
def remind(month: str) -> ResponseReturnValue:
    """Remind the members that are outstanding now."""
    if not month_settings.convenes(db.session(), guards.coordinator()):
        abort(403)
    with transaction() as session:
        someone = guards.coordinator()
        found = round_of(month)
        if not month_settings.convenes(db.session(), someone) or found.state != exchange_rounds.OPEN:
            abort(403)
        waiting = exchange_rounds.outstanding(session, found.month)
        count = exchange_rounds.remind(session, found, waiting, now(), mail_links())
        if count:
            audit.note(
                session,
                actor=someone.name or someone.email,
                action="round reminded",
                subject=month,
                now=clock.now(),
                account_id=someone.account_id,
                details={"organisations": waiting},
            )
    if count:
        flash(ngettext("%(num)d letter is on its way.", "%(num)d letters are on their way.", count))
    else:
        flash(_("Everybody who is outstanding got a letter today already, or has no address."), "warn")
    return redirect(url_for("exchange.one_round", month=month), 303)
