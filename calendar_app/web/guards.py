"""Who is asking, and what stands before a page that is not for everybody.

Whoever is not signed in is led to the sign-in page and back; what a person may not see does not exist (404); what they
see but may not do is refused (403). Whose rights need a second step of signing in, and who has none set up, is led to
setting it up; public pages take them for strangers until then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from flask import abort, current_app, g, redirect, request, url_for
from flask_security import current_user

from calendar_app.extensions import db
from calendar_app.services import calendar
from calendar_app.services.access import Person, may_edit, may_steward, person_of

if TYPE_CHECKING:
    from sqlalchemy.orm import SessionTransaction

    from calendar_app.models import Account, Event


class _Known(NamedTuple):
    """Who was found to be signed in, and the transaction that found it (none for a stranger, who has no row)."""

    transaction: SessionTransaction | None
    person: Person | None


def account() -> Account | None:
    """Return the account that is signed in in this browser, with or without the second step that it may need."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001 - a proxy's way


def needs_second_step(someone: Account) -> bool:
    """Tell whether the rights of an account need a second step here; on a developer's own machine none do."""
    return person_of(someone).needs_two_steps and not current_app.config["DEVELOPMENT"]


def lacks_second_step(someone: Account) -> bool:
    """Tell whether the rights of an account need a second step that is not set up."""
    return needs_second_step(someone) and not someone.tf_totp_secret


def person_behind(someone: Account) -> Person | None:
    """Return the person of an account with all that its rights need, None while the second step is missing."""
    return None if lacks_second_step(someone) else person_of(someone)


def person() -> Person | None:
    """Return who is signed in in this browser with all that their rights need, None for anybody else.

    What was found holds for one transaction of the database: inside `transaction()` the rights are read again.
    """
    session = db.session()
    known: _Known | None = g.get("person")
    if known is None or known.transaction is not session.get_transaction():
        someone = account()
        found = person_behind(someone) if someone else None
        g.person = known = _Known(session.get_transaction(), found)
    return known.person


def signed_in() -> Person:
    """Return who is signed in; leads strangers to the sign-in page, and back here afterwards if this can be read."""
    found = person()
    if found is None:
        if account():
            abort(redirect(url_for("accounts.set_up_second_step"), 303))
        go_to_sign_in()
    return found


def signed_in_account() -> Account:
    """Return the account of whoever is signed in, for pages about the account itself; leads strangers to sign in."""
    someone = account()
    if someone is None:
        go_to_sign_in()
    return someone


def go_to_sign_in() -> NoReturn:
    """Answer with the way to the sign-in page."""
    back = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else ""
    abort(redirect(url_for("accounts.sign_in", next=back or None), 303))


def member() -> Person:
    """Return who is signed in, if a member of at least one organisation."""
    found = signed_in()
    if not found.roles:
        abort(403)
    return found


def coordinator() -> Person:
    """Return who is signed in, if deciding for at least one organisation."""
    found = signed_in()
    if not found.deciding:
        abort(403)
    return found


def system_administrator() -> Person:
    """Return who is signed in, if the system administrator."""
    found = signed_in()
    if not found.system_administrator:
        abort(403)
    return found


def seen_event(event_id: str) -> tuple[Person, Event]:
    """Return who is signed in and the event of this id that they may see; 404 if there is none."""
    someone = signed_in()
    event = calendar.find_event(db.session(), someone.viewer, event_id)
    if event is None:
        abort(404)
    return someone, event


def stewarded_event(event_id: str) -> tuple[Person, Event]:
    """Return the same of an event on which this person decides; 403 if another organisation does."""
    someone, event = seen_event(event_id)
    if not may_steward(someone, event):
        abort(403)
    return someone, event


def editable_event(event_id: str) -> tuple[Person, Event]:
    """Return the same of an event which this person may change; 403 if not."""
    someone, event = seen_event(event_id)
    if not may_edit(someone, event):
        abort(403)
    return someone, event
