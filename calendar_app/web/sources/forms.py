"""The form of a source's settings, with its table of rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, HiddenField, SelectField, ValidationError
from wtforms.validators import DataRequired

from calendar_app.services.harvesting import Trust
from calendar_app.services.reference import reference
from calendar_app.services.source_asks import SourceKind
from calendar_app.services.source_items import MOST_RULES
from calendar_app.web.page import words
from calendar_app.web.submit import choices
from calendar_app.web.submit.fields import Address, Decision, Line

if TYPE_CHECKING:
    from wtforms import Field

    from calendar_app.models import Source
    from calendar_app.services.access import Person

_BLANK_RULES = 3
_HOURS = (1, 3, 6, 12, 24)


def _over_https(address: str | None) -> str:
    """Return an address as it is asked: calendar programs write webcal:// where they mean https://."""
    return re.sub(r"^webcals?://", "https://", address or "", flags=re.IGNORECASE)


class RuleForm(Form):  # type: ignore[misc]
    """One line of the table: words, and what an event gets in whose text they stand."""

    words = Line(_l("Words"), most=100)
    convention = SelectField(_l("Convention or process"))
    kind = SelectField(_l("Kind"))
    body = SelectField(_l("Body"))

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401 - what WTForms passes on
        """Offer what the lists have."""
        super().__init__(*args, **rest)
        speak, nothing = words(), [("", "–")]
        self.convention.choices = [*nothing, *choices.conventions(speak)]
        self.kind.choices = [*nothing, *(pair for pair in choices.kinds(speak) if pair[0])]
        named = ((code, speak.gettext(body.name)) for code, body in reference().bodies.items())
        self.body.choices = [*nothing, *choices.sorted_choices(named)]


class SourceForm(FlaskForm):  # type: ignore[misc]
    """What is known of a source."""

    name = Line(_l("Name"), most=120, validators=[DataRequired()])
    url = Address(_l("Address"), filters=[_over_https])
    kind = SelectField(_l("What it speaks"))
    owner_code = SelectField(_l("Who looks after what comes in"))
    trust = SelectField(_l("What becomes of what it says"))
    interval_hours = SelectField(_l("How often it is asked"), coerce=int)
    timezone = Line(_l("Its usual time zone"), most=60, validators=[DataRequired()])
    rules = FieldList(FormField(RuleForm), max_entries=MOST_RULES)

    def __init__(self, someone: Person, source: Source | None = None) -> None:
        """Show what a source has, or what is usual."""
        data = _data(source) if source else {"interval_hours": 6, "timezone": "Europe/Zurich", "trust": Trust.MODERATED}
        super().__init__(data=data)
        speak = words()
        self.kind.choices = [
            (SourceKind.ICS, _("A calendar file (iCalendar)")), (SourceKind.INFORMEA, _("A service of InforMEA")),
        ]  # fmt: skip
        self.owner_code.choices = [(code, speak.organisation(code, code)) for code in sorted(someone.deciding)]
        self.trust.choices = [
            (Trust.MODERATED, _("It waits for a decision of the owner")), (Trust.DIRECT, _("It is published at once")),
        ]  # fmt: skip
        self.interval_hours.choices = [
            (hours, speak.ngettext("Every hour", "Every %(num)d hours", hours) % {"num": hours}) for hours in _HOURS
        ]
        if not self.is_submitted():
            for _blank in range(_BLANK_RULES):
                self.rules.append_entry()

    def validate_url(self, field: Field) -> None:
        """An address is needed."""
        if not field.data:
            raise ValidationError(_("Write a full address that begins with https:// or http://."))

    def validate_timezone(self, field: Field) -> None:
        """Refuse what is no time zone."""
        if field.data not in choices.zones():
            raise ValidationError(_("Choose a time zone, such as Europe/Zurich."))

    def values(self) -> dict[str, Any]:
        """Return the columns of a source."""
        names = ("name", "url", "kind", "owner_code", "trust", "interval_hours", "timezone")
        rules = [
            {name: entry.form[name].data or "" for name in ("words", "convention", "kind", "body")}
            for entry in self.rules
        ]
        return {name: self[name].data for name in names} | {"rules": [rule for rule in rules if rule["words"]]}


def _data(source: Source) -> dict[str, Any]:
    names = ("name", "url", "kind", "owner_code", "trust", "interval_hours", "timezone", "rules")
    return {name: getattr(source, name) for name in names}


class SettleForm(FlaskForm):  # type: ignore[misc]
    """Which of two things is right: what the source says, or what we have.

    `seen` is the last change of the event that the person saw, `said` a digest of what the source said then.
    """

    item = HiddenField()
    unit = HiddenField()
    seen = HiddenField()
    said = HiddenField()
    answer = HiddenField()
    decision = Decision()


class GoneForm(FlaskForm):  # type: ignore[misc]
    """What it means that events are gone from a source; `seen` is a digest of those that the person saw."""

    seen = HiddenField()
    answer = HiddenField()
