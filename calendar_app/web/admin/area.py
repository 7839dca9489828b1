"""The area of administration: its blueprint, who may do what there, and its own way around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import db
from calendar_app.models import Account, Organisation
from calendar_app.services import members
from calendar_app.services.access import Person, person_of
from calendar_app.web import guards
from calendar_app.web.page import words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("admin", __name__)
MOST_TYPED = 200


def administrator() -> Person:
    """Return who is signed in, if the system administrator or the administrator of an organisation; 403 if not."""
    person = guards.signed_in()
    if not person.system_administrator and not person.managing:
        abort(403)
    return person


def still(session: Session) -> Person:
    """Return who is signed in as the transaction finds them: rights may have ended since the page was opened."""
    account = session.get(Account, guards.signed_in().account_id)
    if account is None or not account.active:
        abort(403)
    return person_of(account)


def still_system_administrator(session: Session) -> Person:
    """Return the same, if still the system administrator; 403 if not."""
    person = still(session)
    if not person.system_administrator:
        abort(403)
    return person


def organisation_of(session: Session, code: str) -> Organisation:
    """Return the organisation of this code; 404 if there is none."""
    found = session.get(Organisation, code) if "\0" not in code else None
    return found or abort(404)


def rights_in(session: Session, person: Person, organisation: Organisation) -> members.Rights:
    """Return what the person may do with an organisation's members; 403 if not even see them."""
    rights = members.rights(session, person, organisation)
    if not rights.see:
        abort(403)
    return rights


def organisation_name(organisation: Organisation) -> str:
    """Return the short name of an organisation in the reader's language."""
    return words().gettext(organisation.short_name)


def typed(name: str) -> str:
    """Return a parameter of the address as text of a measure in which something can be looked for."""
    return request.args.get(name, "").replace("\0", "").strip()[:MOST_TYPED]


def admin_page(template: str, status: int = 200, **values: Any) -> tuple[str, int]:  # noqa: ANN401
    """Return a page of administration, with the way to the others that this person may open."""
    return render_template(f"admin/{template}", ways=_ways(guards.signed_in()), **values), status


def _ways(person: Person) -> list[dict[str, Any]]:
    here = request.path
    ways = []
    if person.system_administrator:
        ways += [
            (_("Organisations"), url_for("admin.organisations")),
            (_("People"), url_for("admin.people")),
            (_("Lists"), url_for("admin.lists")),
            (_("Planning policy"), url_for("admin.policy")),
            (_("Mail and schedule"), url_for("admin.mail")),
            (_("Exchange round"), url_for("exchange.settings")),
        ]
    for code in sorted(person.managing):
        organisation = db.session().get(Organisation, code)
        if organisation:
            label = _("Members of %(organisation)s", organisation=organisation_name(organisation))
            ways.append((label, url_for("admin.members", code=code)))
    ways.append((_("Audit log"), url_for("admin.audit")))
    # The longest address that this one begins with: the list of organisations is also before each one's members.
    best = max((url for _label, url in ways if here == url or here.startswith(url + "/")), key=len, default="")
    return [{"label": label, "url": url, "current": url == best} for label, url in ways]
