"""The public monthly mail: asking for it, confirming it, ending it. Opening a link changes nothing; a button does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import DataRequired

from calendar_app.extensions import clock, csrf, db, mail_links, transaction
from calendar_app.services import calendar, public_mail
from calendar_app.services.filters import restore
from calendar_app.services.reference import reference
from calendar_app.web import filter_form
from calendar_app.web.accounts.limits import tried_by_anybody, tried_with_token
from calendar_app.web.page import read_filter, refuse_filters, requested_language, title_language, words
from calendar_app.web.submit.fields import Mailbox

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.models import MailSubscription
    from calendar_app.services.filters import EventFilter

blueprint = Blueprint("public_mail", __name__)


class AskForm(FlaskForm):  # type: ignore[misc]
    """The address to which the mail shall go."""

    email = Mailbox(_l("E-mail address"), validators=[DataRequired(_l("Please type your e-mail address."))])


@blueprint.route("/subscribe/mail", methods=["GET", "POST"])
@tried_by_anybody("public mail")
def ask() -> ResponseReturnValue:
    """Ask for the list that the address of this page filters as a monthly mail; the same answer for every address."""
    wanted = read_filter(feed=True, lenient=True)
    form = AskForm()
    if form.validate_on_submit():
        if len(public_mail.query_of(wanted)) <= public_mail.LONGEST_QUERY:
            with transaction() as session:
                public_mail.ask(session, form.email.data, wanted, title_language(), clock.now(), mail_links())
            return redirect(url_for("public_mail.sent"), 303)
        form.email.errors = [_("This list has too many conditions for a monthly mail. Choose fewer.")]
    page = render_template("public_mail/ask.html", form=form, filter=_in_words(wanted))
    return page, 422 if form.errors else 200


@blueprint.get("/subscribe/mail/sent")
def sent() -> ResponseReturnValue:
    """Say what happens next; the same to everybody."""
    refuse_filters()
    return render_template("public_mail/sent.html", days=public_mail.KEPT.days)


@blueprint.route("/mail/confirm/<token>", methods=["GET", "POST"])
@tried_with_token("public mail confirmed")
def confirm(token: str) -> ResponseReturnValue:
    """Show what was asked for, with a button that says yes to it."""
    found = _subscription(public_mail.CONFIRM, token)
    form = FlaskForm()
    if form.validate_on_submit():
        with transaction(exclusive=False) as session:
            public_mail.confirm(_subscription(public_mail.CONFIRM, token), clock.now())
            session.flush()
        return redirect(url_for("public_mail.confirm", token=token), 303)
    return render_template("public_mail/confirm.html", form=form, **_shown(found))


@blueprint.route("/mail/unsubscribe/<token>", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]
def unsubscribe(token: str) -> ResponseReturnValue:
    """Show the subscription with a button that ends it; a POST ends it at once.

    Mail programs send the POST by themselves when their reader asks them to, without cookies and without having seen
    the page (RFC 8058, section 3.2): whoever has the token may do this one thing. No answer leads elsewhere.
    """
    found = _subscription(public_mail.END, token)
    if request.method == "POST":
        with transaction(exclusive=False) as session:
            found = _subscription(public_mail.END, token)
            public_mail.end(found, clock.now())
            session.flush()
            shown = _shown(found)
        return render_template("public_mail/unsubscribe.html", **shown)
    return render_template("public_mail/unsubscribe.html", **_shown(found))


def _subscription(purpose: str, token: str) -> MailSubscription:
    return public_mail.of_token(db.session(), mail_links(), purpose, token) or abort(404)


def _shown(found: MailSubscription) -> dict[str, object]:
    wanted, _gone = restore(found.query, reference(), lambda _name, value: value)
    # In the language of this page, which need not be that of the mails.
    query = wanted.query(lang=requested_language() or wanted.lang)
    return {
        "state": found.state,
        "email": found.email,
        "filter": _in_words(wanted),
        "list_url": f"{url_for('events.coming').partition('?')[0]}{query}",
        "change_url": f"{url_for('public_mail.ask').partition('?')[0]}{query}",
    }


def _in_words(wanted: EventFilter) -> list[str]:
    places = calendar.places_in_use(db.session(), calendar.STRANGER)
    shown = filter_form.form(wanted, words(), places, url_for("subscribe.subscribe").partition("?")[0], feed=True)
    return [choice.said for choice in filter_form.in_words(wanted.without_options(), shown) if choice.name != "lang"]
