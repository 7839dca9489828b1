"""One change of many events."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, ValidationError

from calendar_app.planning.vocabulary import Status
from calendar_app.services import bulk
from calendar_app.services.field_words import FieldWords
from calendar_app.web.page import words
from calendar_app.web.submit import choices
from calendar_app.web.submit.fields import Address, Decision, Line, Text
from calendar_app.web.work.forms import MOST_REASON


class BulkForm(FlaskForm):  # type: ignore[misc]
    """Which field to set, and to what: of the values only that of the chosen field counts."""

    field = SelectField(_l("What to change"))
    contact = Line(_l("Contact"))
    web_url = Address(_l("Web page"))
    visibility = SelectField(_l("Who may see it"))
    status = SelectField(_l("Status"))
    processes = SelectField(_l("Convention to add"))
    reason = Text(_l("Reason"), most=MOST_REASON)
    decision = Decision()

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401
        """Fill the lists."""
        super().__init__(*args, **rest)
        speak, fields = words(), FieldWords(words())
        self.field.choices = [(name, self._label(name, fields)) for name in bulk.FIELDS]
        self.visibility.choices = choices.visibilities()
        self.status.choices = [(str(s), speak.status(s)) for s in (Status.CONFIRMED, Status.TENTATIVE)]
        self.processes.choices = choices.conventions(speak)

    @staticmethod
    def _label(name: str, fields: FieldWords) -> str:
        return str(_("Add a convention")) if name == "processes" else fields.label(name)

    @property
    def value(self) -> str:
        """The value of the chosen field."""
        return str(self[self.field.data].data or "")

    def validate_field(self, field: Any) -> None:  # noqa: ANN401
        """Refuse to change nothing: an empty contact or address would wipe out those that are there."""
        if field.data in {"contact", "web_url"} and not self[field.data].data:
            raise ValidationError(_("Fill in the new value."))
