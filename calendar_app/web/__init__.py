"""The pages and feeds: parameters in, one service call, a page out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendar_app.web import errors, form_messages, headers, page
from calendar_app.web.accounts import views as accounts
from calendar_app.web.admin import views as admin
from calendar_app.web.calendar import views as calendar
from calendar_app.web.clashes import views as clashes
from calendar_app.web.digests import views as digests
from calendar_app.web.events import views as events
from calendar_app.web.exchange import views as exchange
from calendar_app.web.export import views as export
from calendar_app.web.feeds import views as feeds
from calendar_app.web.finder import views as finder
from calendar_app.web.health import views as health
from calendar_app.web.imports import views as imports
from calendar_app.web.moderation import views as moderation
from calendar_app.web.pages import sitemap
from calendar_app.web.pages import views as pages
from calendar_app.web.planner import views as planner
from calendar_app.web.public_mail import views as public_mail
from calendar_app.web.review import views as review
from calendar_app.web.sources import views as sources
from calendar_app.web.submit import views as submit
from calendar_app.web.subscribe import views as subscribe
from calendar_app.web.work import views as work
from calendar_app.web.workspace import views as workspace

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Register every area, the error pages and what all answers share."""
    areas = (
        events,
        calendar,
        export,
        feeds,
        subscribe,
        pages,
        sitemap,
        health,
        planner,
        accounts,
        submit,
        moderation,
        clashes,
        finder,
        review,
        work,
        workspace,
        imports,
        sources,
        digests,
        public_mail,
        exchange,
        admin,
    )
    for area in areas:
        app.register_blueprint(area.blueprint)
    headers.init_app(app)
    errors.init_app(app)
    page.init_app(app)
    form_messages.init_app(app)
