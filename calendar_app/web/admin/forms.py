"""The forms of administration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, ValidationError
from wtforms.validators import InputRequired
from wtforms.widgets import EmailInput

from calendar_app.mail.messages import address
from calendar_app.services import accounts, holidays, organisations
from calendar_app.services.access import Role
from calendar_app.services.records import LANGUAGES
from calendar_app.services.reference import ListedOrganisation, reference
from calendar_app.services.reference_files import WrongCellError, as_list, degrees
from calendar_app.web.page import current_language, words
from calendar_app.web.submit import choices
from calendar_app.web.submit.fields import Address, Line, Text, Ticks, check_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wtforms import Field, Form

MOST_SEATS = 5
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_BODY_CODE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_LABELS = {
    "secretariat": _l("Secretariat"),
    "un-body": _l("United Nations body"),
    "partner": _l("Partner"),
    "regional-centre": _l("Regional centre"),
    "government": _l("Government"),
}
_ROLES = {
    Role.CONTRIBUTOR: _l("Contributor: sends in events and sees those of members"),
    Role.COORDINATOR: _l("Coordinator: decides on events of the organisation"),
    Role.ADMINISTRATOR: _l("Administrator: also manages the members"),
}


def kind_label(kind: str) -> str:
    """Return the kind of an organisation in words."""
    return str(_LABELS.get(kind, kind))


def _check_code(_form: Form, field: Field) -> None:
    # The address of a new one is not an organisation's.
    if not _CODE.fullmatch(field.data or "") or field.data == "new":
        raise ValidationError(_("Write small letters, digits and hyphens, such as unep-law."))


def _check_body_code(_form: Form, field: Field) -> None:
    if not _BODY_CODE.fullmatch(field.data or ""):
        raise ValidationError(_("Write letters, digits and hyphens, such as BC-COP."))


def _check_aliases(form: Form, field: Text) -> None:
    check_lines(form, field)
    if any(";" in line for line in field.lines):
        raise ValidationError(_("Write each name on a line of its own, without semicolons."))


def _check_degrees(most: int) -> Any:  # noqa: ANN401 - what WTForms takes as a validator
    def check(_form: Form, field: Field) -> None:
        field.data = (field.data or "").replace(",", ".").replace("−", "-")
        try:
            degrees({field.name: field.data}, field.name, most)
        except WrongCellError:
            sentence = _("Write degrees between -%(most)s and %(most)s, such as 46.2.", most=str(most))
            raise ValidationError(sentence) from None

    return check


class OrganisationForm(FlaskForm):  # type: ignore[misc]
    """An organisation. The code is asked for once, for a new one."""

    code = Line(_l("Code"), most=40, validators=[InputRequired(), _check_code])
    short_name = Line(_l("Short name"), most=80, validators=[InputRequired()])
    name = Line(_l("Name"), most=200, validators=[InputRequired()])
    kind = SelectField(_l("Kind"))
    member = BooleanField(_l("Member of the exchange: it keeps events and decides on them"))
    url = Address(_l("Web page"))
    aliases = Text(_l("Other names"), rows=4, validators=[_check_aliases])

    def __init__(self, *, shown: ListedOrganisation | None = None) -> None:
        """Fill the form with an organisation; without one it is for a new one."""
        super().__init__(data=_values(shown) if shown else None)
        if shown:
            del self.code
        facts = reference()
        self.kind.choices = [(kind, kind_label(kind)) for kind in organisations.KINDS]
        cities = choices.sorted_choices((c.slug, words().gettext(c.name)) for c in facts.cities.values())
        stations = [(code, words().gettext(name)) for code, name in holidays.duty_stations().items()]
        processes = [(p.slug, words().gettext(p.short_name)) for p in facts.processes.values()]
        for city, station, process in self.seats():
            city.choices = [("", _("None")), *cities]
            station.choices = [("", _("None")), *stations]
            process.choices = [("", _("All its work")), *processes]

    def seats(self) -> list[tuple[SelectField, SelectField, SelectField]]:
        """Return the fields of each seat: city, duty station, process."""
        return [
            (self[f"city_{number}"], self[f"duty_station_{number}"], self[f"process_{number}"])
            for number in range(MOST_SEATS)
        ]

    def wanted(self, code: str) -> ListedOrganisation:
        """Return what the form says."""
        seats = ((city.data, station.data, process.data) for city, station, process in self.seats() if city.data)
        return ListedOrganisation(
            code,
            self.short_name.data,
            self.name.data,
            self.kind.data,
            self.member.data,
            self.url.data,
            self.aliases.lines,
            tuple(dict.fromkeys(seats)),
        )


for _number in range(MOST_SEATS):
    setattr(OrganisationForm, f"city_{_number}", SelectField(_l("City"), default=""))
    setattr(OrganisationForm, f"duty_station_{_number}", SelectField(_l("Duty station"), default=""))
    setattr(OrganisationForm, f"process_{_number}", SelectField(_l("Only for"), default=""))


def _values(shown: ListedOrganisation) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(shown, name) for name in ("short_name", "name", "kind", "member", "url")
    } | {"aliases": "\n".join(shown.aliases)}
    for number, (city, station, process) in enumerate(shown.seats):
        values |= {f"city_{number}": city, f"duty_station_{number}": station, f"process_{number}": process}
    return values


class InvitationForm(FlaskForm):  # type: ignore[misc]
    """Whom to invite, as what, and in which language the letter is."""

    email = Line(_l("E-mail address"), most=254, validators=[InputRequired()], widget=EmailInput())
    role = SelectField(_l("Role"))
    language = SelectField(_l("Language of the letter"))

    def __init__(self, roles: Iterable[str]) -> None:
        """Offer these roles."""
        super().__init__(data={"language": current_language(), "role": next(iter(roles))})
        self.role.choices = role_choices(roles)
        self.language.choices = [(code, Locale.parse(current_language()).languages[code]) for code in LANGUAGES]

    def validate_email(self, field: Field) -> None:
        """Refuse what no letter can be sent to; whether anybody has it is not said."""
        wanted = accounts.normal_email(field.data or "")
        if wanted in {None, accounts.FIRST_ADMINISTRATOR} or not address(wanted):
            raise ValidationError(_("Write an e-mail address, such as name@example.org."))


class RoleForm(FlaskForm):  # type: ignore[misc]
    """Another role for a member."""

    role = SelectField(_l("Role"))

    def __init__(self, present: str = "") -> None:
        """Offer every role."""
        super().__init__(data={"role": present} if present else None)
        self.role.choices = role_choices(Role)


def role_choices(roles: Iterable[str]) -> list[tuple[str, str]]:
    """Return roles with what they may do."""
    return [(str(role), str(_ROLES[Role(role)])) for role in roles]


class CityForm(FlaskForm):  # type: ignore[misc]
    """A city. Its code is made from its first name and stays."""

    name = Line(_l("Name in English"), most=80, validators=[InputRequired()])
    country = SelectField(_l("Country"), validators=[InputRequired()])
    timezone = SelectField(_l("Time zone"), validators=[InputRequired()])
    latitude = Line(
        _l("Latitude"), most=12, validators=[InputRequired(), _check_degrees(90)], render_kw={"inputmode": "decimal"}
    )
    longitude = Line(
        _l("Longitude"), most=12, validators=[InputRequired(), _check_degrees(180)], render_kw={"inputmode": "decimal"}
    )
    aliases = Text(_l("Other names, in any language"), rows=4, validators=[_check_aliases])

    def __init__(self, row: Mapping[str, str] | None = None) -> None:
        """Fill the form with a row of the list."""
        super().__init__(data=_with_lines(row))
        self.country.choices = choices.countries(words())
        self.timezone.choices = [("", _("Not known")), *((zone, zone) for zone in sorted(choices.zones()))]

    def row(self, code: str) -> dict[str, str]:
        """Return the cells of the list; `code` is "" for a new one."""
        return {"slug": code} | _cells(self, "name country timezone latitude longitude aliases".split())


class BodyForm(FlaskForm):  # type: ignore[misc]
    """A body. The code is asked for once, for a new one."""

    code = Line(_l("Code"), most=40, validators=[InputRequired(), _check_body_code])
    # Not "process": the library's forms have a method of that name.
    lane = SelectField(_l("Convention or process"))
    name = Line(_l("Name in English"), most=200, validators=[InputRequired()])
    short_name = Line(_l("Short name"), most=80, validators=[InputRequired()])
    kind = SelectField(_l("Usual kind of its meetings"))
    attendees = Ticks(_l("Who has to be there"))
    aliases = Text(_l("Other names, in any language"), rows=4, validators=[_check_aliases])
    url = Address(_l("Web page"))

    def __init__(self, row: Mapping[str, str] | None = None) -> None:
        """Fill the form with a row of the list."""
        super().__init__(data=_with_lines(row))
        facts = reference()
        if row:
            del self.code
        self.lane.choices = choices.conventions(words())
        self.kind.choices = choices.sorted_choices((k.slug, words().gettext(k.name)) for k in facts.kinds.values())
        self.attendees.choices = [(code, words().gettext(name)) for code, name in facts.audiences.items()]

    def row(self, code: str) -> dict[str, str]:
        """Return the cells of the list; `code` is "" for a new one."""
        cells = _cells(self, "name short_name kind attendees aliases url".split())
        return {"code": code or self.code.data, "process": self.lane.data} | cells


def _with_lines(row: Mapping[str, str] | None) -> dict[str, Any] | None:
    """Return a row as fields have it: names on lines of their own, several codes as a list."""
    if row is None:
        return None
    values: dict[str, Any] = dict(row) | {"aliases": "\n".join(as_list(row["aliases"]))}
    if "attendees" in row:
        values |= {"attendees": list(as_list(row["attendees"])), "lane": row["process"]}
    return values


def _cells(form: FlaskForm, names: Iterable[str]) -> dict[str, str]:
    cells = {}
    for name in names:
        field = form[name]
        several = field.lines if isinstance(field, Text) else field.data
        cells[name] = several if isinstance(several, str) else "; ".join(several)
    return cells


LIST_FORMS: dict[str, type[CityForm | BodyForm]] = {"bodies": BodyForm, "cities": CityForm}
