"""The cycle of the month as a form."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from calendar_app.planning.month_days import Rhythm

_LAST_DAY, _MOST_WORKING_DAYS = 31, 10


class CycleForm(FlaskForm):  # type: ignore[misc]
    """On which days of the month before a round opens and closes, when it reminds, and who convenes."""

    opens_day = IntegerField(
        _l("Opens on day"), validators=[InputRequired(), NumberRange(1, _LAST_DAY, _l("Give a day from 1 to 31."))]
    )
    closes_day = IntegerField(
        _l("Closes on day"), validators=[InputRequired(), NumberRange(1, _LAST_DAY, _l("Give a day from 1 to 31."))]
    )
    reminds_days = IntegerField(
        _l("Reminds so many working days before it closes"),
        validators=[InputRequired(), NumberRange(0, _MOST_WORKING_DAYS, _l("Give a number from 0 to 10."))],
    )
    convener = SelectField(_l("Convener"))

    def validate_closes_day(self, field: Any) -> None:  # noqa: ANN401
        """Refuse a round that closes before it opens."""
        if self.opens_day.data is not None and field.data is not None and field.data <= self.opens_day.data:
            raise ValidationError(_("It has to close after it opens."))

    @property
    def rhythm(self) -> Rhythm:
        """The days of a valid form."""
        return Rhythm(self.opens_day.data, self.closes_day.data, self.reminds_days.data)
