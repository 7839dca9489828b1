"""People as members: inviting, joining, changing roles, leaving, and closing an account.

Who may do it is decided before (`services/access.py`). Each act leaves an entry in the audit log.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, or_, select, update

from calendar_app.models import Account, Invitation, Membership, Organisation
from calendar_app.services import account_letters, audit, outbox, private_feeds, sign_ins
from calendar_app.services.access import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person

# Accounts of this calendar's own; others will come with single sign-on.
ISSUER = "local"
INVITATION_LIVES = timedelta(days=14)
COMMAND_LINE = "command line"
# It names nobody's mailbox: the first administrator gets in by the link that the first start prints.
FIRST_ADMINISTRATOR = outbox.NOBODY


class LastAdministratorError(ValueError):
    """An organisation would be left without an administrator by one of its own."""


def normal_email(text: str) -> str | None:
    """Return an address as it is kept, in small letters, None if it cannot be one. Nothing is looked up."""
    if text.strip().lower() == FIRST_ADMINISTRATOR:
        return FIRST_ADMINISTRATOR
    try:
        valid = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return valid.normalized.lower()


def account_of(session: Session, email: str) -> Account | None:
    """Return the account that has this address."""
    wanted = normal_email(email)
    return session.scalar(select(Account).where(Account.email == wanted)) if wanted else None


def new_account(email: str, now: datetime, *, name: str = "", language: str = "en") -> Account:
    """Return a new account that nobody has signed in to yet. `email` is normal."""
    return Account(
        issuer=ISSUER,
        subject=uuid.uuid4().hex,
        email=email,
        name=name,
        language=language,
        created_at=now,
        fs_uniquifier=uuid.uuid4().hex,
    )


def invite(
    session: Session,
    *,
    email: str,
    organisation: str,
    role: str,
    language: str,
    by: Person | None,
    now: datetime,
    link: Callable[[str], str],
) -> Invitation:
    """Invite somebody to an organisation by letter; an older invitation to it for the same address ends.

    `link` makes the full address of an invitation from its token; `by` is None for the command line. Raises ValueError
    if `email` cannot be an address, `role` is none, or there is no such organisation.
    """
    invitation, token = invite_by_hand(
        session, email=email, organisation=organisation, role=role, language=language, by=by, now=now
    )
    letter = account_letters.invitation(session, invitation, by, link(token))
    known = account_of(session, invitation.email)
    to = outbox.Recipient(invitation.email, known.name if known else "", invitation.language)
    outbox.queue(session, to, letter, now)
    return invitation


def invite_by_hand(
    session: Session, *, email: str, organisation: str, role: str, language: str, by: Person | None, now: datetime
) -> tuple[Invitation, str]:
    """Do the same without a letter; return the invitation and its token, which is kept nowhere."""
    wanted = normal_email(email)
    if wanted in {None, FIRST_ADMINISTRATOR}:
        message = f"{email!r} cannot be an e-mail address"
        raise ValueError(message)
    if session.get(Organisation, organisation) is None:
        message = f"there is no organisation {organisation!r}"
        raise ValueError(message)
    session.execute(
        update(Invitation)
        .where(
            Invitation.email == wanted,
            Invitation.organisation_code == organisation,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        token_digest=_digest(token),
        email=wanted,
        organisation_code=organisation,
        role=Role(role).value,
        language=language,
        invited_by_id=by.account_id if by else None,
        created_at=now,
        expires_at=now + INVITATION_LIVES,
    )
    session.add(invitation)
    session.flush()
    _note(session, by, "member invited", wanted, now, organisation, role=invitation.role)
    return invitation, token


def open_invitations(session: Session, organisation: str, now: datetime) -> list[Invitation]:
    """Return the invitations to an organisation that can still be accepted, oldest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.organisation_code == organisation, *_is_open(now))
            .order_by(Invitation.created_at, Invitation.id)
        )
    )


def invitation_of(session: Session, token: str, now: datetime, *, lock: bool = False) -> Invitation | None:
    """Return the invitation of a token if it can still be accepted; with `lock` by nobody else at the same time."""
    wanted = select(Invitation).where(Invitation.token_digest == _digest(token), *_is_open(now))
    return session.scalar(wanted.with_for_update() if lock else wanted)


def accept(session: Session, invitation: Invitation, now: datetime, name: str = "") -> Account:
    """Make the invited person a member; the account is made if the address has none. Return the account.

    `name` is taken if the account has none. An account that is closed stays closed, and a role that is there already
    is never lowered.
    """
    account = account_of(session, invitation.email)
    if account is None:
        account = new_account(invitation.email, now, language=invitation.language)
        session.add(account)
        session.flush()
    account.name = account.name or name
    ranks = list(Role)
    role = Role(invitation.role)
    membership = session.get(Membership, (account.id, invitation.organisation_code))
    if membership is None:
        account.memberships.append(Membership(organisation_code=invitation.organisation_code, role=role.value))
    elif ranks.index(Role(membership.role)) < ranks.index(role):
        membership.role = role.value
    invitation.accepted_at = now
    audit.note(
        session,
        actor=account.name or account.email,
        account_id=account.id,
        action="invitation accepted",
        subject=account.email,
        organisation=invitation.organisation_code,
        now=now,
        details={"role": invitation.role},
    )
    session.flush()
    return account


def revoke_invitation(session: Session, invitation: Invitation, *, by: Person, now: datetime) -> None:
    """Take an invitation back; nothing happens if it was accepted or ended before."""
    if invitation.accepted_at or invitation.revoked_at:
        return
    invitation.revoked_at = now
    _note(session, by, "invitation revoked", invitation.email, now, invitation.organisation_code)


def change_role(session: Session, membership: Membership, role: str, *, by: Person, now: datetime) -> None:
    """Give a member another role; open invitations to and from the person end, or one could undo this.

    Raises LastAdministratorError, and ValueError if `role` is none.
    """
    wanted, before = Role(role), membership.role
    if wanted == before:
        return
    if before == Role.ADMINISTRATOR:
        _keep_an_administrator(session, membership, by)
    membership.role = wanted.value
    _end_invitations(session, membership.account, by, now, membership.organisation_code)
    _note(
        session,
        by,
        "role changed",
        membership.account.email,
        now,
        membership.organisation_code,
        before=before,
        after=wanted.value,
    )


def remove_member(session: Session, membership: Membership, *, by: Person, now: datetime) -> None:
    """End a membership, and the open invitations to and from the person; the account and what they did stay.

    Raises LastAdministratorError.
    """
    if membership.role == Role.ADMINISTRATOR:
        _keep_an_administrator(session, membership, by)
    account, organisation, role = membership.account, membership.organisation_code, membership.role
    account.memberships.remove(membership)
    session.flush()
    _end_invitations(session, account, by, now, organisation)
    _note(session, by, "member removed", account.email, now, organisation, role=role)


def deactivate(session: Session, account: Account, *, by: Person, now: datetime) -> None:
    """Close an account: nobody can sign in to it, and whoever is signed in is out at once. Memberships stay.

    All open invitations to and from the person end, and so do the addresses of private feeds.
    """
    account.active = False
    # Cookies and links that name the old one are worth nothing even if the account is opened again.
    account.fs_uniquifier = uuid.uuid4().hex
    sign_ins.end_all(session, account.id, now)
    private_feeds.revoke_all(session, account.id, by=by, now=now)
    _end_invitations(session, account, by, now)
    _note(session, by, "account closed", account.email, now)


def reactivate(session: Session, account: Account, *, by: Person, now: datetime) -> None:
    """Open a closed account again."""
    account.active = True
    _note(session, by, "account opened again", account.email, now)


def make_system_administrator(session: Session, email: str, now: datetime, *, name: str = "") -> Account:
    """Make the account of an address a system administrator's, and the account if there is none; return it.

    This is done on the command line only. Raises ValueError if `email` cannot be an address.
    """
    wanted = normal_email(email)
    if wanted is None:
        message = f"{email!r} cannot be an e-mail address"
        raise ValueError(message)
    account = account_of(session, wanted)
    if account is None:
        account = new_account(wanted, now, name=name)
        session.add(account)
    account.system_administrator = True
    session.flush()
    _note(session, None, "system administrator appointed", wanted, now)
    return account


def first_administrator(session: Session, now: datetime) -> Account | None:
    """Return the system administrator who is still to sign in for the first time, made if there is no account at all.

    None once a system administrator has signed in, or if all accounts are of other people.
    """
    known = list(session.scalars(select(Account).where(Account.system_administrator).order_by(Account.id)))
    if any(account.confirmed_at for account in known):
        return None
    if known:
        return known[0]
    if session.scalar(select(func.count()).select_from(Account)):
        return None
    return make_system_administrator(session, FIRST_ADMINISTRATOR, now, name="Administrator")


def _is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now


def _end_invitations(session: Session, account: Account, by: Person, now: datetime, organisation: str = "") -> None:
    """Take back what is open to the address of an account or was sent by it, in one organisation or in all."""
    query = select(Invitation).where(
        or_(Invitation.email == account.email, Invitation.invited_by_id == account.id), *_is_open(now)
    )
    if organisation:
        query = query.where(Invitation.organisation_code == organisation)
    for invitation in session.scalars(query.order_by(Invitation.id)):
        revoke_invitation(session, invitation, by=by, now=now)


def _keep_an_administrator(session: Session, leaving: Membership, by: Person) -> None:
    """Refuse to leave an organisation without an active administrator; the system administrator may appoint anew."""
    others = session.scalar(
        select(func.count())
        .select_from(Membership)
        .join(Account)
        .where(
            Membership.organisation_code == leaving.organisation_code,
            Membership.role == Role.ADMINISTRATOR,
            Membership.account_id != leaving.account_id,
            Account.active,
        )
    )
    if not others and not by.system_administrator:
        raise LastAdministratorError(leaving.organisation_code)


def _note(
    session: Session,
    by: Person | None,
    action: str,
    subject: str,
    now: datetime,
    organisation: str = "",
    **details: str,
) -> None:
    audit.note(
        session,
        actor=(by.name or by.email) if by else COMMAND_LINE,
        account_id=by.account_id if by else None,
        action=action,
        subject=subject,
        organisation=organisation,
        now=now,
        details=details,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
