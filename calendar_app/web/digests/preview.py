"""The next digest of an organisation as it would be now; nothing of it is kept, and only a copy to oneself is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, limiter, mail_links, transaction
from calendar_app.planning.month_days import month_after
from calendar_app.services import digest_settings, digests, outbox
from calendar_app.services.digest_material import Edition
from calendar_app.services.finding_board import short_name
from calendar_app.services.wording import Words
from calendar_app.web.digests.archive import mail_response
from calendar_app.web.digests.area import blueprint, member_of
from calendar_app.web.page import current_language, refuse_filters, words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from calendar_app.models import DigestIssue

_COPIES = "10 per hour"


@blueprint.get("/digests/<code>/preview")
def preview(code: str) -> ResponseReturnValue:
    """Show the next digest as it would be now, in the language of the page."""
    refuse_filters()
    member_of(code)
    made = _made(db.session(), code)
    return render_template(
        "digests/preview.html",
        code=code,
        organisation=short_name(words(), code),
        subject=made.subject,
        lang=made.language,
        text=made.text,
        mail_url=url_for("digests.preview_mail", code=code),
    )


@blueprint.get("/digests/<code>/preview/mail")
def preview_mail(code: str) -> ResponseReturnValue:
    """Give its HTML."""
    member_of(code)
    return mail_response(_made(db.session(), code).html)


@blueprint.post("/digests/<code>/test")
@limiter.limit(_COPIES)
def send_copy(code: str) -> ResponseReturnValue:
    """Send the next digest as it would be now to whoever asks, marked as a test."""
    person = member_of(code)
    with transaction() as session:
        made = _made(session, code)
        subject = Words(made.language).gettext("Test: %(subject)s") % {"subject": made.subject}
        outbox.queue_ready(
            session,
            outbox.Recipient(person.email, person.name, made.language),
            outbox.Ready(subject, made.text, made.html),
            clock.now(),
            attachments=[digests.attachment_of(made)],
        )
    flash(_("A test copy is on its way to %(email)s.", email=person.email))
    return redirect(url_for("digests.preview", code=code), 303)


def _made(session: Session, code: str) -> DigestIssue:
    now = clock.now().astimezone(clock.zone)
    this = now.date().replace(day=1)
    sent = any(row.edition == f"{this:%Y-%m}" for row in digest_settings.archive(session, [code]))
    edition = Edition.of_month(month_after(this) if sent else this)
    links = mail_links()
    (made,) = digests.compose(session, {code: [current_language()]}, edition, now, links)
    return made
