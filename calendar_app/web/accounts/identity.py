"""Who is signed in: Flask-Security set up to our needs, and the row behind every sign-in.

Pages and forms are ours; the machinery (hashes, codes, tokens, the sign-in itself) is Flask-Security's. None of its
routes exist here; docs/decisions/0010 says why.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import g, request, session
from flask_security.signals import user_authenticated
from flask_security.utils import login_user, logout_user, set_request_attr

from calendar_app.extensions import accounts, clock, db, note_in_passing, security
from calendar_app.services import audit, sign_ins

if TYPE_CHECKING:
    from flask import Flask, Response

    from calendar_app.models import Account

# The key in the session under which the id of the browser's row stands.
_ROW = "sign_in"


def configure(config: dict[str, Any]) -> None:
    """Set what Flask, Flask-Security and Flask-Limiter read about signing in. SECRET_KEY and DEVELOPMENT are there."""
    secret, development = str(config["SECRET_KEY"]), bool(config["DEVELOPMENT"])
    config.update(
        # The prefix makes browsers refuse a cookie that is not bound to this very host by https.
        SESSION_COOKIE_NAME="session" if development else "__Host-session",
        PERMANENT_SESSION_LIFETIME=sign_ins.LIFETIME,
        SESSION_REFRESH_EACH_REQUEST=False,
        # A form lives as long as the session. The token protects it; the referrer is withheld on purpose.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        # Argon2 has a salt of its own in every hash; a further one would bind all passwords to SECRET_KEY.
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_SALT=key_for("passwords", secret),
        # What OWASP asks of argon2id at the least; more memory would add up over threads.
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
            "argon2__memory_cost": 19 * 1024,
            "argon2__rounds": 2,
            "argon2__parallelism": 1,
        },
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TOTP_SECRETS={"1": key_for("authenticators", secret)},
        SECURITY_TOTP_ISSUER="Joint meeting calendar",
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=10,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[key_for("recovery codes", secret).encode()],
        SECURITY_LOGIN_WITHIN=timedelta(minutes=15),
        SECURITY_RESET_PASSWORD_WITHIN=timedelta(hours=1),
        SECURITY_FRESHNESS=timedelta(minutes=30),
        # With a time of grace each use would put off the end of the proof.
        SECURITY_FRESHNESS_GRACE_PERIOD=timedelta(0),
        # Our own letters tell of changes.
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_SEND_PASSWORD_RESET_NOTICE_EMAIL=False,
        # Accounts are made by invitation and on our own command line only.
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        RATELIMIT_ENABLED=config.get("RATELIMIT_ENABLED", True),
        RATELIMIT_STORAGE_URI=config["REDIS_URL"] or "memory://",
        # Without the store each process still counts for itself.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )


def key_for(purpose: str, secret_key: str) -> str:
    """Return a key of its own for one purpose, made from the application's, in the form that Fernet takes."""
    digest = hashlib.sha256(f"{purpose}:{secret_key}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def init_app(app: Flask) -> None:
    """Start Flask-Security without its routes, and let a browser's row decide whether it is signed in."""
    security.init_app(app, accounts, register_blueprint=False)
    app.login_manager.user_loader(_account_of_browser)  # type: ignore[attr-defined]
    # The row stands for the browser; its network address may change.
    app.login_manager.session_protection = None  # type: ignore[attr-defined]
    # No tokens in addresses or headers: the cookie is the only way.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    # What follows would read the cookie for every answer, static files and feeds included: Flask-Principal's rights,
    # of which we use none, and Flask-Login's cookie for being remembered, which we never hand out.
    app.before_request_funcs[None].remove(security.principal._on_before_request)  # noqa: SLF001
    app.after_request_funcs[None].remove(app.login_manager._update_remember_cookie)  # type: ignore[attr-defined]  # noqa: SLF001
    user_authenticated.connect(_note_sign_in, app)
    app.after_request(_note_use)


def _account_of_browser(uniquifier: str) -> Account | None:
    """Return the account of a signed session if its browser's row still lives."""
    found = sign_ins.who(db.session(), session.get(_ROW, ""), uniquifier, clock.now())
    if found is None:
        return None
    account, row = found
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    if clock.now() - row.seen_at > sign_ins.NOTED_EVERY:
        g.used_sign_in = row.id
    return account


def _note_use(response: Response) -> Response:
    if row_id := g.pop("used_sign_in", None):
        note_in_passing(lambda db_session: sign_ins.note_use(db_session, row_id, clock.now()))
    return response


def _note_sign_in(_app: Flask, *, user: Account, authn_via: list[str] | None = None, **_rest: object) -> None:
    """Give the browser a row. However somebody is signed in, Flask-Security calls this."""
    now = clock.now()
    row = sign_ins.begin(db.session(), user.id, request.user_agent.string, now)
    session[_ROW] = row.id
    session.permanent = True
    if user.confirmed_at is None:
        user.confirmed_at = now
    audit.note(
        db.session(),
        actor=user.name or user.email,
        account_id=user.id,
        action="signed in",
        subject=user.email,
        now=now,
        details={"by": authn_via or []},
    )


def enter(account: Account, *via: str) -> None:
    """Sign an account in in this browser, in a session that holds nothing from before. Call it in a transaction."""
    leave()
    login_user(account, remember=False, authn_via=list(via))
    g.pop("person", None)


def leave() -> None:
    """Sign this browser out and empty its session. Call it in a transaction."""
    if row_id := session.get(_ROW):
        sign_ins.end_row(db.session(), row_id, clock.now())
    logout_user()
    session.clear()
    for name in ("person", "csrf_token"):
        g.pop(name, None)


def this_sign_in() -> str:
    """Return the id of this browser's row, "" for a stranger's."""
    row_id: str = session.get(_ROW, "")
    return row_id


def end_everywhere(account: Account) -> None:
    """Sign an account out of every browser, and void all links that were sent to it. Call it in a transaction."""
    accounts.set_uniquifier(account)
    sign_ins.end_all(db.session(), account.id, clock.now())


def end_elsewhere(account: Account) -> int:
    """Do the same, but leave this browser signed in; return how many others were. Call it in a transaction."""
    accounts.set_uniquifier(account)
    session["_user_id"] = account.fs_uniquifier
    return sign_ins.end_all(db.session(), account.id, clock.now(), but=this_sign_in())
