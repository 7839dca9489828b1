"""Signing in, the own account, invitations: gathers the pages."""

from __future__ import annotations

from calendar_app.web.accounts.area import blueprint
from calendar_app.web.accounts.fresh import confirm_identity
from calendar_app.web.accounts.invitations import invitation
from calendar_app.web.accounts.own_account import own_account
from calendar_app.web.accounts.passwords import change_password
from calendar_app.web.accounts.sign_in import sign_in
from calendar_app.web.accounts.two_step import second_step

# One page of each module, so that all of them are there.
__all__ = ["blueprint", "change_password", "confirm_identity", "invitation", "own_account", "second_step", "sign_in"]
