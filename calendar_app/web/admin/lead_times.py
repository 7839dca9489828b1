"""The usual steps before and after a meeting of a kind, and by when each is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField, ValidationError

from calendar_app.extensions import clock, db, transaction
from calendar_app.planning.milestones import EARLIEST_WEEKS, LATEST_WEEKS
from calendar_app.services import lead_times
from calendar_app.services.lead_times import MOST_STEPS
from calendar_app.services.preparation_words import role_label
from calendar_app.services.reference import ROLES, Milestone, reference
from calendar_app.services.text import slugify
from calendar_app.web import guards
from calendar_app.web.admin.area import admin_page, blueprint, still_system_administrator
from calendar_app.web.page import words
from calendar_app.web.submit.fields import Line, WholeNumber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from wtforms import Field

    from calendar_app.services.reference import Kind

_EMPTY_ROWS = 3
_MOST_NAME = 200
BEFORE, AFTER = "before", "after"


class LeadTimesForm(FlaskForm):  # type: ignore[misc]
    """The steps of a kind, a row each; a row whose name is empty is no step."""

    def __init__(self, steps: Sequence[Milestone] | None = None) -> None:
        """Show these steps."""
        super().__init__(data=_values(steps) if steps is not None else None)
        roles = [(role, role_label(words(), role)) for role in ROLES]
        for row in self.rows():
            row["side"].choices = [(BEFORE, _("before the first day")), (AFTER, _("after the first day"))]
            row["owner"].choices = roles

    def rows(self) -> list[dict[str, Field]]:
        """Return the fields of each row."""
        return [
            {name: self[f"{name}_{number}"] for name in ("name", "weeks", "side", "owner")}
            for number in range(MOST_STEPS)
        ]

    @property
    def steps(self) -> list[Milestone]:
        """The steps as typed."""
        return [
            Milestone(
                row["name"].data,
                (row["weeks"].data or 0) * (-1 if row["side"].data == BEFORE else 1),
                row["owner"].data,
            )
            for row in self.rows()
            if row["name"].data
        ]

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - as the library has it
        """Refuse what is no lead time, and two steps of one name, beside the field."""
        fine = super().validate(extra_validators)
        seen: set[str] = set()
        for row in self.rows():
            name, weeks = row["name"], row["weeks"]
            if not (name.data and slugify(name.data)):
                continue
            slug = slugify(name.data)
            if slug in seen:
                name.errors = [*name.errors, _("Two milestones of a kind cannot have the same name.")]
                fine = False
            seen.add(slug)
            most = -EARLIEST_WEEKS if row["side"].data == BEFORE else LATEST_WEEKS
            if not weeks.errors and (weeks.data is None or not 0 <= weeks.data <= most):
                weeks.errors = [*weeks.errors, _("Write a number of weeks from 0 to %(most)s.", most=most)]
                fine = False
        return bool(fine)


def _check_name(_form: FlaskForm, field: Field) -> None:
    if field.data and not slugify(field.data):
        raise ValidationError(_("Write a name with letters or digits."))


for _number in range(MOST_STEPS):
    setattr(LeadTimesForm, f"name_{_number}", Line(_l("Milestone"), most=_MOST_NAME, validators=[_check_name]))
    setattr(LeadTimesForm, f"weeks_{_number}", WholeNumber(_l("Weeks")))
    setattr(LeadTimesForm, f"side_{_number}", SelectField(_l("Before or after"), default=BEFORE))
    setattr(LeadTimesForm, f"owner_{_number}", SelectField(_l("Who looks after it"), default=ROLES[0]))


def _values(steps: Sequence[Milestone]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for number, step in enumerate(steps):
        values |= {
            f"name_{number}": step.name,
            f"weeks_{number}": abs(step.weeks),
            f"side_{number}": AFTER if step.weeks > 0 else BEFORE,
            f"owner_{number}": step.owner,
        }
    return values


@blueprint.route("/admin/lists/kinds/<kind>", methods=["GET", "POST"])
def lead_times_of(kind: str) -> ResponseReturnValue:
    """Show and change the steps of a kind."""
    guards.system_administrator()
    shown = _kind(kind)
    form = LeadTimesForm(shown.milestones)
    if form.validate_on_submit():
        with transaction() as session:
            by = still_system_administrator(session)
            changed = lead_times.put(session, kind, form.steps, by=by, now=clock.now())
        flash(_("The milestones are saved.") if changed else _("Nothing was changed."))
        return redirect(url_for("admin.lead_times_of", kind=kind), 303)
    return _page(shown, form)


@blueprint.post("/admin/lists/kinds/<kind>/take-back")
def take_back_lead_times(kind: str) -> ResponseReturnValue:
    """Let a kind have the steps that come with the calendar again."""
    guards.system_administrator()
    _kind(kind)
    with transaction() as session:
        by = still_system_administrator(session)
        lead_times.take_back(session, kind, by=by, now=clock.now())
    flash(_("The milestones are again as they come with the calendar."))
    return redirect(url_for("admin.lead_times_of", kind=kind), 303)


def _kind(slug: str) -> Kind:
    found = reference().kinds.get(slug)
    # What is no meeting has no steps.
    return found if found and found.is_meeting else abort(404)


def _page(kind: Kind, form: LeadTimesForm) -> ResponseReturnValue:
    row = lead_times.stored(db.session(), kind.slug)
    found = lead_times.effect(db.session(), kind.slug, clock.today())
    filled = [number for number, fields in enumerate(form.rows()) if fields["name"].data or fields["weeks"].data]
    count = max(filled, default=-1) + 1 + _EMPTY_ROWS
    day = words().day(row.changed_at.astimezone(clock.zone).date()) if row else ""
    return admin_page(
        "lead_times.html",
        422 if form.errors else 200,
        title=_("Milestones: %(kind)s", kind=words().gettext(kind.name)),
        form=form,
        rows=form.rows()[:count],
        changed=_("Last changed by %(name)s on %(day)s.", name=row.actor, day=day) if row else "",
        meetings=ngettext(
            "They hold for %(num)d coming meeting of this kind.",
            "They hold for %(num)d coming meetings of this kind.",
            found.meetings,
        ),
        due=ngettext("%(num)d milestone is still to come", "%(num)d milestones are still to come", found.due),
        late=ngettext("%(num)d milestone is late", "%(num)d milestones are late", found.late),
        take_back_url=url_for("admin.take_back_lead_times", kind=kind.slug) if row else "",
        back_url=url_for("admin.one_list", name="kinds"),
    )
