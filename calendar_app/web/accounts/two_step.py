"""The second step: a code from an authenticator, or a recovery code; setting it up and removing it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security.proxies import _security
from sqlalchemy import select

from calendar_app.extensions import accounts, clock, db, transaction
from calendar_app.models import Account
from calendar_app.services import account_letters, audit, outbox
from calendar_app.web import guards
from calendar_app.web.accounts import identity
from calendar_app.web.accounts.area import blueprint
from calendar_app.web.accounts.forms import CodeForm, RecoveryForm
from calendar_app.web.accounts.fresh import freshly_signed_in
from calendar_app.web.accounts.limits import tried_in_session
from calendar_app.web.accounts.links import recipient_of
from calendar_app.web.accounts.sign_in import after_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

# An authenticator's clock may be one step of 30 seconds early or late.
_SLACK_SECONDS = 30
_FIRST_STEP_LIVES = timedelta(minutes=10)
# The secret that is being set up, encrypted, until a code proves that the authenticator has it.
_PENDING = "pending_authenticator"


def _first_step() -> dict[str, str]:
    """Return what the first step left in the session; leads to the sign-in page if that was too long ago."""
    done: dict[str, str] | None = session.get("first_step")
    if not done or clock.now().timestamp() - float(done["at"]) > _FIRST_STEP_LIVES.total_seconds():
        session.pop("first_step", None)
        guards.go_to_sign_in()
    return done


def _take_second_step(check: Callable[[Account], bool], via: str) -> ResponseReturnValue | None:
    """Sign in if `check` accepts the code for the account of the first step; None if not."""
    done = _first_step()
    with transaction() as db_session:
        # Locked, so that of two tries at once the second sees what the first has used up.
        wanted = select(Account).where(Account.fs_uniquifier == done["who"], Account.active).with_for_update()
        account = db_session.scalar(wanted)
        if account is None:
            session.pop("first_step")
            return redirect(url_for("accounts.sign_in"), 303)
        if check(account):
            identity.enter(account, done["via"], via)
            return redirect(done["next"] or after_sign_in(), 303)
        audit.count(db_session, action="second step failed", subject=account.email, now=clock.now())
    return None


@blueprint.route("/two-step", methods=["GET", "POST"])
@tried_in_session("second step")
def second_step() -> ResponseReturnValue:
    """Ask for the code after the first step of signing in."""
    _first_step()
    form = CodeForm()
    if form.validate_on_submit():
        answer = _take_second_step(
            lambda account: _is_code_of(account, form.digits, account.tf_totp_secret or ""), "authenticator"
        )
        if answer:
            return answer
        form.code.errors = [_("This code is not right, or was used before. Please wait for the next one.")]
    return render_template("security/second_step.html", form=form), _status()


@blueprint.route("/two-step/recovery", methods=["GET", "POST"])
@tried_in_session("second step")
def use_recovery_code() -> ResponseReturnValue:
    """Ask for a recovery code instead; each works once."""
    _first_step()
    form = RecoveryForm()
    if form.validate_on_submit():
        answer = _take_second_step(lambda account: _spend_recovery_code(account, form.letters), "recovery code")
        if answer:
            return answer
        form.code.errors = [_("This is none of your recovery codes, or it was used before.")]
    return render_template("security/recovery.html", form=form), _status()


def _spend_recovery_code(account: Account, code: str) -> bool:
    codes = _security.mf_recovery_codes_util
    # A list of its own: the database would not learn that something was taken out of the one it gave.
    account.mf_recovery_codes = list(account.mf_recovery_codes or [])
    return bool(codes.check_recovery_code(account, code) and codes.delete_recovery_code(account, code))


def _is_code_of(account: Account, code: str, secret: str) -> bool:
    right: bool = _security.totp_factory.verify_totp(code, secret, account, window=_SLACK_SECONDS)
    return right


@blueprint.route("/two-step/set-up", methods=["GET", "POST"])
@tried_in_session("set up")
def set_up_second_step() -> ResponseReturnValue:
    """Show a key for the authenticator and ask for a code that proves it is there; then give the recovery codes."""
    account = freshly_signed_in()
    secret = session.get(_PENDING) or _security.totp_factory.generate_totp_secret()
    session[_PENDING] = secret
    form = CodeForm()
    if form.validate_on_submit():
        codes = _proven(account.id, form.digits, secret)
        if codes:
            return _codes_page(codes, is_new=True)
        form.code.errors = [_("This code is not right. Please check the clock of your device and type the next code.")]
    shown = _security.totp_factory.fetch_setup_values(secret, account)
    required = guards.lacks_second_step(account)
    return render_template("security/set_up.html", form=form, shown=shown, required=required), _status()


def _proven(account_id: int, code: str, secret: str) -> list[str]:
    """Take the secret for the account if the code proves it; return new recovery codes, none if it does not."""
    with transaction() as db_session:
        account = db_session.get_one(Account, account_id)
        before = account.totp_last_counter
        # The steps counted so far are those of another secret.
        account.totp_last_counter = None
        if not _is_code_of(account, code, secret):
            account.totp_last_counter = before
            return []
        accounts.tf_set(account, "authenticator", totp_secret=secret)
        codes: list[str] = _security.mf_recovery_codes_util.create_recovery_codes(account)
        _tell(account, on=True)
        _note(account, "second step set up", _name(account), account.id)
    session.pop(_PENDING, None)
    return codes


@blueprint.post("/two-step/recovery-codes")
def make_recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes; those from before are void."""
    account_id = freshly_signed_in(url_for("accounts.own_account")).id
    with transaction() as db_session:
        account = db_session.get_one(Account, account_id)
        if not account.tf_totp_secret:
            return redirect(url_for("accounts.set_up_second_step"), 303)
        codes = _security.mf_recovery_codes_util.create_recovery_codes(account)
        _note(account, "recovery codes made", _name(account), account.id)
    return _codes_page(codes, is_new=False)


def _codes_page(codes: list[str], *, is_new: bool) -> str:
    # No redirect: they are shown in this one answer and never again.
    return render_template("security/recovery_codes.html", codes=codes, is_new=is_new)


@blueprint.route("/two-step/remove", methods=["GET", "POST"])
def remove_second_step() -> ResponseReturnValue:
    """Remove the authenticator, unless the person's rights need it."""
    account = freshly_signed_in()
    needed = guards.needs_second_step(account)
    if request.method != "POST" or needed:
        return render_template("security/remove.html", needed=needed), 403 if request.method == "POST" else 200
    with transaction() as db_session:
        anew = db_session.get_one(Account, account.id)
        without_second_step(anew, by=_name(anew), account_id=anew.id)
    flash(_("Two-step sign-in is off. Signing in takes your password or a link by e-mail alone."))
    return redirect(url_for("accounts.own_account"), 303)


def without_second_step(account: Account, *, by: str, account_id: int | None = None) -> None:
    """Take the authenticator and the recovery codes away and tell the person. Call it in a transaction.

    `by` and `account_id` say for the audit log who did it; no account for the command line.
    """
    accounts.tf_reset(account)
    accounts.mf_set_recovery_codes(account, None)
    account.totp_last_counter = None
    _tell(account, on=False)
    _note(account, "second step removed", by, account_id)


def _tell(account: Account, *, on: bool) -> None:
    letter = account_letters.two_steps_changed(account.language, on=on)
    outbox.queue(db.session(), recipient_of(account), letter, clock.now())


def _name(account: Account) -> str:
    return account.name or account.email


def _note(account: Account, action: str, by: str, account_id: int | None) -> None:
    audit.note(db.session(), actor=by, account_id=account_id, action=action, subject=account.email, now=clock.now())


def _status() -> int:
    return 422 if request.method == "POST" else 200
