"""The own account: name and language, memberships, how one signs in, and where one is signed in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account, Organisation
from calendar_app.services import account_letters, audit, sign_ins
from calendar_app.web import guards
from calendar_app.web.accounts import identity
from calendar_app.web.accounts.area import blueprint
from calendar_app.web.accounts.forms import AccountForm
from calendar_app.web.page import words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@blueprint.route("/account", methods=["GET", "POST"])
def own_account() -> ResponseReturnValue:
    """Show everything about the own account; change name and language."""
    account = guards.signed_in_account()
    form = AccountForm(obj=account)
    if form.validate_on_submit():
        account_id, name, language = account.id, form.name.data, form.language.data
        with transaction(exclusive=False) as session:
            anew = session.get_one(Account, account_id)
            if anew.name != name:
                audit.note(
                    session,
                    actor=anew.name or anew.email,
                    account_id=account_id,
                    action="name changed",
                    subject=anew.email,
                    now=clock.now(),
                    details={"before": anew.name, "after": name},
                )
            anew.name, anew.language = name, language
        flash(_("Your name and language are saved."))
        return redirect(url_for("accounts.own_account"), 303)
    page = render_template(
        "accounts/account.html",
        form=form,
        account={
            "email": account.email,
            "has_password": bool(account.password),
            "two_steps": bool(account.tf_totp_secret),
            "codes_left": len(account.mf_recovery_codes or []),
            "lacks_second_step": guards.lacks_second_step(account),
            "memberships": _memberships(account),
            "system_administrator": account.system_administrator,
            "sign_ins": _sign_ins(account),
        },
    )
    return page, 422 if request.method == "POST" else 200


def _memberships(account: Account) -> list[dict[str, str]]:
    session = db.session()
    found = []
    for membership in account.memberships:
        organisation = session.get_one(Organisation, membership.organisation_code)
        name = words().organisation(organisation.code, organisation.name)
        found.append({"organisation": name, "role": account_letters.role_label(membership.role, words())})
    return found


def _sign_ins(account: Account) -> list[dict[str, Any]]:
    return [
        {
            "handle": handle_of(row.id),
            "program": row.program or _("Unknown program"),
            "began": words().day(row.created_at.astimezone(clock.zone).date()),
            "used": words().day(row.seen_at.astimezone(clock.zone).date()),
            "is_this": row.id == identity.this_sign_in(),
        }
        for row in sign_ins.all_living(db.session(), account.id, clock.now())
    ]


def handle_of(row_id: str) -> str:
    """Return what stands for a browser's row on the page: the id itself is in that browser's cookie only."""
    return hashlib.sha256(row_id.encode()).hexdigest()[:16]


@blueprint.post("/account/sign-ins/end")
def end_sign_in() -> ResponseReturnValue:
    """End one sign-in, or with `handle=others` all but this one."""
    account = guards.signed_in_account()
    account_id, handle = account.id, request.form.get("handle", "")
    now = clock.now()
    with transaction() as session:
        anew = session.get_one(Account, account_id)
        if handle == "others":
            ended = identity.end_elsewhere(anew)
        else:
            chosen = [row.id for row in sign_ins.all_living(session, account_id, now) if handle_of(row.id) == handle]
            ended = sum(sign_ins.end(session, row_id, account_id, now) for row_id in chosen)
        if ended:
            audit.note(
                session,
                actor=anew.name or anew.email,
                account_id=account_id,
                action="sign-ins ended",
                subject=anew.email,
                now=now,
                details={"count": ended},
            )
    flash(_("That browser is signed out.") if handle != "others" else _("All other browsers are signed out."))
    return redirect(url_for("accounts.own_account"), 303)
