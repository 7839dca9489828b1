"""The form of the finder. It is sent by GET: the address of the answer is the search."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from babel.dates import get_day_names
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, ValidationError
from wtforms.validators import InputRequired

from calendar_app.extensions import clock, db
from calendar_app.planning import dates
from calendar_app.planning.dates import EARLIEST, LATEST, Span
from calendar_app.planning.vocabulary import Format
from calendar_app.services.event_form_lookup import SeveralEventsError, listed_body, named_event
from calendar_app.services.reference import reference
from calendar_app.services.row_cells import MAX_ID
from calendar_app.services.row_reading import list_of
from calendar_app.web import page
from calendar_app.web.submit import choices
from calendar_app.web.submit.fields import Day, Line, Ticks, WholeNumber
from calendar_app.web.submit.forms import MOST_BODIES

if TYPE_CHECKING:
    import uuid

    from werkzeug.datastructures import MultiDict
    from wtforms import Field

MOST_DAYS, MOST_YEARS = 60, 3
_MOST_RANGES = 30
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


class DayOrMonth(Line):
    """A day, 2027-09-06, or a month, 2027-09, of which the first day is meant, or the last one."""

    def __init__(self, label: str, *, is_last: bool, **rest: Any) -> None:  # noqa: ANN401
        """Take which end of a month is meant."""
        super().__init__(label, most=20, **rest)
        self.is_last = is_last
        self.day: date | None = None

    def pre_validate(self, _form: object) -> None:
        """Read the text. Raises ValidationError for what is no day of the calendar's years."""
        if not self.data:
            raise ValidationError(_("Give a day, such as 2027-09-06, or a month, such as 2027-09."))
        try:
            if found := _MONTH.fullmatch(self.data):
                month = dates.month(int(found[1]), int(found[2]))
                self.day = month.last if self.is_last else month.start
            else:
                self.day = _day(self.data)
        except ValueError:
            raise ValidationError(_("Give a day, such as 2027-09-06, or a month, such as 2027-09.")) from None


def _day(text: str) -> date:
    """Return a day of the calendar's years. Raises ValueError."""
    day = date.fromisoformat(text) if len(text) == len("2027-09-06") else None
    if day is None or not EARLIEST <= day < LATEST:
        raise ValueError(text)
    return day


class FinderForm(FlaskForm):  # type: ignore[misc]
    """What is looked for. After `validate` the names are codes: `bodies`, `avoided`, `neighbour`."""

    event = HiddenField()
    kind = SelectField(_l("Kind"), validators=[InputRequired()], default="")
    days = WholeNumber(_l("Length in days"), validators=[InputRequired()], default=5)
    body = Line(_l("Bodies that meet"), render_kw={"list": "finder-bodies"})
    audience = Ticks(_l("Who has to be there"))
    convention = Ticks(_l("Conventions and processes"))
    organiser = Ticks(_l("Organised by"))
    city = Line(_l("City"), most=MAX_ID, render_kw={"list": "finder-cities"})
    format = SelectField(_l("How people take part"), default=str(Format.IN_PERSON))
    region = Ticks(_l("Regions"))
    earliest = DayOrMonth(_l("Not before"), is_last=False)
    latest = DayOrMonth(_l("Over by"), is_last=True)
    weekday = Ticks(_l("Starts on"))
    weekend = BooleanField(_l("May run over a weekend"))
    avoid = Line(_l("Days to avoid"), most=800)
    next_to = Line(_l("Next to the event"))

    def __init__(self, formdata: MultiDict[str, str]) -> None:
        """Take what the address says, and fill the lists."""
        super().__init__(formdata, meta={"csrf": False})
        speak, lists = page.words(), reference()
        self.kind.choices = choices.kinds(speak)
        self.audience.choices = [(code, speak.gettext(name)) for code, name in lists.audiences.items()]
        self.convention.choices = choices.conventions(speak)
        members = (o for o in lists.organisations.values() if o.member)
        self.organiser.choices = [(o.code, speak.gettext(o.short_name)) for o in members]
        self.format.choices = choices.formats(speak)
        self.region.choices = choices.regions(speak)
        names = get_day_names("wide", locale=speak.locale)
        self.weekday.choices = [(str(number), names[number]) for number in range(7)]
        self.bodies: tuple[str, ...] = ()
        self.avoided: tuple[Span, ...] = ()
        self.neighbour: uuid.UUID | None = None

    def validate_days(self, field: Field) -> None:
        """Say which lengths are possible in our words."""
        if field.data is not None and not 1 <= field.data <= MOST_DAYS:
            raise ValidationError(_("A meeting lasts from 1 to %(most)s days.", most=MOST_DAYS))

    def validate_body(self, field: Field) -> None:
        """Refuse bodies that are not in the list."""
        names = list_of(field.data or "")
        if len(names) > MOST_BODIES:
            raise ValidationError(_("Name at most %(most)s bodies.", most=MOST_BODIES))
        codes = [(name, listed_body(name)) for name in names]
        for name, code in codes:
            if code is None:
                raise ValidationError(_("“%(name)s” is not in the list of bodies.", name=name[:60]))
        self.bodies = tuple(dict.fromkeys(code for _name, code in codes if code))

    def validate_latest(self, field: DayOrMonth) -> None:
        """Refuse what is over, comes before the beginning, or is too long to look through."""
        first, last = self.earliest.day, field.day
        if last is None:
            return
        if last < clock.today():
            raise ValidationError(_("These days are over."))
        if first and last < first:
            raise ValidationError(_("The last day is before the first day."))
        if first and last - first > timedelta(days=MOST_YEARS * 366):
            raise ValidationError(_("At most three years are looked through at once."))

    def validate_avoid(self, field: Field) -> None:
        """Read days and stretches of days."""
        parts = [part for part in re.split(r"[\s,;]+", field.data or "") if part]
        if len(parts) > _MOST_RANGES:
            raise ValidationError(_("Name at most %(most)s stretches of days.", most=_MOST_RANGES))
        found = []
        for part in parts:
            first, _dots, last = part.partition("..")
            try:
                found.append(Span.inclusive(_day(first), _day(last or first)))
            except ValueError:
                raise ValidationError(
                    _("“%(text)s” is not a stretch of days; write 2027-09-01..2027-09-10.", text=part[:40])
                ) from None
        self.avoided = tuple(found)

    def validate_next_to(self, field: Field) -> None:
        """Find the event."""
        if not field.data:
            return
        try:
            self.neighbour = named_event(db.session(), page.viewer(), field.data)
        except SeveralEventsError:
            raise ValidationError(_("Several events have this title; paste the address of the one you mean.")) from None
        if self.neighbour is None:
            raise ValidationError(_("There is no such event; paste the address of its page in this calendar."))


class HoldForm(FlaskForm):  # type: ignore[misc]
    """The days of a window that are to be held."""

    first_day = Day(_l("First day"))
    last_day = Day(_l("Last day"))
    city = Line(_l("City"), most=MAX_ID)

    def validate_first_day(self, field: Field) -> None:
        """Refuse no day, and one that is over."""
        if field.data is None or field.data < clock.today():
            raise ValidationError(_("These days are over."))

    @property
    def span(self) -> Span:
        """The days of a valid form."""
        return Span.inclusive(*(field.data or date.max for field in (self.first_day, self.last_day)))

    def validate_last_day(self, field: Field) -> None:
        """Refuse a last day before the first, or one too far from it."""
        first = self.first_day.data
        if field.data is None or first is None or field.data < first:
            raise ValidationError(_("The last day is before the first day."))
        if field.data - first >= timedelta(days=MOST_DAYS):
            raise ValidationError(_("A meeting lasts from 1 to %(most)s days.", most=MOST_DAYS))
