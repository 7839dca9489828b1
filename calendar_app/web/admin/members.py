"""The members of an organisation: for its administrators; the system administrator names the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, limiter, transaction
from calendar_app.services import accounts
from calendar_app.services import members as members_service
from calendar_app.services.access import Role
from calendar_app.services.account_letters import role_label
from calendar_app.web import guards
from calendar_app.web.admin.area import (
    admin_page,
    blueprint,
    organisation_name,
    organisation_of,
    rights_in,
    still,
)
from calendar_app.web.admin.forms import InvitationForm, RoleForm
from calendar_app.web.page import public_url, words

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from calendar_app.models import Invitation, Membership, Organisation
    from calendar_app.services.access import Person
    from calendar_app.services.members import Rights

# Letters that one browser's address may cause in an hour.
_LETTERS = "100 per hour"


@blueprint.route("/admin/organisations/<code>/members", methods=["GET", "POST"])
@limiter.limit(_LETTERS, methods=["POST"])
def members(code: str) -> ResponseReturnValue:
    """Show the members and the open invitations; a POST invites somebody."""
    person = guards.signed_in()
    organisation = organisation_of(db.session(), code)
    rights = rights_in(db.session(), person, organisation)
    form = InvitationForm([role for role in Role if rights.may_give(role)] or list(Role))
    if form.is_submitted() and not (rights.manage or rights.appoint):
        abort(403)
    if form.validate_on_submit() and _is_another(form, person):
        with transaction() as session:
            by, _organisation, rights = _again(session, code)
            if not rights.may_give(form.role.data):
                abort(403)
            _invite(session, form.email.data, code, form.role.data, form.language.data, by)
        flash(_("An invitation is on its way to %(email)s.", email=form.email.data))
        return _back(code)
    return _page(organisation, rights, person, form)


@blueprint.post("/admin/organisations/<code>/members/<int(max=2147483647):account_id>/role")
def member_role(code: str, account_id: int) -> ResponseReturnValue:
    """Give a member another role."""
    guards.signed_in()
    form = RoleForm()
    with transaction() as session:
        by, organisation, rights = _again(session, code)
        membership = _membership(session, rights, code, account_id)
        if not form.validate():
            abort(400)
        name = membership.account.name or membership.account.email
        try:
            accounts.change_role(session, membership, form.role.data, by=by, now=clock.now())
        except accounts.LastAdministratorError:
            flash(_last_administrator(organisation), "warn")
            return _back(code)
    flash(_("%(name)s has another role now: %(role)s.", name=name, role=role_label(form.role.data, words())))
    # Who gave up managing the members may not see them any more.
    return _back(code) if account_id != by.account_id else redirect(url_for("admin.index"), 303)


@blueprint.post("/admin/organisations/<code>/members/<int(max=2147483647):account_id>/remove")
def remove_member(code: str, account_id: int) -> ResponseReturnValue:
    """End a membership."""
    guards.signed_in()
    with transaction() as session:
        by, organisation, rights = _again(session, code)
        membership = _membership(session, rights, code, account_id)
        name, short_name = membership.account.name or membership.account.email, organisation_name(organisation)
        try:
            accounts.remove_member(session, membership, by=by, now=clock.now())
        except accounts.LastAdministratorError:
            flash(_last_administrator(organisation), "warn")
            return _back(code)
    flash(_("%(name)s is no longer a member of %(organisation)s.", name=name, organisation=short_name))
    return _back(code) if account_id != by.account_id else redirect(url_for("events.coming"), 303)


@blueprint.post("/admin/organisations/<code>/invitations/<int(max=2147483647):invitation_id>/revoke")
def revoke_invitation(code: str, invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    guards.signed_in()
    with transaction() as session:
        by, _organisation, rights = _again(session, code)
        invitation = _invitation(session, rights, code, invitation_id)
        email = invitation.email
        accounts.revoke_invitation(session, invitation, by=by, now=clock.now())
    flash(_("The invitation of %(email)s is taken back; its link no longer works.", email=email))
    return _back(code)


@blueprint.post("/admin/organisations/<code>/invitations/<int(max=2147483647):invitation_id>/resend")
@limiter.limit(_LETTERS)
def resend_invitation(code: str, invitation_id: int) -> ResponseReturnValue:
    """Send an invitation again, with a new link; the older one ends."""
    guards.signed_in()
    with transaction() as session:
        by, _organisation, rights = _again(session, code)
        old = _invitation(session, rights, code, invitation_id)
        email = old.email
        _invite(session, email, code, old.role, old.language, by)
    flash(_("A new invitation is on its way to %(email)s; the older link no longer works.", email=email))
    return _back(code)


def _is_another(form: InvitationForm, person: Person) -> bool:
    """Refuse, at its field, one's own address: rights are given by others."""
    if accounts.normal_email(form.email.data) != person.email:
        return True
    form.email.errors = [*form.email.errors, _("This is your own address. Invite somebody else.")]
    return False


def _again(session: Session, code: str) -> tuple[Person, Organisation, Rights]:
    """Return who acts, on which organisation, with which rights, as the transaction finds them."""
    by = still(session)
    organisation = organisation_of(session, code)
    return by, organisation, rights_in(session, by, organisation)


def _membership(session: Session, rights: Rights, code: str, account_id: int) -> Membership:
    if not rights.manage:
        abort(403)
    return members_service.find(session, code, account_id) or abort(404)


def _invitation(session: Session, rights: Rights, code: str, invitation_id: int) -> Invitation:
    """Return an invitation that can still be accepted and that this person could have sent."""
    opened = accounts.open_invitations(session, code, clock.now())
    found = next((invitation for invitation in opened if invitation.id == invitation_id), None)
    if found is None:
        abort(404)
    if not rights.may_give(found.role):
        abort(403)
    return found


def _invite(session: Session, email: str, code: str, role: str, language: str, by: Person) -> None:
    accounts.invite(
        session,
        email=email,
        organisation=code,
        role=role,
        language=language,
        by=by,
        now=clock.now(),
        link=lambda token: public_url(url_for("accounts.invitation", token=token)),
    )


def _last_administrator(organisation: Organisation) -> str:
    text: str = _(
        "%(organisation)s would have no administrator. Name another one first.",
        organisation=organisation_name(organisation),
    )
    return text


def _back(code: str) -> Response:
    return redirect(url_for("admin.members", code=code), 303)


def _page(organisation: Organisation, rights: Rights, person: Person, form: InvitationForm) -> ResponseReturnValue:
    session, code = db.session(), organisation.code
    rows = [_member(membership, rights, person) for membership in members_service.of_organisation(session, code)]
    opened = accounts.open_invitations(session, code, clock.now())
    return admin_page(
        "members.html",
        422 if form.errors else 200,
        form=form,
        organisation={"name": words().gettext(organisation.name), "short_name": organisation_name(organisation)},
        rights=rights,
        is_member=organisation.member,
        rows=rows,
        invitations=[_opened(invitation, rights) for invitation in opened],
        roles=[(role.value, role_label(role, words())) for role in Role],
        invite_url=url_for("admin.members", code=code),
    )


def _member(membership: Membership, rights: Rights, person: Person) -> dict[str, Any]:
    account, code = membership.account, membership.organisation_code
    address: dict[str, Any] = {"code": code, "account_id": account.id}
    return {
        "name": account.name,
        "email": account.email,
        "role": membership.role,
        "role_label": role_label(membership.role, words()),
        "closed": not account.active,
        "two_steps": bool(account.tf_totp_secret),
        "is_you": account.id == person.account_id,
        "role_url": url_for("admin.member_role", **address) if rights.manage else "",
        "remove_url": url_for("admin.remove_member", **address) if rights.manage else "",
    }


def _opened(invitation: Invitation, rights: Rights) -> dict[str, Any]:
    address: dict[str, Any] = {"code": invitation.organisation_code, "invitation_id": invitation.id}
    may = rights.may_give(invitation.role)
    return {
        "email": invitation.email,
        "role_label": role_label(invitation.role, words()),
        "until": words().day(invitation.expires_at.astimezone(clock.zone).date()),
        "revoke_url": url_for("admin.revoke_invitation", **address) if may else "",
        "resend_url": url_for("admin.resend_invitation", **address) if may else "",
    }
