"""Entering the meetings of all regions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from calendar_app.extensions import db, transaction
from calendar_app.models import Event, Organisation
from calendar_app.planning.dates import Span
from calendar_app.planning.vocabulary import Stage, Status
from calendar_app.services import rounds
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.records import EventRecord
from calendar_app.services.reference import reference
from calendar_app.web import guards, named_decision
from calendar_app.web.page import current_language, words
from calendar_app.web.submit import choices
from calendar_app.web.submit.sending import change_by
from calendar_app.web.work.area import blueprint
from calendar_app.web.work.forms import RegionForm, RoundForm
from calendar_app.web.work.once import id_of_entry, key_of_form

if TYPE_CHECKING:
    import uuid
    from typing import TypeAlias

    from werkzeug.wrappers import Response

    from calendar_app.services.access import Person

    Answer: TypeAlias = Response | tuple[str, int]

_EVERYWHERE = "global"


@blueprint.route("/rounds/new", methods=["GET", "POST"])
def new_round() -> Answer:
    """Ask for what the meetings have in common and for each region's dates and city; enter them all."""
    someone = guards.coordinator()
    form, rows = _form(someone), _rows()
    sent = request.method == "POST"
    valid = form.validate_on_submit()
    # All rows are judged, so that everything wrong is said at once.
    ticked = [row for row in rows if row.ticked.data]
    wrong = [row for row in rows if sent and not _is_right(row)]
    clash = None
    if valid and not wrong and ticked and form.organisation.data in someone.deciding:
        try:
            entered = _enter(someone, form, ticked)
        except UndecidedError as undecided:
            clash = named_decision.refuse(form, undecided)
        else:
            flash(_("%(count)s events are entered.", count=len(ticked) + bool(form.whole_title.data)))
            for event_id in entered:
                named_decision.tell(someone, event_id)
            return redirect(url_for("workspace.own_events", stage=_stage(form)), 303)
    shown = {"none_ticked": sent and not ticked, "key": key_of_form(), "clash": clash}
    return render_template("work/round.html", form=form, rows=rows, **shown), 422 if sent else 200


def _enter(someone: Person, form: RoundForm, ticked: list[RegionForm]) -> list[uuid.UUID]:
    """Enter the meetings and return their ids; a form that is sent again enters nothing. Raises `UndecidedError`."""
    with transaction() as session:
        first_id = id_of_entry(someone)
        if session.get(Event, first_id) is not None:
            return []
        made = named_decision.by(change_by(session, someone, form.organisation.data), form)
        meetings = [_meeting(row) for row in ticked]
        whole = form.whole_title.data
        created = rounds.create(
            session, _common(form), meetings, made, reference(), whole_title=whole, first_id=first_id
        )
        entered = [event.id for event in created]
        named_decision.require(session, someone, form)
    return entered


def _form(someone: Person) -> RoundForm:
    form = RoundForm()
    own = [db.session().get_one(Organisation, code) for code in sorted(someone.deciding)]
    form.organisation.choices = [(o.code, words().organisation(o.code, o.name)) for o in own]
    form.kind.choices = choices.kinds(words())
    form.convention.choices = choices.conventions(words())
    form.status.choices = [(str(s), words().status(s)) for s in (Status.TENTATIVE, Status.CONFIRMED)]
    return form


def _rows() -> list[RegionForm]:
    names = {code: words().gettext(region.name) for code, region in reference().regions.items() if code != _EVERYWHERE}
    return [RegionForm(prefix=f"region-{code}", region=code, region_name=name) for code, name in names.items()]


def _is_right(row: RegionForm) -> bool:
    """Judge a row; what stands in one that is not ticked, or says the dates in two ways, is not thrown away unsaid."""
    if not row.ticked.data:
        is_filled = any(any(field.raw_data or ()) for field in row if field is not row.ticked)
        row.ticked.errors = [_("Tick this region, or clear its fields.")] if is_filled else []
        return not is_filled
    is_right: bool = row.validate()
    if row.date_text.data and any(row.first_day.raw_data or ()):
        row.date_text.errors = [*row.date_text.errors, _("Give the days, or say in words when it is; not both.")]
        return False
    return is_right


def _stage(form: RoundForm) -> Stage:
    return Stage.PUBLISHED if form.publish.data else Stage.DRAFT


def _common(form: RoundForm) -> EventRecord:
    values: dict[str, Any] = {"kind": form.kind.data, "processes": tuple(form.convention.data)}
    return EventRecord(
        titles={current_language(): form.title.data},
        steward=form.organisation.data,
        status=Status(form.status.data),
        stage=_stage(form),
        **values,
    )


def _meeting(row: RegionForm) -> rounds.Meeting:
    first = row.first_day.data
    span = Span.inclusive(first, row.last_day.data or first) if first else None
    return rounds.Meeting(row.region, row.region_name, span, row.date_text.data, row.city.data)
