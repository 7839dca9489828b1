"""The form that makes a private address."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from calendar_app.services.event_form_text import single_line
from calendar_app.services.private_feeds import LONGEST_NAME


class PrivateFeedForm(FlaskForm):  # type: ignore[misc]
    """What a private feed is called, in the reader's calendar program too."""

    name = StringField(
        _("Name"),
        [DataRequired(_("Please type a name.")), Length(max=LONGEST_NAME)],
        filters=[lambda text: single_line(text or "")],
        render_kw={"autocomplete": "off", "dir": "auto", "maxlength": LONGEST_NAME},
    )
