"""The short forms of the daily work. Each remembers the last change that the person saw (`seen`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from calendar_app.extensions import clock
from calendar_app.planning.vocabulary import Status
from calendar_app.services.options import HOLD
from calendar_app.services.row_cells import MAX_ID
from calendar_app.web.submit.fields import Day, Decision, Line, Text, Ticks
from calendar_app.web.submit.forms import DATES, EventForm

MOST_REASON = 2000
_SHOW_REASON = _l("Show this reason to the public")
_MOST_HOLD = timedelta(days=730)
# What moving can change: the dates with their hours, how firm they are, and the place.
_MOVING = (
    {"dates", "start_time", "end_time", "timezone", "status", "venue", "city", "country", "csrf_token"}
    | {name for names in DATES.values() for name in names}
    | {"reason", "reason_is_public", "decision", "seen"}
)


class SeenForm(FlaskForm):  # type: ignore[misc]
    """A form that notices when others were quicker, and asks before a critical clash is saved."""

    seen = HiddenField()
    decision = Decision()


class ReasonForm(SeenForm):
    """An action that needs a reason."""

    reason = Text(_l("Reason"), most=MOST_REASON, validators=[DataRequired()])


class PublicReasonForm(ReasonForm):
    """An action that needs a reason, which everybody may read if the person chooses so."""

    reason_is_public = BooleanField(_SHOW_REASON)


class RemarkForm(SeenForm):
    """An action for which a reason may be given."""

    reason = Text(_l("Reason, if there is one"), most=MOST_REASON)


class ReinstateForm(ReasonForm):
    """Letting a cancelled or postponed event take place after all."""

    status = SelectField(_l("How firm are the dates?"))

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401
        """Offer the two ways."""
        super().__init__(*args, **rest)
        self.status.choices = [(str(Status.CONFIRMED), _("Confirmed")), (str(Status.TENTATIVE), _("Tentative"))]


class PublishForm(RemarkForm):
    """Publishing at once, or on a date."""

    publish_on = Day(_l("Publish on"))

    def validate_publish_on(self, field: Any) -> None:  # noqa: ANN401
        """Refuse a day that is not to come."""
        if field.data and field.data <= clock.today():
            raise ValidationError(_("Choose a day after today, or leave it empty to publish at once."))


class EditForm(EventForm):
    """The event form of somebody who edits; `without` are fields that this person does not change here."""

    seen = HiddenField()
    reason = Text(_l("Reason, if there is one"), most=MOST_REASON)
    decision = Decision()

    def __init__(self, *, without: tuple[str, ...] = (), **rest: Any) -> None:  # noqa: ANN401
        """Take the fields away."""
        super().__init__(**rest)
        for name in without:
            if name in self:
                del self[name]


class ProposeForm(EventForm):
    """The event form of somebody who proposes a change to another organisation."""

    seen = HiddenField()
    reason = Text(_l("Why should it change?"), most=MOST_REASON, validators=[DataRequired()])


class MoveForm(EventForm):
    """The dates and the place of an event, with the reason for which they change."""

    seen = HiddenField()
    reason = Text(_l("Reason"), most=MOST_REASON, validators=[DataRequired()])
    reason_is_public = BooleanField(_SHOW_REASON)
    decision = Decision()

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401
        """Take away what moving does not change."""
        super().__init__(**rest)
        for name in [field.short_name for field in self if field.short_name not in _MOVING]:
            del self[name]

    def validate_status(self, field: Any) -> None:  # noqa: ANN401
        """Ask for a decision: what has new dates is no longer postponed, what is cancelled is not moved."""
        if field.data in {Status.POSTPONED, Status.CANCELLED}:
            raise ValidationError(_("Choose whether the new dates are confirmed or tentative."))


class OptionForm(SeenForm):
    """A candidate date."""

    first_day = Day(_l("First day"))
    last_day = Day(_l("Last day"))
    city = Line(_l("City, if it is another"), most=MAX_ID)
    held_until = Day(_l("Hold until"), default=lambda: clock.today() + HOLD)
    note = Line(_l("Note"))

    def validate_first_day(self, field: Any) -> None:  # noqa: ANN401
        """Miss the first day."""
        if not field.data and not field.process_errors:
            raise ValidationError(_("Give the first day."))

    def validate_last_day(self, field: Any) -> None:  # noqa: ANN401
        """Refuse a last day before the first."""
        if field.data and self.first_day.data and field.data < self.first_day.data:
            raise ValidationError(_("The last day is before the first day."))

    def validate_held_until(self, field: Any) -> None:  # noqa: ANN401
        """Refuse a hold that is over or without end; empty is no hold."""
        check_hold(field)


class HoldForm(SeenForm):
    """How long a candidate date is held."""

    held_until = Day(_l("Hold until"))

    def validate_held_until(self, field: Any) -> None:  # noqa: ANN401
        """Refuse no day, a hold that is over, or one without end."""
        if not field.data and not field.process_errors:
            raise ValidationError(_("Give the day until which the dates are held."))
        check_hold(field)


def check_hold(field: Any) -> None:  # noqa: ANN401
    """Refuse a hold that is over already or longer than two years."""
    today = clock.today()
    if field.data and not today <= field.data <= today + _MOST_HOLD:
        raise ValidationError(_("Dates can be held from today until two years from now."))


class EditorsForm(RemarkForm):
    """Which other organisations may change the event too."""

    organisations = Ticks(_l("Organisations"))


class MergeForm(ReasonForm):
    """Merging one record into another, with what the other should take over."""

    into = HiddenField()
    fill = Ticks(_l("What the other record lacks"))


class OtherForm(SeenForm):
    """Which other record is the same event."""

    other = Line(_l("The other record"), validators=[InputRequired()])


class RoundForm(FlaskForm):  # type: ignore[misc]
    """What the meetings of a round have in common; each region has a row of its own in the page."""

    organisation = SelectField(_l("Kept by"))
    title = Line(_l("Title"), most=400, validators=[DataRequired()])
    whole_title = Line(_l("Title of the round as a whole"), most=400)
    kind = SelectField(_l("Kind"), validators=[InputRequired()])
    convention = Ticks(_l("Conventions and processes"))
    status = SelectField(_l("How firm are the dates?"), default=str(Status.TENTATIVE))
    publish = BooleanField(_l("Publish the meetings at once"))
    decision = Decision()


class RegionForm(FlaskForm):  # type: ignore[misc]
    """The meeting of one region in a round."""

    ticked = BooleanField(_l("Enter a meeting for this region"))
    first_day = Day(_l("First day"))
    last_day = Day(_l("Last day"))
    date_text = Line(_l("Or when, in words"))
    city = Line(_l("City"), most=MAX_ID)

    def __init__(self, *, region: str, region_name: str, **rest: Any) -> None:  # noqa: ANN401
        """Take the region, and the token of the form around."""
        super().__init__(meta={"csrf": False}, **rest)
        self.region, self.region_name = region, region_name

    def validate_first_day(self, field: Any) -> None:  # noqa: ANN401
        """Miss both days and words."""
        if not field.data and not self.date_text.data and not field.process_errors:
            raise ValidationError(_("Give the first day, or say in words when it is."))

    def validate_last_day(self, field: Any) -> None:  # noqa: ANN401
        """Refuse a last day before the first, or without one."""
        if field.data and (not self.first_day.data or field.data < self.first_day.data):
            raise ValidationError(_("The last day is before the first day."))
