"""The fields of the event form: what is typed is cleaned when it is read, and judged when the form is validated."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    MonthField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, StopValidation
from wtforms.widgets import (
    CheckboxInput,
    DateInput,
    EmailInput,
    ListWidget,
    TimeInput,
    URLInput,
)

from calendar_app.planning.dates import EARLIEST, LATEST
from calendar_app.services.event_form_text import description, several_lines, single_line
from calendar_app.services.row_cells import ADDRESS, MAX_LINE, MAX_LONG, MAX_URL

if TYPE_CHECKING:
    from wtforms import Field, Form

_MOST_DECISION = 2000
# A reason of one word tells nobody why.
_LEAST_SENTENCE = 10
_MOST_PEOPLE = 9_999_999
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,9}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
MOST_LINES = 50


class _Most(Length):  # type: ignore[misc]
    """Refuses a text that is too long before anything else looks at it."""

    def __call__(self, form: Form, field: Field) -> None:
        """Stop there. Raises `StopValidation`."""
        try:
            super().__call__(form, field)
        except ValidationError as wrong:
            raise StopValidation(str(wrong)) from None


class Line(StringField):  # type: ignore[misc]
    """One line of text."""

    def __init__(self, label: str, *, most: int = MAX_LINE, validators: Any = (), **rest: Any) -> None:  # noqa: ANN401
        """Allow up to `most` characters."""
        super().__init__(label, validators=[_Most(max=most), *validators], default="", **rest)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        if valuelist:
            self.data = single_line(valuelist[0])


class Text(TextAreaField):  # type: ignore[misc]
    """Several lines of text."""

    def __init__(self, label: str, *, most: int = MAX_LONG, rows: int = 3, validators: Any = (), **rest: Any) -> None:  # noqa: ANN401
        """Allow up to `most` characters."""
        super().__init__(label, validators=[_Most(max=most), *validators], default="", render_kw={"rows": rows}, **rest)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        if valuelist:
            self.data = several_lines(valuelist[0])

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that are not empty, each as one line of text."""
        return tuple(filter(None, (single_line(line) for line in (self.data or "").split("\n"))))


class Description(Text):
    """Several lines of plain text; HTML loses its markup."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        if valuelist:
            self.data = description(valuelist[0])


class Address(Line):
    """An address on the web."""

    widget = URLInput()

    def __init__(self, label: str, **rest: Any) -> None:  # noqa: ANN401
        """Allow what the calendar can keep."""
        super().__init__(label, most=MAX_URL, validators=[_check_address], **rest)


def _check_address(_form: Form, field: Field) -> None:
    if field.data and not ADDRESS.fullmatch(field.data):
        raise ValidationError(_("Write a full address that begins with https:// or http://."))


class Mailbox(Line):
    """An e-mail address; whether it exists is found out by writing to it."""

    widget = EmailInput()

    def __init__(self, label: str, *, validators: Any = (), **rest: Any) -> None:  # noqa: ANN401
        """Check the form of the address only."""
        super().__init__(label, most=254, validators=[*validators, _check_mailbox], **rest)


def _check_mailbox(_form: Form, field: Field) -> None:
    if not field.data:
        return
    try:
        # Not every mail server takes letters outside ASCII before the @; a name behind it has another form for them.
        found = validate_email(field.data, check_deliverability=False, allow_smtputf8=False)
        field.data = found.ascii_email
    except EmailNotValidError:
        raise ValidationError(_("Write an e-mail address, such as name@example.org.")) from None


class Hour(Line):
    """A time of day, HH:MM."""

    widget = TimeInput()

    def __init__(self, label: str, **rest: Any) -> None:  # noqa: ANN401
        """Check that it is a time."""
        super().__init__(label, validators=[_check_hour], **rest)


def _check_hour(_form: Form, field: Field) -> None:
    if field.data and not _TIME.fullmatch(field.data):
        raise ValidationError(_("Write the time as 09:30."))


class Day(DateField):  # type: ignore[misc]
    """A day of the calendar's years."""

    widget = DateInput()

    def __init__(self, label: str, **rest: Any) -> None:  # noqa: ANN401
        """Check that the year can be meant."""
        super().__init__(label, validators=[check_years], **rest)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; nothing is no day."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a day as 2027-04-19.")) from None


class Month(MonthField):  # type: ignore[misc]
    """A month of the calendar's years; `data` is its first day."""

    def __init__(self, label: str, **rest: Any) -> None:  # noqa: ANN401
        """Check that the year can be meant."""
        super().__init__(label, validators=[check_years], **rest)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; nothing is no month."""
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a month as 2027-04.")) from None


def check_years(_form: Form, field: Field) -> None:
    """Refuse years that can only be a slip of the hand, before anybody reckons with them."""
    if isinstance(field.data, date) and not EARLIEST <= field.data < LATEST:
        raise StopValidation(
            _("The year must be from %(first)s to %(last)s.", first=str(EARLIEST.year), last=str(LATEST.year - 1))
        )


class WholeNumber(IntegerField):  # type: ignore[misc]
    """A whole number of at most nine digits; nothing is no number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        text = valuelist[0].strip() if valuelist else ""
        if text and not _WHOLE_NUMBER.fullmatch(text):
            self.data = None
            raise ValueError(_("Write a whole number of at most nine digits, such as 25."))
        self.data = int(text) if text else None


def check_people(_form: Form, field: Field) -> None:
    """Refuse what is no number of people."""
    if field.data is not None and not 0 <= field.data <= _MOST_PEOPLE:
        raise ValidationError(_("Write a number from 0 to %(most)s.", most=_MOST_PEOPLE))


class Ticks(SelectMultipleField):  # type: ignore[misc]
    """Several of a list, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def check_lines(_form: Form, field: Text) -> None:
    """Refuse lines that are too long or too many for a list of names."""
    if len(field.lines) > MOST_LINES:
        raise ValidationError(_("Write at most %(most)s lines.", most=MOST_LINES))
    if any(len(line) > 200 for line in field.lines):  # noqa: PLR2004 - as names have elsewhere
        raise ValidationError(_("A line can have at most 200 characters."))


def check_sentence(_form: Form, field: Field) -> None:
    """Refuse what is given, but is too short to tell anybody why."""
    if field.data and len(field.data) < _LEAST_SENTENCE:
        raise ValidationError(
            _("Write a sentence of at least %(least)s characters that others will understand.", least=_LEAST_SENTENCE)
        )


class Decision(Text):
    """Why an event is saved although its dates meet a critical clash; asked for only then."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401
        """Take no more than a reason may have, and no less than a sentence."""
        label = _l("Why these dates all the same")
        super().__init__(label, most=_MOST_DECISION, rows=3, validators=[check_sentence], **rest)
