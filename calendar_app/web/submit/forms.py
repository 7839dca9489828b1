"""The event form: one for sending in, editing, copying and proposing. `form_record.py` makes a record of it.

Who uses it for something less takes fields away (`del form.title`); the record keeps what they would have said.
"""

from __future__ import annotations

import re
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, RadioField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from calendar_app.extensions import clock, db
from calendar_app.planning.vocabulary import Format, Visibility
from calendar_app.services.event_form_lookup import SeveralEventsError, is_within, listed_body, named_event
from calendar_app.services.event_form_text import several_lines
from calendar_app.services.records import LANGUAGES, EventRecord
from calendar_app.services.reference import reference
from calendar_app.services.row_cells import MAX_ID, MAX_TITLE
from calendar_app.services.row_reading import list_of
from calendar_app.services.text import fold
from calendar_app.web import page
from calendar_app.web.submit import choices, zones
from calendar_app.web.submit.fields import (
    Address,
    Day,
    Decision,
    Description,
    Hour,
    Line,
    Mailbox,
    Month,
    Text,
    Ticks,
    WholeNumber,
    check_lines,
    check_people,
)
from calendar_app.web.submit.form_values import MOST_LINKS, values_of

if TYPE_CHECKING:
    import uuid

    from wtforms import Field

    from calendar_app.services.access import Person

# Which fields say the dates, for each way to say them.
DATES = {
    "day": ("first_day", "last_day"),
    "month": ("month",),
    "quarter": ("quarter",),
    "year": ("year",),
    "words": ("date_text",),
}
INTERNAL = ("notes", "expected_participants", "staffing", "key_persons", "visibility", "publish_on")
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_NUMBER = re.compile(r"[0-9]{1,4}")
MOST_BODIES = 20


# Labels alone are lazy: a lazy text passes for HTML, so none may hold words that a person typed.


class EventForm(FlaskForm):  # type: ignore[misc]
    """What a person can say of an event. `base` is the record as it is; `event_id` its id, None for a new one.

    What is as in `base` is not judged again: a person may have got it from an import, or may not see all of it.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How forms of events read what a browser sends."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> MultiDict[str, str] | None:  # noqa: ANN401
            """Take control characters away from everything before any field reads it, or shows it again."""
            given = super().wrap_formdata(form, formdata)
            if given is None:
                return None
            # A file where a text should be is nothing.
            pairs = [(name, text) for name, text in given.items(multi=True) if isinstance(text, str)]
            return MultiDict([(name, several_lines(text)) for name, text in pairs])

    title = Line(_l("Title"), most=MAX_TITLE, validators=[DataRequired()])
    title_language = SelectField(_l("Language of the title"))
    title_en = Line(_l("Title in English"), most=MAX_TITLE)
    title_ar = Line(_l("Title in Arabic"), most=MAX_TITLE)
    title_es = Line(_l("Title in Spanish"), most=MAX_TITLE)
    title_fr = Line(_l("Title in French"), most=MAX_TITLE)
    title_ru = Line(_l("Title in Russian"), most=MAX_TITLE)
    title_zh = Line(_l("Title in Chinese"), most=MAX_TITLE)
    description = Description(_l("Description"), rows=5)
    description_language = SelectField(_l("Language of the description"))
    # In which language the description was when the form was opened: the page that sends it may speak another one.
    description_shown = HiddenField()
    kind = SelectField(_l("Kind"), validators=[InputRequired()], default="")
    convention = Ticks(_l("Conventions and processes"))
    body = Line(_l("Body that meets"))
    meeting_number = Line(_l("Number of the meeting"), most=60)
    part_of = Line(_l("Part of"))
    part_role = SelectField(_l("What it is to that event"), default="")
    link_kind_1 = SelectField(_l("First relation"), default="")
    link_event_1 = Line(_l("First related event"))
    link_kind_2 = SelectField(_l("Second relation"), default="")
    link_event_2 = Line(_l("Second related event"))
    link_kind_3 = SelectField(_l("Third relation"), default="")
    link_event_3 = Line(_l("Third related event"))

    dates = RadioField(_l("How exactly are the dates known?"), default="day")
    first_day = Day(_l("First day"))
    last_day = Day(_l("Last day"))
    month = Month(_l("Month"))
    quarter = SelectField(_l("Quarter"), default="")
    year = SelectField(_l("Year"), default="")
    date_text = Line(_l("When, in words"))
    start_time = Hour(_l("Begins at"))
    end_time = Hour(_l("Ends at"))
    timezone = Line(_l("Time zone"), most=60)
    status = SelectField(_l("How firm are the dates?"), validators=[DataRequired()])

    format = SelectField(_l("How people take part"), default=Format.UNKNOWN)
    remote_participation = Line(_l("Taking part from elsewhere"))
    venue = Line(_l("Venue"))
    city = Line(_l("City"), most=MAX_ID)
    country = SelectField(_l("Country"), default="")
    region = Ticks(_l("Regions"))
    web_url = Address(_l("Page about the event"))
    registration_url = Address(_l("Page for registration"))
    documents_url = Address(_l("Page with the documents"))
    online_url = Address(_l("Address for taking part online"))

    lead = Line(_l("Organiser"))
    co_organisers = Text(_l("Co-organisers"), validators=[check_lines])
    languages = Ticks(_l("Languages spoken or interpreted"))
    access = SelectField(_l("Who may attend"), default="")
    contact = Line(_l("Contact for questions"))

    notes = Text(_l("Notes"))
    expected_participants = WholeNumber(_l("Expected participants"), validators=[check_people])
    staffing = Text(_l("Staff who are needed"))
    key_persons = Text(_l("Persons who must be there"), validators=[check_lines])
    visibility = SelectField(_l("Who may see it"), default=Visibility.PUBLIC)
    publish_on = Day(_l("Publish on"))

    def __init__(
        self,
        formdata: Any = None,  # noqa: ANN401 - what Flask-WTF takes
        *,
        person: Person | None = None,
        base: EventRecord | None = None,
        event_id: uuid.UUID | None = None,
        internal: bool = False,
        **rest: Any,  # noqa: ANN401
    ) -> None:
        """Fill in `base`, then what was typed. Fields that are never public are there with `internal` only."""
        self.person = person
        self.event_id = event_id
        self.base = base or EventRecord()
        self.initial = values_of(self.base, page.title_language())
        self.initial["description_shown"] = self.initial["description_language"]
        # Ids of the events that `part_of` and the links name, once the form is valid.
        self.named: dict[str, uuid.UUID] = {}
        super().__init__(*((formdata,) if formdata is not None else ()), data=self.initial, **rest)
        for name in INTERNAL if not internal else ():
            del self[name]
        self._offer()

    def _offer(self) -> None:
        """Fill the lists."""
        words, today, first = page.words(), clock.today(), self.initial
        quarters = choices.not_over(f"{today.year}-Q{(today.month + 2) // 3}", choices.quarters(today, words))
        offered = {
            "title_language": choices.languages(words),
            "description_language": choices.languages(words),
            "kind": choices.kinds(words),
            "convention": choices.with_present(choices.conventions(words), first["convention"]),
            "part_role": choices.part_roles(words),
            "dates": [
                ("day", _("Exact days")),
                ("month", _("A month")),
                ("quarter", _("A quarter")),
                ("year", _("A year")),
                ("words", _("Words only")),
            ],
            "quarter": choices.with_present(quarters, [first["quarter"]]),
            "year": choices.with_present(choices.not_over(str(today.year), choices.years(today)), [first["year"]]),
            "status": choices.statuses(words, first["status"]),
            "format": choices.formats(words),
            "country": choices.countries(words),
            "region": choices.with_present(choices.regions(words), first["region"]),
            "languages": choices.with_present(choices.languages(words), first["languages"]),
            "access": choices.accesses(),
            "visibility": choices.visibilities(),
        }
        offered |= {f"link_kind_{number}": choices.link_kinds(words) for number in range(1, MOST_LINKS + 1)}
        if not first["status"]:
            offered["status"] = [("", _("Choose confirmed or tentative")), *offered["status"]]
        for name, listed in offered.items():
            if name in self:
                self[name].choices = listed

    def is_changed(self, *names: str) -> bool:
        """Tell whether any of the fields that are there says something else than `base`."""
        return any(name in self and _same(self[name].data) != _same(self.initial.get(name)) for name in names)

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401
        """Judge what was typed; of the ways to say the dates only the chosen one counts."""
        if "dates" in self:
            self._take_filled_way()
            for way, names in DATES.items():
                if way != self.dates.data:
                    for name in names:
                        self[name].process_errors = []
                        self[name].validate_choice = False
                        self[name].validators = []
        self.named = {}
        result: bool = super().validate(extra_validators)
        return result

    def _take_filled_way(self) -> None:
        """Take the one way to say the dates that was filled in, if nothing was filled in of the chosen one."""
        filled = [way for way, names in DATES.items() if any(self._is_filled(name) for name in names)]
        chosen = DATES.get(self.dates.data, ())
        if chosen and len(filled) == 1 and not any(self[name].data or self[name].process_errors for name in chosen):
            self.dates.data = filled[0]

    def _is_filled(self, name: str) -> bool:
        return bool(self[name].process_errors or (self[name].data and self.is_changed(name)))

    def validate_title(self, field: Field) -> None:
        """Refuse a title without a letter or a digit."""
        if field.data and not fold(field.data):
            raise ValidationError(_("Write a title with letters in it."))

    def validate_title_language(self, field: Field) -> None:
        """Refuse two different titles in one language."""
        name = f"title_{field.data}"
        if name in title_fields() and self[name].data and self[name].data != self.title.data:
            raise ValidationError(_("There is another title in this language below; leave one of them empty."))

    def validate_body(self, field: Field) -> None:
        """Refuse a body that is not in the list, and numbers without a body of their own."""
        if not self.is_changed("body", "meeting_number"):
            return
        names = list_of(field.data or "")
        if len(names) > MOST_BODIES:
            raise ValidationError(_("Name at most %(most)s bodies.", most=MOST_BODIES))
        for text in names:
            if listed_body(text) is None:
                raise ValidationError(_("“%(name)s” is not in the list of bodies.", name=text[:60]))

    def validate_meeting_number(self, field: Field) -> None:
        """Refuse what is no number, and more or fewer numbers than bodies."""
        numbers = [part.strip() for part in field.data.split(";")] if field.data else []
        if any(number and not _NUMBER.fullmatch(number) for number in numbers):
            raise ValidationError(_("The number of a meeting is a whole number, such as 17."))
        if numbers and len(numbers) != len(list_of(self.body.data or "")):
            raise ValidationError(_("Give one number for each body, in the same order, with semicolons between."))

    def validate_lead(self, field: Field) -> None:
        """Refuse names without measure."""
        if any(len(name) > 200 for name in list_of(field.data or "")):  # noqa: PLR2004 - as in co-organisers
            raise ValidationError(_("A name can have at most 200 characters."))

    def validate_dates(self, field: Field) -> None:
        """Miss what the chosen way to say the dates needs; the sentence stands at the field where it is missing."""
        sentences = {
            "day": _("Give the first day."),
            "month": _("Choose the month."),
            "quarter": _("Choose the quarter."),
            "year": _("Choose the year."),
            "words": _("Say in words when it is, such as “after the COP in 2027”."),
        }
        if field.data not in DATES:
            return
        needed = self[DATES[field.data][0]]
        if not needed.data and not needed.process_errors:
            needed.validators = [*needed.validators, partial(_refuse, sentences[field.data])]

    def validate_last_day(self, field: Field) -> None:
        """Refuse a last day before the first."""
        if self.dates.data == "day" and field.data and self.first_day.data and field.data < self.first_day.data:
            raise ValidationError(_("The last day is before the first day."))

    def validate_end_time(self, field: Field) -> None:
        """Refuse an end without a beginning."""
        if field.data and not self.start_time.data:
            raise ValidationError(_("Say also when it begins."))

    def validate_timezone(self, field: Field) -> None:
        """Refuse an unknown zone, and hours without a zone unless the city knows it."""
        if not self.is_changed("timezone", "start_time", "end_time", "city"):
            return
        if field.data and field.data not in choices.zones():
            raise ValidationError(_("Choose a time zone of the list, such as Europe/Zurich."))
        if field.data or not self.start_time.data or reference().find("city", self.city.data or ""):
            return
        field.data = zones.of_country(self.country.data)
        if not field.data:
            raise ValidationError(zones.question(self.city.data))

    def validate_part_of(self, field: Field) -> None:
        """Refuse a whole that is not there, or that is within this event."""
        whole = self._event_named(field) if field.data and self.is_changed("part_of") else None
        if whole and self.event_id and is_within(db.session(), whole, self.event_id):
            raise ValidationError(_("An event cannot be part of itself or of one of its parts."))

    def _validate_link(self, field: Field) -> None:
        kind = self[field.short_name.replace("event", "kind")]
        if not self.is_changed(kind.short_name, field.short_name):
            return
        if bool(kind.data) != bool(field.data):
            raise ValidationError(_("Choose the relation and name the event, or leave both empty."))
        if field.data and self._event_named(field) == self.event_id:
            raise ValidationError(_("This is the event itself."))

    validate_link_event_1 = validate_link_event_2 = validate_link_event_3 = _validate_link

    def _event_named(self, field: Field) -> uuid.UUID:
        try:
            found = named_event(db.session(), page.viewer(), field.data)
        except SeveralEventsError:
            raise ValidationError(_("Several events have this title; paste the address of the one you mean.")) from None
        if found is None:
            raise ValidationError(_("There is no such event; paste the address of its page in this calendar."))
        self.named[field.short_name] = found
        return found


class SubmissionForm(EventForm):
    """The event form as it is sent in: with the organisation that decides, and who sends it if nobody is signed in."""

    key = HiddenField(default=lambda: secrets.token_urlsafe(32))
    draft = HiddenField()
    organisation = SelectField(_l("Which organisation decides on it?"), validators=[InputRequired()], default="")
    name = Line(_l("Your name"), most=200, validators=[DataRequired()])
    email = Mailbox(_l("Your e-mail address"), validators=[DataRequired()])
    decision = Decision()

    def __init__(self, formdata: Any = None, *, organisations: choices.Choices, **rest: Any) -> None:  # noqa: ANN401
        """Offer the organisations, as pairs of code and name."""
        super().__init__(formdata, **rest)
        self.organisation.choices = [("", _("Choose an organisation")), *organisations]
        if self.person:
            del self.name, self.email
        if not (self.person and self.person.deciding):
            del self.decision

    def keep_key(self) -> bool:
        """Return whether the form came with a key of ours; without one it gets a new one for the next time."""
        if _KEY.fullmatch(self.key.data or ""):
            return True
        self.renew_key()
        return False

    def renew_key(self) -> None:
        """Make the form one of its own, apart from what was sent with it before."""
        self.key.data = secrets.token_urlsafe(32)

    def validate_organisation(self, field: Field) -> None:
        """Refuse what only members may say of an event of their own organisation."""
        member = self.person is not None and field.data in self.person.roles
        if field.data and not member and self.is_changed(*INTERNAL):
            raise ValidationError(
                _("Only its own members can fill in what is for the secretariat only; leave those fields empty.")
            )


class AnswerForm(EventForm):
    """The event form of a submission that is changed, with an answer to the secretariat."""

    answer = Text(_l("Your answer to the secretariat"))


class WithdrawForm(FlaskForm):  # type: ignore[misc]
    """Taking back what one has sent."""

    reason = Text(_l("Reason"), validators=[DataRequired()])


def _same(value: object) -> object:
    """Return the value so that nothing given and an empty text are one, and the order of ticks says nothing."""
    return sorted(value) if isinstance(value, (list, tuple)) else value or None


def _refuse(sentence: str, _form: object, _field: object) -> None:
    raise ValidationError(sentence)


def title_fields() -> tuple[str, ...]:
    """Return the names of the fields for titles in each language."""
    return tuple(f"title_{code}" for code in LANGUAGES)
