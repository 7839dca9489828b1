"""All accounts, for the system administrator: who has one, closing it, and signing a person out everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Account
from calendar_app.services import accounts, audit
from calendar_app.services import members as members_service
from calendar_app.services.account_letters import role_label
from calendar_app.services.reference import reference
from calendar_app.web import guards
from calendar_app.web.accounts import identity
from calendar_app.web.admin.area import admin_page, blueprint, still_system_administrator, typed
from calendar_app.web.page import words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.models import Membership


@blueprint.get("/admin/people")
def people() -> ResponseReturnValue:
    """Find accounts by name or address."""
    person = guards.system_administrator()
    text = typed("q")
    found = members_service.people(db.session(), text)
    return admin_page(
        "people.html",
        rows=[_row(account, yourself=account.id == person.account_id) for account in found],
        text=text,
        most=members_service.MOST_FOUND,
    )


@blueprint.post("/admin/people/<int(max=2147483647):account_id>/<any(close, open, end):act>")
def change_account(account_id: int, act: str) -> ResponseReturnValue:
    """Close an account, open it again, or end all its sign-ins."""
    guards.system_administrator()
    with transaction() as session:
        by = still_system_administrator(session)
        account = session.get(Account, account_id) or abort(404)
        name = account.name or account.email
        if act == "close":
            if account.id == by.account_id:
                abort(400)
            accounts.deactivate(session, account, by=by, now=clock.now())
            told = _("The account of %(name)s is closed; they are signed out everywhere.", name=name)
        elif act == "open":
            accounts.reactivate(session, account, by=by, now=clock.now())
            told = _("The account of %(name)s is open again.", name=name)
        else:
            identity.end_everywhere(account)
            audit.note(
                session,
                actor=by.name or by.email,
                account_id=by.account_id,
                action="sign-ins ended",
                subject=account.email,
                now=clock.now(),
            )
            told = _("%(name)s is signed out everywhere.", name=name)
    flash(told)
    return redirect(url_for("admin.people", q=request.form.get("q", "")[:200] or None), 303)


def _short_name(membership: Membership) -> str:
    return words().gettext(reference().organisations[membership.organisation_code].short_name)


def _row(account: Account, *, yourself: bool) -> dict[str, Any]:
    roles = [
        _("%(organisation)s: %(role)s", organisation=_short_name(m), role=role_label(m.role, words()))
        for m in account.memberships
    ]
    acts = {} if yourself else {"open": _("Open again")} if not account.active else {"close": _("Close account")}
    if account.active and not yourself:
        acts["end"] = _("Sign out everywhere")
    return {
        "name": account.name,
        "email": account.email,
        "roles": roles + ([_("System administrator")] if account.system_administrator else []),
        "closed": not account.active,
        "two_steps": bool(account.tf_totp_secret),
        "acts": [
            {"label": label, "url": url_for("admin.change_account", account_id=account.id, act=act)}
            for act, label in acts.items()
        ],
    }
