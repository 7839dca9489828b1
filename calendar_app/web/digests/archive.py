"""What each organisation got, exactly as sent."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from flask import Response, abort, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db
from calendar_app.services import digest_settings, digests
from calendar_app.services.finding_board import short_name
from calendar_app.web import guards
from calendar_app.web.digests.area import blueprint
from calendar_app.web.page import own_name, refuse_filters, words
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

    from calendar_app.models import DigestIssue

# A mail brings styles on its elements. It stands in a frame by itself, where nothing runs and nothing is sent.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self';"
    " sandbox allow-popups"
)


@blueprint.get("/digests")
def archive() -> ResponseReturnValue:
    """List what the person's organisations got."""
    refuse_filters()
    person = guards.member()
    rows = digest_settings.archive(db.session(), person.roles)
    to = digests.recipients(db.session(), person.roles, clock.now().astimezone(clock.zone))
    found = {code: [_row(row) for row in some] for code, some in _by_organisation(rows).items()}
    organisations = [
        {
            "code": code,
            "name": words().organisation(code, code),
            "issues": found.get(code, []),
            "decides": code in person.deciding,
            "is_read": bool(to[code]),
        }
        for code in sorted(person.roles)
    ]
    return render_template("digests/archive.html", organisations=organisations)


@blueprint.get("/digests/<uuid:issue_id>")
def issue(issue_id: uuid.UUID) -> ResponseReturnValue:
    """Show one digest as it was sent, and to how many addresses."""
    refuse_filters()
    found = _issue(issue_id)
    states = digest_settings.deliveries(db.session(), found)
    labels = {
        "sent": _("Sent"),
        "queued": _("On their way"),
        "sending": _("Being sent"),
        "failed": _("Given up"),
    }
    return render_template(
        "digests/issue.html",
        issue=_row(found),
        text=found.text,
        mail_url=url_for("digests.mail", issue_id=found.id),
        file_url=url_for("digests.calendar_file", issue_id=found.id),
        deliveries=[(label, states[state]) for state, label in labels.items() if states.get(state)],
    )


@blueprint.get("/digests/<uuid:issue_id>/mail")
def mail(issue_id: uuid.UUID) -> ResponseReturnValue:
    """Give the HTML of a digest as it was sent."""
    return mail_response(_issue(issue_id).html)


@blueprint.get("/digests/<uuid:issue_id>.ics")
def calendar_file(issue_id: uuid.UUID) -> ResponseReturnValue:
    """Give the calendar file of a digest as it was sent."""
    found = _issue(issue_id)
    attached = digests.attachment_of(found)
    response = Response(attached.data, content_type=attached.content_type)
    response.headers.set("Content-Disposition", "attachment", filename=attached.filename)
    return response


def mail_response(html: str) -> Response:
    """Return a mail by itself, as a mail program shows it."""
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _issue(issue_id: uuid.UUID) -> DigestIssue:
    person = guards.member()
    return digest_settings.issue_of(db.session(), issue_id, person.roles) or abort(404)


def _by_organisation(rows: list[DigestIssue]) -> dict[str, list[DigestIssue]]:
    # Sorting keeps the latest first.
    ordered = sorted(rows, key=lambda row: row.organisation_code)
    return {code: list(some) for code, some in groupby(ordered, key=lambda row: row.organisation_code)}


def _row(row: DigestIssue) -> dict[str, Any]:
    return {
        "subject": row.subject,
        "lang": row.language,
        "language": own_name(row.language),
        "organisation": short_name(words(), row.organisation_code),
        "composed": moment_in_words(row.composed_at.astimezone(clock.zone)),
        "url": url_for("digests.issue", issue_id=row.id),
    }
