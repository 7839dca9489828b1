"""What people say to a finding. Answers remember what the person saw (`seen`)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, ValidationError
from wtforms.validators import DataRequired

from calendar_app.web.submit.fields import Text, check_sentence
from calendar_app.web.work.forms import MOST_REASON


class CommentForm(FlaskForm):  # type: ignore[misc]
    """A comment."""

    text = Text(_l("Comment"), most=MOST_REASON, validators=[DataRequired()])


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """An answer, with the reason for it; `needs_reason` says whether it can go without."""

    seen = HiddenField()
    text = Text(_l("Reason"), most=MOST_REASON)

    def __init__(self, *args: Any, needs_reason: bool, **rest: Any) -> None:  # noqa: ANN401
        """Say beside the field whether it must be filled in."""
        super().__init__(*args, **rest)
        self._needs_reason = needs_reason
        if needs_reason:
            self.text.flags.required = True

    def validate_text(self, field: Any) -> None:  # noqa: ANN401
        """Ask for the reason where one is needed."""
        if self._needs_reason and not field.data:
            raise ValidationError(_("Say why, so that the others understand the decision."))
        if self._needs_reason:
            check_sentence(self, field)
