"""People with passwords and authenticators, and applications as they are outside development."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask_security.proxies import _security
from flask_security.utils import hash_password
from sqlalchemy import select

import config
from calendar_app.extensions import accounts, db, transaction
from calendar_app.factory import create_app
from calendar_app.models import Account
from tests.conftest import Browser, close_databases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

PASSWORD = "seven quiet herons over Lake Geneva"


@pytest.fixture
def with_password(app, add_account) -> Callable[..., int]:
    """Add a person who has the password PASSWORD."""

    def add(email: str = "ana@brs.example", **values) -> int:
        account_id = add_account(email, **values)
        with transaction() as session, app.test_request_context():
            session.get(Account, account_id).password = hash_password(PASSWORD)
        return account_id

    return add


@pytest.fixture
def with_authenticator(app) -> Callable[[int], tuple[Callable[[], str], list[str]]]:
    """Give an account an authenticator: returns what shows its code, and the recovery codes."""

    def add(account_id: int) -> tuple[Callable[[], str], list[str]]:
        with transaction() as session, app.test_request_context():
            account = session.get(Account, account_id)
            secret = _security.totp_factory.generate_totp_secret()
            accounts.tf_set(account, "authenticator", totp_secret=secret)
            codes = _security.mf_recovery_codes_util.create_recovery_codes(account)
        return lambda: _security.totp_factory.generate_totp_password(secret), codes

    return add


def account(email: str) -> Account:
    """The account of an address as it is now."""
    db.session.rollback()
    return db.session.scalars(select(Account).where(Account.email == email)).one()


@pytest.fixture
def app_elsewhere(databases, tmp_path) -> Iterator[Flask]:
    """An application as it is outside development, on a database with all tables; limits are on."""
    url = databases.make(with_tables=True)
    values = {
        "DATABASE_URL": url,
        "SECRET_KEY": "x" * 40,
        "PUBLIC_URL": "https://calendar.example.org",
    }
    application = create_app(config.load(values, tmp_path).for_flask())
    application.testing = True
    application.test_client_class = Browser
    with application.app_context():
        yield application
        close_databases()
    databases.drop(url)
