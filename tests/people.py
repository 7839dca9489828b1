"""People with accounts, and the browsers in which they are signed in."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from calendar_app.extensions import clock, transaction
from calendar_app.models import Account, Membership
from calendar_app.services import sign_ins

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


def new_account(email: str, *, name: str = "", system_administrator: bool = False, **roles: str) -> int:
    """Add a person to the current application; `roles` are by code of organisation. Return the account's id."""
    with transaction() as session:
        account = Account(
            issuer="local",
            subject=uuid.uuid4().hex,
            email=email,
            name=name or email.partition("@")[0].title(),
            system_administrator=system_administrator,
            created_at=clock.now(),
            confirmed_at=clock.now(),
            fs_uniquifier=uuid.uuid4().hex,
            memberships=[Membership(organisation_code=code, role=role) for code, role in roles.items()],
        )
        session.add(account)
        session.flush()
        return account.id


def browser_of(application: Flask, account_id: int) -> FlaskClient:
    """A browser in which a person is signed in."""
    browser = application.test_client()
    with transaction() as session:
        row_id = sign_ins.begin(session, account_id, "", clock.now()).id
        uniquifier = session.get(Account, account_id).fs_uniquifier
    with browser.session_transaction() as kept:
        kept.update({"_user_id": uniquifier, "_fresh": True, "sign_in": row_id, "fs_paa": time.time()})
        kept.permanent = True
    return browser
