"""The three answers to what was sent in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired

from calendar_app.web.submit.fields import Text
from calendar_app.web.work import forms as work_forms


class PublishForm(work_forms.PublishForm):
    """Publishing at once or on a date, with a word to the sender if there is one to say."""

    reason = Text(_l("Words to the sender, if there are any"), most=work_forms.MOST_REASON)


class AnswerForm(work_forms.SeenForm):
    """An answer that needs a sentence."""

    reason = Text(_l("Sentence to the sender"), most=work_forms.MOST_REASON, validators=[DataRequired()])
