"""Proving again who one is before something that matters: signed in long ago is not enough for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security.proxies import _security
from flask_security.utils import check_and_update_authn_fresh, verify_password

from calendar_app.extensions import transaction
from calendar_app.web import guards
from calendar_app.web.accounts import links
from calendar_app.web.accounts.area import blueprint
from calendar_app.web.accounts.forms import ConfirmForm
from calendar_app.web.accounts.limits import tried_in_session
from calendar_app.web.accounts.sign_in import safe_path

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.models import Account


def freshly_signed_in(back: str = "") -> Account:
    """Return the signed-in account if it proved who it is a short while ago; else leads to doing so, and back."""
    account = guards.signed_in_account()
    config = current_app.config
    if not check_and_update_authn_fresh(
        config["SECURITY_FRESHNESS"], config["SECURITY_FRESHNESS_GRACE_PERIOD"], "session"
    ):
        abort(redirect(url_for("accounts.confirm_identity", next=back or request.path), 303))
    return account


@blueprint.route("/confirm-identity", methods=["GET", "POST"])
@tried_in_session("confirm")
def confirm_identity() -> ResponseReturnValue:
    """Ask for the password again; who has none is sent a sign-in link."""
    account = guards.signed_in_account()
    next_path = safe_path(request.args.get("next", "")) or url_for("accounts.own_account")
    form = ConfirmForm()
    if account.password and form.validate_on_submit():
        if verify_password(_security.password_util.normalize(form.password.data), account.password):
            session["fs_paa"] = time.time()
            return redirect(next_path, 303)
        form.password.errors = [_("This is not your password.")]
    elif not account.password and request.method == "POST":
        email = account.email
        with transaction(exclusive=False):
            links.send_sign_in_link(guards.signed_in_account(), next_path)
        flash(_("A link is on its way to %(address)s. Open it in this browser.", address=email))
        return redirect(request.full_path.rstrip("?"), 303)
    page = render_template("security/confirm.html", form=form, has_password=bool(account.password))
    return page, 422 if request.method == "POST" else 200
