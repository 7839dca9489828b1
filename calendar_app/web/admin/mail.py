"""Mail and schedule, for the system administrator: what waits, what was given up and what to do, and what fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, current_app, flash, redirect, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.mail.delivery import Folder
from calendar_app.models import OutboxMessage
from calendar_app.services import audit, lease, month, undelivered
from calendar_app.services.undelivered import Advice
from calendar_app.web import guards
from calendar_app.web.admin.area import admin_page, blueprint, still_system_administrator
from calendar_app.web.page import words
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

    from calendar_app.models import DueStep
    from calendar_app.services.undelivered import Undelivered


@blueprint.get("/admin/mail")
def mail() -> ResponseReturnValue:
    """Show how mail and schedule are doing."""
    guards.system_administrator()
    session = db.session()
    waiting = undelivered.waiting(session)
    age = lease.lease_age(session)
    transport = current_app.config["MAIL_TRANSPORT"]
    return admin_page(
        "mail.html",
        runs=age is not None and age <= lease.LEASE,
        seen=age is not None,
        folder=transport.path if isinstance(transport, Folder) else None,
        waiting=waiting,
        waiting_since=moment_in_words(waiting.since) if waiting.since else "",
        failing=[_failing(step) for step in month.failing(session)],
        letters=[_letter(item) for item in undelivered.given_up(session)],
        count=undelivered.count(session),
        most=undelivered.SHOWN,
    )


@blueprint.post("/admin/mail/<uuid:letter>/<any(again, aside):act>")
def change_letter(letter: uuid.UUID, act: str) -> ResponseReturnValue:
    """Send a letter that was given up once more, or take it off the list."""
    guards.system_administrator()
    with transaction() as session:
        by = still_system_administrator(session)
        row = session.get(OutboxMessage, letter) or abort(404)
        email = row.to_email
        again = act == "again"
        done = undelivered.try_again(session, letter, clock.now()) if again else undelivered.put_aside(session, letter)
        if done:
            audit.note(
                session,
                actor=by.name or by.email,
                account_id=by.account_id,
                action="letter tried again" if again else "letter put aside",
                subject=email,
                now=clock.now(),
            )
    if not done:
        flash(_("Somebody has dealt with this letter meanwhile, or its words are gone."), "warn")
    elif again:
        flash(_("The letter to %(email)s is sent once more.", email=email))
    else:
        flash(_("The letter to %(email)s is put aside.", email=email))
    return redirect(url_for("admin.mail"), 303)


def _failing(step: DueStep) -> dict[str, Any]:
    return {
        "key": step.key,
        "what": _what(step.action),
        "month": words().month(step.month),
        "error": step.error,
        "attempts": step.attempts,
        "next": moment_in_words(step.due_at),
    }


def _what(action: str) -> str:
    texts: dict[str, str] = {
        month.OPENS: _("Opening the exchange round"),
        month.REMINDS: _("Reminding of the exchange round"),
        month.CLOSES: _("Closing the exchange round"),
        month.DIGEST: _("Planning digest"),
        month.WEEKLY: _("Weekly planning digest"),
        month.PUBLIC_MAIL: _("Monthly mail to readers"),
    }
    return texts[action]


def _letter(item: Undelivered) -> dict[str, Any]:
    return {
        "email": item.to_email,
        "at": moment_in_words(item.created_at),
        "error": item.error,
        "advice": _advice(item.advice),
        "again_url": url_for("admin.change_letter", letter=item.id, act="again") if item.can_be_tried else "",
        "aside_url": url_for("admin.change_letter", letter=item.id, act="aside"),
    }


def _advice(advice: Advice) -> str:
    """Return what an administrator can do."""
    texts: dict[Advice, str] = {
        Advice.ADDRESS: _(
            "The address is wrong or no longer exists. Ask for the new one and correct it where it is kept: with the"
            " account, the recipients of digests, or the event's submission. A new letter goes to the new address."
        ),
        Advice.FULL: _("The mailbox is full. Tell the person in another way, then send the letter once more."),
        Advice.UNWANTED: _(
            "The receiving server does not want mail from this calendar. Ask its administrator why, and check that"
            " MAIL_FROM may send through the server of MAIL_URL (SPF, DKIM). Then send the letter once more."
        ),
        Advice.LATER: _(
            "The receiving server did not take it for three days. If the other letters go out, send it once more."
        ),
        Advice.LOG: _("The calendar stopped each time it sent this letter. Look into the log, then send it once more."),
        Advice.RESTORED: _("It may have been sent after the backup was taken. If nobody got it, send it once more."),
    }
    return texts[advice]
