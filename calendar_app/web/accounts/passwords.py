"""Choosing a password: forgotten, changed, or the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security.proxies import _security
from flask_security.utils import hash_password, verify_password

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account
from calendar_app.services import account_letters, audit, outbox
from calendar_app.web import guards
from calendar_app.web.accounts import identity, links
from calendar_app.web.accounts.area import blueprint
from calendar_app.web.accounts.forms import AddressForm, ChangePasswordForm, NewPasswordForm
from calendar_app.web.accounts.fresh import freshly_signed_in
from calendar_app.web.accounts.limits import tried_by_anybody, tried_in_session, tried_with_token
from calendar_app.web.accounts.sign_in import SPENT_STATUS, write_to_owner

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@blueprint.route("/password/forgot", methods=["GET", "POST"])
@tried_by_anybody("forgot")
def forgot_password() -> ResponseReturnValue:
    """Send a link to an address that has an account; answer the same to one that has none."""
    form = AddressForm()
    if form.validate_on_submit():
        write_to_owner(form.email.data, links.send_password_link)
        return redirect(url_for("accounts.password_link_sent"), 303)
    return render_template("security/forgot.html", form=form), 422 if request.method == "POST" else 200


@blueprint.get("/password/forgot/sent")
def password_link_sent() -> str:
    """Say that a link is on its way, if the address has an account."""
    return render_template("security/link_sent.html", purpose="password")


@blueprint.route("/password/forgot/<token>", methods=["GET", "POST"])
@tried_with_token("choose")
def choose_password(token: str) -> ResponseReturnValue:
    """Choose a new password; opening the page spends nothing."""
    account = links.account_of_password_link(token)
    if account is None:
        return render_template("security/choose_password.html", form=None, email=""), SPENT_STATUS
    form = NewPasswordForm(account)
    if not form.validate_on_submit():
        page = render_template("security/choose_password.html", form=form, email=account.email)
        return page, 422 if request.method == "POST" else 200
    hashed = hash_password(form.password.data)
    with transaction():
        anew = links.account_of_password_link(token, lock=True)
        if anew is None:
            return render_template("security/choose_password.html", form=None, email=""), SPENT_STATUS
        _take(anew, hashed)
        identity.leave()
    flash(_("Your new password is set. Please sign in with it."))
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/password", methods=["GET", "POST"])
@tried_in_session("password")
def change_password() -> ResponseReturnValue:
    """Change the password, or set the first one; all other browsers are signed out."""
    account = guards.signed_in_account()
    if not account.password:
        account = freshly_signed_in()
    form = ChangePasswordForm(account) if account.password else NewPasswordForm(account)
    if form.validate_on_submit() and _knows_the_old_one(form, account):
        hashed = hash_password(form.password.data)
        account_id = account.id
        with transaction() as db_session:
            anew = db_session.get_one(Account, account_id)
            _take(anew, hashed)
            identity.enter(anew, "changed password")
        flash(_("Your password is changed. You are signed out in all other browsers."))
        return redirect(url_for("accounts.own_account"), 303)
    page = render_template("security/change_password.html", form=form, has_password=bool(account.password))
    return page, 422 if request.method == "POST" else 200


def _knows_the_old_one(form: NewPasswordForm, account: Account) -> bool:
    if not isinstance(form, ChangePasswordForm):
        return True
    right: bool = verify_password(_security.password_util.normalize(form.current.data), account.password or "")
    if not right:
        form.current.errors = [_("This is not your password.")]
    return right


def _take(account: Account, hashed: str) -> None:
    """Give an account its new password: every browser is out, every link is void, and the person is told."""
    account.password = hashed
    identity.end_everywhere(account)
    now = clock.now()
    letter = account_letters.password_changed(account.language)
    outbox.queue(db.session(), links.recipient_of(account), letter, now)
    audit.note(
        db.session(),
        actor=account.name or account.email,
        account_id=account.id,
        action="password changed",
        subject=account.email,
        now=now,
    )
