"""How often sign-in and its companions may be tried.

Whoever tries is known by their network only. The few tries at one account, or at one link, are counted for each
network, so that nobody uses up those of the person; many more are counted for the account whatever the network.
"""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import TYPE_CHECKING

from flask import request, session

from calendar_app.extensions import limiter, network
from calendar_app.services.accounts import normal_email

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

BY_NETWORK = "20 per minute"
BY_ACCOUNT = "5 per minute; 30 per hour"
# Of passwords and codes, from wherever they come.
FROM_EVERYWHERE = "100 per hour"


def tried_by_anybody(scope: str, *, guessing: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Limit the POSTs to a view by network, and by the e-mail address that is typed; `scope` names the act.

    With `guessing`, for what somebody could find out by trying, those at one address are limited from everywhere too.
    """
    return _limited(scope, _typed_account, guessing=guessing)


def tried_in_session(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Limit the POSTs to a view by network, and by the account that this session is about, also from everywhere."""
    return _limited(scope, _account_of_session, guessing=True)


def tried_with_token(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Limit the POSTs to a view by network, and by the token in its address."""
    return _limited(scope, _token, guessing=False)


def _limited(scope: str, about: Callable[[], str], *, guessing: bool) -> Callable[[Callable[P, R]], Callable[P, R]]:
    # In the order in which they are looked at: what is refused here is not counted elsewhere.
    limits = [
        limiter.shared_limit(
            BY_ACCOUNT, f"{scope} account", key_func=lambda: f"{network()} {about()}", methods=["POST"]
        ),
        limiter.shared_limit(BY_NETWORK, f"{scope} network", key_func=network, methods=["POST"]),
    ]
    if guessing:
        limits.append(limiter.shared_limit(FROM_EVERYWHERE, f"{scope} anywhere", key_func=about, methods=["POST"]))

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        limited = view
        for limit in limits:
            limited = limit(limited)
        answer: Callable[P, R] = wraps(view)(limited)
        return answer

    return decorate


def _typed_account() -> str:
    typed = request.form.get("email", "")
    return normal_email(typed) or typed.strip().lower()[:254] or network()


def _account_of_session() -> str:
    return str(session.get("first_step", {}).get("who") or session.get("_user_id") or network())


def _token() -> str:
    # The store of the limits is no place for what opens an account.
    return hashlib.sha256(str((request.view_args or {}).get("token", "")).encode("utf-8", "surrogatepass")).hexdigest()
