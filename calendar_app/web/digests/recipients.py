"""To whom an organisation's digests go, and at which hour: for its coordinators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.services import digest_settings, mail_recipients
from calendar_app.services.digest_settings import TakenError
from calendar_app.services.finding_board import short_name
from calendar_app.services.mail_recipients import RecipientKind
from calendar_app.web.digests.area import blueprint, deciding_for
from calendar_app.web.digests.forms import DigestSettingsForm, RecipientForm, kind_label
from calendar_app.web.page import own_name, words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.models import DigestRecipient


@blueprint.route("/digests/<code>/recipients", methods=["GET", "POST"])
def recipients(code: str) -> ResponseReturnValue:
    """Show the recipients and the settings; a POST adds a recipient."""
    deciding_for(code)
    form = RecipientForm(mail_recipients.rows_of(db.session(), code))
    if form.validate_on_submit() and _kept(code, None, form):
        return _back(code)
    return _page(code, form)


@blueprint.post("/digests/<code>/settings")
def settings(code: str) -> ResponseReturnValue:
    """Set the hour, and whether digests come weekly before a COP."""
    deciding_for(code)
    form = DigestSettingsForm()
    if not form.validate_on_submit():
        return _page(code, _empty(code), form)
    with transaction() as session:
        by = deciding_for(code)
        digest_settings.save(session, code, form.hour.data, weekly=form.weekly.data, by=by, now=clock.now())
    flash(_("The settings are saved."))
    return redirect(url_for("digests.recipients", code=code), 303)


@blueprint.route("/digests/<code>/recipients/<int(max=2147483647):recipient_id>", methods=["GET", "POST"])
def recipient(code: str, recipient_id: int) -> ResponseReturnValue:
    """Change a recipient, above all when somebody is away."""
    deciding_for(code)
    row = digest_settings.find(db.session(), code, recipient_id) or abort(404)
    others = [other for other in mail_recipients.rows_of(db.session(), code) if other.id != row.id]
    form = RecipientForm(others, data=_shown(row))
    if form.validate_on_submit() and _kept(code, recipient_id, form):
        return _back(code)
    status = 422 if form.errors else 200
    values = {"code": code, "organisation": short_name(words(), code), "email": row.email, "form": form}
    remove_url = url_for("digests.remove_recipient", code=code, recipient_id=recipient_id)
    return render_template("digests/recipient.html", **values, remove_url=remove_url), status


@blueprint.post("/digests/<code>/recipients/<int(max=2147483647):recipient_id>/remove")
def remove_recipient(code: str, recipient_id: int) -> ResponseReturnValue:
    """Take a recipient off the list, with those who stand in for it."""
    deciding_for(code)
    with transaction() as session:
        by = deciding_for(code)
        row = digest_settings.find(session, code, recipient_id) or abort(404)
        email = row.email
        digest_settings.remove(session, row, by, clock.now())
    flash(_("%(email)s gets no more digests.", email=email))
    return redirect(url_for("digests.recipients", code=code), 303)


def _kept(code: str, recipient_id: int | None, form: RecipientForm) -> bool:
    """Keep what was typed; what cannot be is said at its field."""
    try:
        with transaction() as session:
            by = deciding_for(code)
            row = None
            if recipient_id is not None:
                row = digest_settings.find(session, code, recipient_id) or abort(404)
            digest_settings.keep(session, code, row, form.entered, by, clock.now())
    except TakenError:
        form.email.errors = [_("This address is among the recipients already.")]
        return False
    return True


def _back(code: str) -> ResponseReturnValue:
    flash(_("The recipients are saved."))
    return redirect(url_for("digests.recipients", code=code), 303)


def _empty(code: str) -> RecipientForm:
    return RecipientForm(mail_recipients.rows_of(db.session(), code), formdata=None)


def _page(code: str, form: RecipientForm, wrong: DigestSettingsForm | None = None) -> ResponseReturnValue:
    session, today = db.session(), clock.today()
    hour, weekly = digest_settings.settings_of(session, code)
    rows = mail_recipients.rows_of(session, code)
    names = {row.id: row.name or row.email for row in rows}
    page = render_template(
        "digests/recipients.html",
        code=code,
        organisation=short_name(words(), code),
        settings=wrong or DigestSettingsForm(formdata=None, data={"hour": hour, "weekly": weekly}),
        zone=str(clock.zone),
        rows=[_row(code, row, names) for row in rows],
        today=[recipient.email for recipient in mail_recipients.of_organisation(session, code, today)],
        form=form,
    )
    return page, 422 if form.errors or (wrong and wrong.errors) else 200


def _row(code: str, row: DigestRecipient, names: dict[int, str]) -> dict[str, Any]:
    away = ""
    if row.absent_from or row.absent_until:
        first = words().day(row.absent_from) if row.absent_from else ""
        last = words().day(row.absent_until) if row.absent_until else ""
        if first and last:
            away = _("%(first)s to %(last)s", first=first, last=last)
        else:
            away = _("from %(day)s", day=first) if first else _("until %(day)s", day=last)
    return {
        "email": row.email,
        "name": row.name,
        "kind": kind_label(row.kind),
        "language": own_name(row.language),
        "lang": row.language,
        "stands_in_for": names.get(row.deputy_of_id or 0, ""),
        "away": away,
        "url": url_for("digests.recipient", code=code, recipient_id=row.id),
    }


def _shown(row: DigestRecipient) -> dict[str, Any]:
    kind = RecipientKind(row.kind)
    return {
        "kind": str(kind),
        "email": row.email,
        "name": row.name,
        "language": row.language,
        "deputy_of": row.deputy_of_id or 0,
        "absent_from": row.absent_from,
        "absent_until": row.absent_until,
    }
