"""Signing in by password or by a mailed link, and signing out.

Nothing here tells a stranger whether an address has an account: the answers are the same, and take as long.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security.proxies import _security
from flask_security.utils import hash_password, verify_password

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account
from calendar_app.services import audit
from calendar_app.services.accounts import account_of
from calendar_app.web import guards
from calendar_app.web.accounts import identity, links
from calendar_app.web.accounts.area import blueprint
from calendar_app.web.accounts.forms import AddressForm, SignInForm
from calendar_app.web.accounts.limits import tried_by_anybody, tried_with_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

SPENT_STATUS = 410


@blueprint.route("/sign-in", methods=["GET", "POST"])
@tried_by_anybody("sign in", guessing=True)
def sign_in() -> ResponseReturnValue:
    """Ask for address and password, or send a link instead."""
    next_path = safe_path(request.values.get("next", ""))
    if guards.account():
        return redirect(next_path or after_sign_in(), 303)
    form = SignInForm(next=next_path)
    problem = ""
    if form.validate_on_submit():
        account = _by_password(form.email.data, form.password.data)
        if account:
            return _first_step_done(account, "password", next_path)
        problem = _("Address and password do not belong together. Please try again, or sign in with a link by e-mail.")
    status = 422 if request.method == "POST" else 200
    return render_template("security/sign_in.html", form=form, problem=problem), status


@cache
def _nobodys_password() -> str:
    """Return a hash to compare with where there is none, so that every answer takes as long."""
    hashed: str = hash_password("of nobody at all")
    return hashed


def _by_password(email: str, password: str) -> Account | None:
    """Return the account if the password is right. The hash is computed outside of any transaction, once always."""
    account = account_of(db.session(), email)
    hashed = account.password if account and account.active else None
    typed = _security.password_util.normalize(password)
    right = verify_password(typed, hashed or _nobodys_password())
    if account and hashed and right:
        return account
    subject = account.email if account else ""
    with transaction(exclusive=False) as db_session:
        audit.count(db_session, action="sign-in failed", subject=subject, now=clock.now())
    return None


def _first_step_done(account: Account, via: str, next_path: str) -> ResponseReturnValue:
    """Go on to the second step if the account has one, else sign in."""
    account_id, hashed = account.id, account.password
    with transaction() as db_session:
        anew = db_session.get(Account, account_id)
        if anew is None or not anew.active or anew.password != hashed:
            return redirect(url_for("accounts.sign_in"), 303)
        return enter_or_ask(anew, via, next_path)


def enter_or_ask(account: Account, via: str, next_path: str = "") -> ResponseReturnValue:
    """Sign in, or lead to the second step if the account has one. Call it in a transaction."""
    if account.tf_totp_secret:
        identity.leave()
        session["first_step"] = {
            "who": account.fs_uniquifier,
            "via": via,
            "next": next_path,
            "at": clock.now().timestamp(),
        }
        return redirect(url_for("accounts.second_step"), 303)
    identity.enter(account, via)
    return redirect(next_path or after_sign_in(), 303)


@blueprint.get("/sign-in/link")
def link_sent() -> str:
    """Say that a link is on its way, if the address has an account."""
    return render_template("security/link_sent.html", purpose="sign-in")


@blueprint.post("/sign-in/link")
@tried_by_anybody("link")
def send_link() -> ResponseReturnValue:
    """Send a sign-in link to an address that has an account; answer the same to one that has none."""
    form = AddressForm()
    if not form.validate():
        again = SignInForm(formdata=None, next=safe_path(request.form.get("next", "")))
        again.email.errors = form.email.errors
        return render_template("security/sign_in.html", form=again, problem=""), 422
    next_path = safe_path(form.next.data or "")
    write_to_owner(form.email.data, lambda account: links.send_sign_in_link(account, next_path))
    return redirect(url_for("accounts.link_sent"), 303)


def write_to_owner(email: str, write: Callable[[Account], None]) -> None:
    """Send a link to the account of an address; where there is none, or enough went there, do as much for nothing."""
    verify_password("nothing", _nobodys_password())
    with transaction(exclusive=False) as db_session:
        account = account_of(db_session, email)
        if account and account.active:
            if links.may_send(account):
                write(account)
            else:
                audit.count(db_session, action="letter refused", subject=account.email, now=clock.now())
        else:
            audit.count(db_session, action="letter to nobody", subject="", now=clock.now())


@blueprint.route("/sign-in/link/<token>", methods=["GET", "POST"])
@tried_with_token("use link")
def use_link(token: str) -> ResponseReturnValue:
    """Show a button that signs in: mail scanners open links, but press no buttons."""
    next_path = safe_path(request.args.get("next", ""))
    if request.method != "POST":
        account = links.account_of_sign_in_link(token)
        return _link_page(account.email if account else "")
    with transaction() as db_session:
        account = links.account_of_sign_in_link(token, lock=True)
        if account:
            links.spend_sign_in_links(account)
            return enter_or_ask(account, "link", next_path)
        audit.count(db_session, action="sign-in failed", subject="", now=clock.now())
    return _link_page("")


def _link_page(email: str) -> ResponseReturnValue:
    page = render_template("security/use_link.html", email=email)
    return (page, 200) if email else (page, SPENT_STATUS)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Sign this browser out."""
    with transaction(exclusive=False):
        identity.leave()
    flash(_("You are signed out."))
    return redirect(url_for("accounts.sign_in"), 303)


def after_sign_in() -> str:
    """Return the address of the page that people see after signing in."""
    return url_for("workspace.workspace")


def safe_path(text: str) -> str:
    """Return an address of ours without a host, "" for anything else, so that nobody is led elsewhere."""
    if not text.startswith("/") or text[1:2] in {"/", "\\"} or "\\" in text or not text.isprintable():
        return ""
    parts = urlsplit(text)
    return "" if parts.scheme or parts.netloc else text
