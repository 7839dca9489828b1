"""Accepting an invitation. Opening its link shows it and spends nothing; the button accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, Invitation, Organisation
from calendar_app.services import account_letters, accounts
from calendar_app.web import guards
from calendar_app.web.accounts import identity
from calendar_app.web.accounts.area import blueprint
from calendar_app.web.accounts.forms import InvitationForm
from calendar_app.web.accounts.limits import tried_with_token
from calendar_app.web.accounts.sign_in import SPENT_STATUS, after_sign_in
from calendar_app.web.page import words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@tried_with_token("invitation")
def invitation(token: str) -> ResponseReturnValue:
    """Show who invites to what, and accept."""
    found = accounts.invitation_of(db.session(), token, clock.now())
    if found is None:
        return render_template("accounts/invitation.html", invitation=None, form=None), SPENT_STATUS
    form = InvitationForm() if _needs_name(found) else FlaskForm()
    if not form.validate_on_submit():
        page = render_template("accounts/invitation.html", invitation=_shown(found), form=form)
        return page, 422 if request.method == "POST" else 200
    name = form.name.data if isinstance(form, InvitationForm) else ""
    with transaction() as session:
        anew = accounts.invitation_of(session, token, clock.now(), lock=True)
        if anew is None:
            return render_template("accounts/invitation.html", invitation=None, form=None), SPENT_STATUS
        organisation = _organisation_name(anew)
        account = accounts.accept(session, anew, clock.now(), name)
        address = _go_on(account)
    flash(_("You are now a member of %(organisation)s.", organisation=organisation))
    return redirect(address, 303)


def _go_on(account: Account) -> str:
    """Sign the person in; who has a second step set up, or a closed account, is led to the sign-in page instead."""
    if account.tf_totp_secret or not account.active:
        identity.leave()
        return url_for("accounts.sign_in")
    identity.enter(account, "invitation")
    return after_sign_in()


def _needs_name(found: Invitation) -> bool:
    known = accounts.account_of(db.session(), found.email)
    return known is None or not known.name


def _shown(found: Invitation) -> dict[str, str | bool]:
    by = db.session.get(Account, found.invited_by_id) if found.invited_by_id else None
    current = guards.account()
    return {
        "by": (by.name or by.email) if by else "",
        "email": found.email,
        "organisation": _organisation_name(found),
        "role": account_letters.role_label(found.role, words()),
        "until": words().day(found.expires_at.date()),
        "other_person": bool(current and current.email != found.email),
    }


def _organisation_name(found: Invitation) -> str:
    organisation = db.session.get_one(Organisation, found.organisation_code)
    return words().organisation(organisation.code, organisation.name)
