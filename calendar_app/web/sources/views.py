"""The list of sources, one source, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock, db, source_reader, transaction
from calendar_app.services import harvesting, sources
from calendar_app.services.reference import reference
from calendar_app.services.sentences import in_words
from calendar_app.services.source_asks import SourceFailedError
from calendar_app.web import guards
from calendar_app.web.page import words
from calendar_app.web.sources import settings, settling, shown
from calendar_app.web.sources.area import blueprint, kept_source, seen_source
from calendar_app.web.sources.forms import GoneForm
from calendar_app.web.submit.area import moment_in_words
from calendar_app.web.submit.sending import change_by

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

__all__ = ["blueprint", "settings", "settling"]


@blueprint.get("/sources")
def listing() -> str:
    """List the sources, with how each of them is."""
    someone = guards.member()
    session = db.session()
    found = sources.every(session)
    ids = [source.id for source in found]
    last, counts = sources.last_runs(session, ids), sources.item_counts(session, ids)
    return render_template(
        "sources/list.html",
        sources=[shown.line_of(s, last.get(s.id), counts.get(s.id, 0)) for s in found],
        may_add=bool(someone.deciding),
    )


@blueprint.get("/sources/<slug>")
def source(slug: str) -> str:
    """Show one source: what it did, what it disagrees on, how it has been."""
    someone, found = seen_source(slug)
    session = db.session()
    runs = sources.runs(session, found)
    keeps = found.owner_code in someone.deciding
    count = sources.item_counts(session, [found.id]).get(found.id, 0)
    missing = sources.missing(session, found)
    ending = sources.that_end(session, found, missing, clock.today()) if missing and keeps else []
    return render_template(
        "sources/source.html",
        source={
            "slug": found.slug,
            "name": found.name,
            # The rest of it may be a secret between the owner and the source.
            "address": found.url if keeps else urlsplit(found.url).hostname or "",
            "owner": words().organisation(found.owner_code, found.owner_code),
            "health": shown.health_in_words(found),
            "is_well": not (found.failing_since or found.much_gone_at),
            "paused": found.paused,
            "events": count,
            "asked": moment_in_words(found.asked_at) if found.asked_at else "",
            "next": moment_in_words(found.due_at) if not found.paused else "",
            "stage": shown.stage_in_words(found),
            "trust": found.trust,
        },
        keeps=keeps,
        last=shown.run_of(session, runs[0], someone.viewer) if runs else None,
        earlier=[{"moment": moment_in_words(run.at), "said": shown.run_in_words(run)} for run in runs[1:]],
        disagreements=shown.disagreements_of(session, found, someone),
        missing=shown.missing_of(session, missing, someone.viewer),
        missing_count=len(missing),
        ending=shown.missing_of(session, ending, someone.viewer),
        missing_seen=sources.digest_of(missing),
        health=shown.health_of(session, found),
    )


@blueprint.post("/sources/<slug>/run")
def run_now(slug: str) -> ResponseReturnValue:
    """Let a source be harvested at once; the page says how far that is."""
    kept_source(slug)
    with transaction(exclusive=False):
        _someone, found = kept_source(slug)
        if not found.paused and not found.stage:
            sources.ask_now(found, clock.now())
    return redirect(url_for("sources.source", slug=slug), 303)


@blueprint.post("/sources/<slug>/<any(pause, resume):act>")
def pause(slug: str, act: str) -> ResponseReturnValue:
    """Ask a source no more for now, or again."""
    kept_source(slug)
    with transaction(exclusive=False):
        _someone, found = kept_source(slug)
        if act == "pause":
            sources.pause(found)
        else:
            sources.resume(found, clock.now())
    flash(_("The source is paused. What came from it stays.") if act == "pause" else _("The source is asked again."))
    return redirect(url_for("sources.source", slug=slug), 303)


@blueprint.post("/sources/<slug>/try")
def dry_run(slug: str) -> ResponseReturnValue:
    """Show what a harvest would do now; nothing is written."""
    someone, found = kept_source(slug)
    session = db.session()
    ask = harvesting.whole(found, clock.today())
    decided, problem = None, ""
    # The connection is not held while the source takes its time.
    session.rollback()
    try:
        answer = source_reader()(ask)
        found = sources.find_or_raise(session, slug)
        feed = harvesting.feed_said(session, found, answer, reference())
        decided = shown.plan_of(session, harvesting.plan_of(session, found, feed, clock.today()), someone.viewer)
    except SourceFailedError as failed:
        problem = in_words(harvesting.hosts_only(failed.sentence), words())
    return render_template("sources/try.html", name=found.name, slug=slug, plan=decided, problem=problem)


@blueprint.post("/sources/<slug>/gone")
def gone(slug: str) -> ResponseReturnValue:
    """Answer what it means that so much is gone from a source: called off, or only not listed any more."""
    kept_source(slug)
    form = GoneForm()
    if form.answer.data not in {"cancel", "stay"}:
        abort(400)
    try:
        with transaction() as session:
            someone, found = kept_source(slug)
            made = change_by(
                session, someone, found.owner_code, _("It is not in the source %(name)s any more.", name=found.name)
            )
            seen, cancel = form.seen.data or "", form.answer.data == "cancel"
            count = sources.answer_gone(session, found, seen, made, reference(), cancel=cancel, today=clock.today())
    except sources.AnsweredError:
        flash(_("The list changed meanwhile. Nothing was done; please look again."), "warn")
    else:
        told = ngettext("%(num)d event is called off.", "%(num)d events are called off.", count)
        flash(told if cancel else _("The events stay as they are."))
    return redirect(url_for("sources.source", slug=slug), 303)
