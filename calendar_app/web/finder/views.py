"""The finder's page, and holding the dates that were found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from calendar_app.extensions import clock, db, limiter, transaction
from calendar_app.planning.vocabulary import Status
from calendar_app.services import options, planning_facts, policies
from calendar_app.services.date_search import NoExactDaysError, search_dates
from calendar_app.services.event_work import NotPossibleError
from calendar_app.services.records import Option
from calendar_app.services.reference import reference
from calendar_app.web import guards
from calendar_app.web.finder.area import blueprint
from calendar_app.web.finder.asked import asked_of, first_values, may_hold, values_of_event
from calendar_app.web.finder.forms import FinderForm, HoldForm
from calendar_app.web.finder.shown import Shown
from calendar_app.web.page import read_filter, words
from calendar_app.web.submit import choices
from calendar_app.web.work.subject import made_by, subject, summary

if TYPE_CHECKING:
    from typing import TypeAlias

    from werkzeug.wrappers import Response

    from calendar_app.models import Event
    from calendar_app.services.access import Person

    Answer: TypeAlias = Response | tuple[str, int]

__all__ = ["blueprint"]
# Once the kind is in the address, it is a search; before, it says only with what the form begins.
_ASKS = "kind"
_NAMES = (
    "event kind days body audience convention organiser city format region earliest latest weekday weekend avoid"
    " next_to day"
).split()


@blueprint.get("/finder")
@limiter.limit("120 per minute")
def finder() -> tuple[str, int]:
    """Show the form, and what was found if the address is a search."""
    someone = guards.member()
    read_filter(filtered=False, also=tuple(_NAMES))
    given = MultiDict((name, text) for name, text in request.args.items(multi=True) if name in _NAMES)
    named = given.get("event", "")
    event = guards.seen_event(named)[1] if named else None
    asks = _ASKS in given or event is not None
    if _ASKS not in given:
        given = values_of_event(event) if event else first_values(someone, given)
    form = FinderForm(given)
    if not asks or not form.validate():
        return _page(form, someone, event), 400 if asks else 200
    session = db.session()
    policy, asked = policies.in_force(session), asked_of(form, event)
    try:
        found = search_dates(session, someone.viewer, asked, planning_facts.facts(), policy, today=clock.today())
    except NoExactDaysError:
        form.next_to.errors = [_("The exact days of this event are not known in the calendar yet.")]
        return _page(form, someone, event), 400
    return _page(form, someone, event, Shown(asked, found, event, given).values(policy)), 200


def _page(form: FinderForm, someone: Person, event: Event | None, found: dict[str, Any] | None = None) -> str:
    suggested = choices.suggestions(words())
    return render_template(
        "finder/finder.html",
        form=form,
        event=summary(event) if event else None,
        found=found,
        bodies=suggested["bodies"],
        cities=suggested["cities"],
        may_hold=may_hold(someone, event),
        hold_days=options.HOLD.days,
    )


@blueprint.post("/finder/<event_id>/hold")
def hold(event_id: str) -> Response:
    """Keep dates that were found as candidate dates of an event; they are free again unless somebody confirms them."""
    _someone, event = subject(event_id)
    form = HoldForm()
    if not form.validate():
        flash(_("These dates cannot be held. Please look for dates again."), "warn")
        for sentence in dict.fromkeys(text for texts in form.errors.values() for text in texts):
            flash(sentence, "warn")
        return redirect(url_for("finder.finder", event=str(event.id)), 303)
    until = clock.today() + options.HOLD
    option = Option(form.span.start, form.span.last, city=form.city.data or "", held_until=until)
    with transaction() as session:
        someone, event = subject(event_id)
        try:
            _refuse_if_off(event)
            options.add(session, event, option, made_by(session, someone, event), reference())
        except NotPossibleError:
            flash(_("These dates are held already, the list is full, or the event does not take place."), "warn")
        else:
            flash(_("%(dates)s: held until %(day)s.", dates=words().days(form.span), day=words().day(until)))
        return redirect(url_for("work.candidate_dates", event_id=str(event.id)), 303)


def _refuse_if_off(event: Event) -> None:
    """Raise `NotPossibleError` for an event that does not take place."""
    if event.status == Status.CANCELLED or event.stage in options.GIVEN_UP:
        raise NotPossibleError
