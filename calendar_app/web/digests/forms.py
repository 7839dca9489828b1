"""The forms of digests: when they come, and to whom they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from calendar_app.services.digest_settings import Entered
from calendar_app.services.mail_recipients import RecipientKind
from calendar_app.services.records import LANGUAGES
from calendar_app.services.wording import available_languages
from calendar_app.web.accounts.forms import languages
from calendar_app.web.page import own_name
from calendar_app.web.submit.fields import Day, Line, Mailbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendar_app.models import DigestRecipient

_MOST_NAME = 200


def kind_label(kind: str) -> str:
    """Return what stands behind an address."""
    labels: dict[str, str] = {
        RecipientKind.PERSON: _("Person"),
        RecipientKind.MAILBOX: _("Shared mailbox"),
        RecipientKind.DEPUTY: _("Deputy"),
    }
    return labels[kind]


class DigestSettingsForm(FlaskForm):  # type: ignore[misc]
    """The hour, and whether digests come each week before a COP."""

    hour = SelectField(
        _l("Hour at which digests are sent"),
        coerce=int,
        choices=[SelectChoice(hour, f"{hour:02}:00") for hour in range(24)],
    )
    weekly = BooleanField(_l("A short digest each Monday in the four weeks before a COP"))


class RecipientForm(FlaskForm):  # type: ignore[misc]
    """One address, what stands behind it, and when it is not read."""

    kind = SelectField(_l("Kind of recipient"))
    email = Mailbox(_l("E-mail address"), validators=[DataRequired(_l("Please type an e-mail address."))])
    name = Line(_l("Name"), most=_MOST_NAME)
    language = SelectField(_l("Language"))
    deputy_of = SelectField(_l("Stands in for"), coerce=int)
    absent_from = Day(_l("Away from"))
    absent_until = Day(_l("Away until"))

    def __init__(self, others: Sequence[DigestRecipient], *args: Any, **rest: Any) -> None:  # noqa: ANN401
        """Offer the `others` to stand in for."""
        super().__init__(*args, **rest)
        self.kind.choices = [(str(kind), kind_label(kind)) for kind in RecipientKind]
        self.language.choices = languages()
        offered = [(row.id, row.name or row.email) for row in others if row.kind != RecipientKind.DEPUTY]
        self.deputy_of.choices = [(0, _("Nobody")), *offered]

    @property
    def spoken(self) -> list[tuple[str, str]]:
        """The languages in which digests come, with their own names; none once it is all that can be chosen."""
        spoken = [code for code in LANGUAGES if code in available_languages()]
        return [(code, own_name(code)) for code in spoken] if len(spoken) < len(LANGUAGES) else []

    def validate_deputy_of(self, field: SelectField) -> None:
        """Ask for whom a deputy stands in."""
        if self.kind.data == RecipientKind.DEPUTY and not field.data:
            raise ValidationError(_("Choose for whom the deputy stands in."))

    def validate_absent_until(self, field: Day) -> None:
        """Refuse days that run backwards."""
        if field.data and self.absent_from.data and field.data < self.absent_from.data:
            raise ValidationError(_("The last day is before the first."))

    @property
    def entered(self) -> Entered:
        """What was typed."""
        return Entered(
            RecipientKind(self.kind.data),
            self.email.data,
            self.name.data,
            self.language.data,
            self.deputy_of.data or None,
            self.absent_from.data,
            self.absent_until.data,
        )
