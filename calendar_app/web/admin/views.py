"""Organisations, members, reference lists, the planning policy, the audit log."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from flask import g, request

from calendar_app.extensions import db
from calendar_app.services.calendar import calendar_version
from calendar_app.services.reference import using
from calendar_app.services.reference_entries import lists_of
from calendar_app.web.admin import audit, lead_times, lists, mail, members, organisations, people, policy
from calendar_app.web.admin.area import admin_page, administrator, blueprint

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

__all__ = ["audit", "blueprint", "lead_times", "lists", "mail", "members", "organisations", "people", "policy"]
# These have to answer whatever the state of the database, and name nothing.
_WITHOUT_LISTS = frozenset({None, "static", "health.healthz", "health.readyz"})


@blueprint.get("/admin")
def index() -> ResponseReturnValue:
    """Show what there is to administer."""
    administrator()
    return admin_page("index.html")


@blueprint.before_app_request
def _use_lists() -> None:
    """Let every page speak of organisations, bodies and cities as this calendar has them."""
    if request.endpoint not in _WITHOUT_LISTS:
        # Kept for the time of the request: pages that are kept ask for it too, and are answered without a query.
        g.calendar_version = calendar_version(db.session())
        g.lists = ExitStack()
        g.lists.enter_context(using(lists_of(db.session(), g.calendar_version)))


@blueprint.teardown_app_request
def _leave_lists(_problem: BaseException | None) -> None:
    g.pop("calendar_version", None)
    if lists_in_use := g.pop("lists", None):
        lists_in_use.close()
