"""Pages of plain text."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from calendar_app.extensions import db
from calendar_app.services import organisations
from calendar_app.web.page import refuse_filters

blueprint = Blueprint("pages", __name__)


@blueprint.get("/about")
def about() -> str:
    """Say what this is, who keeps it, and how to read it."""
    refuse_filters()
    stewards = [{"name": o.name, "url": o.url} for o in organisations.members(db.session())]
    about = {"subscribe_url": url_for("subscribe.subscribe")}
    return render_template("pages/about.html", stewards=stewards, about=about)
