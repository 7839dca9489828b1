"""What is typed while a review is held, and what the convener sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, ValidationError

from calendar_app.extensions import clock
from calendar_app.services.finding_life import ACCEPTED, ACKNOWLEDGED
from calendar_app.services.review_actions import DONE, DROPPED
from calendar_app.web.owner_fields import OwnerForm
from calendar_app.web.submit.fields import Address, Day, Hour, Line, Text
from calendar_app.web.work.forms import MOST_REASON

if TYPE_CHECKING:
    from datetime import date

_MOST_SUBJECT, _MOST_ATTENDANCE = 400, 10_000


class DueForm(OwnerForm):
    """A form with an owner and a day that is to come; `stands` is the day that stands there already and may stay."""

    stands: date | None = None

    def validate_due_on(self, field: Day) -> None:
        """Refuse a day by which nobody can do anything any more."""
        if field.data and field.data < clock.today() and field.data != self.stands:
            raise ValidationError(_("That day is over."))


class DecisionForm(DueForm):
    """A decision about the line `line`, with an owner and a day if somebody has to do something.

    `seen` is the version of the decision that is changed or, for a clash, the mark of what was said to it.
    """

    line = HiddenField()
    seen = HiddenField()
    subject = Line(_l("What it is about"), most=_MOST_SUBJECT)
    text = Text(_l("Decision or action"), most=MOST_REASON, validators=[DataRequired()])
    due_on = Day(_l("Due on"))
    answer = SelectField(_l("Answer for your organisation"), default="")

    def __init__(self, *args: Any, is_free: bool = False, answers: bool = False, **rest: Any) -> None:  # noqa: ANN401
        """Leave out what the line does not ask for: the subject, and the answer to a clash."""
        super().__init__(*args, **rest)
        self.answer.choices = [
            ("", _("No answer, only a comment")),
            (ACKNOWLEDGED, _("Acknowledge")),
            (ACCEPTED, _("Accept as it is")),
        ]
        if not answers:
            del self.answer
        if is_free:
            self.subject.validators = [*self.subject.validators, DataRequired()]
            self.subject.flags.required = True
        else:
            del self.subject


class EndForm(FlaskForm):  # type: ignore[misc]
    """That an action is done or dropped, and how it ended."""

    seen = HiddenField()
    state = RadioField(_l("How it ended"), default=DONE)
    outcome = Text(_l("Outcome"), most=MOST_REASON, rows=2)

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401
        """Say what can become of an action."""
        super().__init__(*args, **rest)
        self.state.choices = [(DONE, _("Done")), (DROPPED, _("Dropped: nobody will do it"))]


class HandOverForm(DueForm):
    """Another owner or another day for an action."""

    seen = HiddenField()
    due_on = Day(_l("Due on"))


class HeadForm(FlaskForm):  # type: ignore[misc]
    """When the review is held and by whom."""

    seen = HiddenField()
    held_on = Day(_l("Day"))
    start_time = Hour(_l("Time"))
    chair = Line(_l("Chair"), most=200)
    meeting_url = Address(_l("Link to the meeting"))
    attendance = Text(_l("Attendance, a name a line"), most=_MOST_ATTENDANCE, rows=6)


class SignOffForm(FlaskForm):  # type: ignore[misc]
    """What a member says of its own list."""

    organisation = HiddenField()
    answer = HiddenField()
