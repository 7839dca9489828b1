"""Links that let somebody in: signed, short-lived, and each good for one use.

A sign-in link holds the account's uniquifier, which changes with the password, and a nonce of the account, which
changes whenever a link is used: so one link used voids all others. A password link holds the uniquifier alone, since
using it changes that.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app, url_for
from flask_security.utils import check_and_get_token_status
from sqlalchemy import select

from calendar_app.extensions import accounts, clock, db, security
from calendar_app.models import Account
from calendar_app.services import account_letters, outbox
from calendar_app.web.page import public_url

if TYPE_CHECKING:
    from calendar_app.mail.composing import Letter

_METHOD = "email"
# How many links are sent to an account in an hour, so that nobody can fill another person's mailbox.
MOST_AN_HOUR = 5


def may_send(account: Account) -> bool:
    """Tell whether a stranger may have one more link sent to an account. Call it in a transaction."""
    # Locked, so that of several who ask at once each is counted.
    db.session.refresh(account, with_for_update=True)
    return outbox.queued_since(db.session(), _key(account), clock.now() - timedelta(hours=1)) < MOST_AN_HOUR


def send_sign_in_link(account: Account, next_path: str = "") -> None:
    """Send a link that signs in. Call it in a transaction."""
    known = accounts.us_get_totp_secrets(account)
    if _METHOD not in known:
        _renew(account)
        known = accounts.us_get_totp_secrets(account)
    token = security.login_serializer.dumps([account.fs_uniquifier, known[_METHOD]])
    url = public_url(url_for("accounts.use_link", token=token, next=next_path or None))
    letter = account_letters.sign_in_link(account.language, url, _lives("LOGIN"))
    _queue(account, letter)


def account_of_sign_in_link(token: str, *, lock: bool = False) -> Account | None:
    """Return the account that a link signs in, None if the link is spent, too old or not ours.

    With `lock` nobody else changes it until the transaction ends, so that of two uses at once the second comes late.
    """
    found = _content(token, "login", _lives("LOGIN"))
    account = _account(found[0], lock=lock) if found else None
    if account is None or accounts.us_get_totp_secrets(account).get(_METHOD) != found[1]:
        return None
    return account


def spend_sign_in_links(account: Account) -> None:
    """Void every sign-in link of an account. Call it in a transaction."""
    _renew(account)


def password_link(account: Account) -> str:
    """Return the full address at which an account's password can be chosen."""
    token = security.reset_serializer.dumps([account.fs_uniquifier])
    return public_url(url_for("accounts.choose_password", token=token))


def send_password_link(account: Account) -> None:
    """Send a link at which a password can be chosen. Call it in a transaction."""
    letter = account_letters.password_link(account.language, password_link(account), _lives("RESET_PASSWORD"))
    _queue(account, letter)


def account_of_password_link(token: str, *, lock: bool = False) -> Account | None:
    """Return the account whose password a link changes, None if the link is spent, too old or not ours."""
    found = _content(token, "reset", _lives("RESET_PASSWORD"))
    return _account(found[0], lock=lock) if found else None


def recipient_of(account: Account) -> outbox.Recipient:
    """Return how letters to an account are addressed."""
    return outbox.Recipient(account.email, account.name, account.language)


def _key(account: Account) -> str:
    """Return how the keys of all letters with links to an account begin."""
    return f"link:{account.id}:"


def _queue(account: Account, letter: Letter) -> None:
    key = _key(account) + secrets.token_urlsafe(16)
    outbox.queue(db.session(), recipient_of(account), letter, clock.now(), key=key)


def _renew(account: Account) -> None:
    accounts.us_set(account, _METHOD, secrets.token_urlsafe(16))


def _lives(what: str) -> timedelta:
    lives: timedelta = current_app.config[f"SECURITY_{what}_WITHIN"]
    return lives


def _content(token: str, kind: str, lives: timedelta) -> list[str]:
    expired, invalid, content = check_and_get_token_status(token, kind, lives)
    return [] if expired or invalid or not isinstance(content, list) else content


def _account(uniquifier: str, *, lock: bool) -> Account | None:
    wanted = select(Account).where(Account.fs_uniquifier == uniquifier, Account.active)
    return db.session.scalar(wanted.with_for_update() if lock else wanted)
