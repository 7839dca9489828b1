"""Adding a source and changing its settings: it is tried, and what would come in is shown, before it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import clock, db, source_reader, transaction
from calendar_app.models import Source
from calendar_app.services import harvesting, sources
from calendar_app.services.reference import reference
from calendar_app.services.sentences import in_words
from calendar_app.services.source_asks import SourceFailedError
from calendar_app.web import guards
from calendar_app.web.page import words
from calendar_app.web.sources import shown
from calendar_app.web.sources.area import blueprint, kept_source
from calendar_app.web.sources.forms import SourceForm
from calendar_app.web.submit import choices

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from calendar_app.services.access import Person


@blueprint.route("/sources/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Add a source."""
    someone = guards.coordinator()
    form = SourceForm(someone)
    preview = None
    if form.validate_on_submit():
        preview = _tried(form, someone, None)
        if preview and request.form.get("action") == "save":
            with transaction(exclusive=False) as session:
                someone = guards.coordinator()
                values = form.values()
                if values["owner_code"] in someone.deciding:
                    slug = sources.add(
                        session, values | {"slug": sources.free_slug(session, values["name"])}, clock.now()
                    ).slug
                    flash(_("The source is saved and harvested for the first time."))
                    return redirect(url_for("sources.source", slug=slug), 303)
    return _page(form, preview, title=_("New source"), back=url_for("sources.listing"))


@blueprint.route("/sources/<slug>/edit", methods=["GET", "POST"])
def edit(slug: str) -> ResponseReturnValue:
    """Change the settings of a source."""
    someone, found = kept_source(slug)
    form = SourceForm(someone, found)
    preview = None
    if form.validate_on_submit():
        preview = _tried(form, someone, slug)
        if preview and request.form.get("action") == "save":
            with transaction(exclusive=False):
                _someone, found = kept_source(slug)
                sources.change(found, form.values())
                sources.ask_now(found, clock.now())
                paused = found.paused
            flash(_("The settings are saved.") if paused else _("The settings are saved. The source is read anew."))
            return redirect(url_for("sources.source", slug=slug), 303)
    return _page(form, preview, title=_("Settings of a source"), back=url_for("sources.source", slug=slug))


def _tried(form: SourceForm, someone: Person, slug: str | None) -> dict[str, Any] | None:
    """Return what would come in by these settings; None if the address gives nothing, which is said at its field."""
    session = db.session()
    stored = sources.find_or_raise(session, slug) if slug else None
    number = stored.id if stored else None
    # A value of its own, which no session knows: nothing of it is written.
    tried = Source(id=number, slug=slug or "new", **form.values())
    session.rollback()
    try:
        answer = source_reader()(harvesting.whole(tried, clock.today()))
    except SourceFailedError as problem:
        form.url.errors = [*form.url.errors, in_words(harvesting.hosts_only(problem.sentence), words())]
        return None
    feed = harvesting.feed_said(session, tried, answer, reference())
    return shown.plan_of(session, harvesting.plan_of(session, tried, feed, clock.today()), someone.viewer)


def _page(form: SourceForm, preview: dict[str, Any] | None, *, title: str, back: str) -> ResponseReturnValue:
    html = render_template(
        "sources/settings.html",
        form=form,
        preview=preview,
        title=title,
        back_url=back,
        zones=choices.suggestions(words())["zones"],
    )
    return html, 422 if form.errors else 200
