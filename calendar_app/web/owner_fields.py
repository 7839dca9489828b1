"""Who looks after something, as part of a form: an organisation, a person, or both; nobody needs an account for it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from calendar_app.services.owners import Owned, Owner
from calendar_app.services.reference import reference
from calendar_app.web.page import words
from calendar_app.web.submit.fields import Line, Mailbox

_MOST_NAME = 200


class OwnerForm(FlaskForm):  # type: ignore[misc]
    """A form with an owner; `macros/owner.html` shows its three fields."""

    owner_organisation = SelectField(_l("Organisation in charge"), default="")
    owner_name = Line(_l("Person in charge"), most=_MOST_NAME)
    owner_email = Mailbox(_l("E-mail address of the person"))

    def __init__(self, *args: Any, **rest: Any) -> None:  # noqa: ANN401
        """Offer the organisations, members first."""
        super().__init__(*args, **rest)
        listed = sorted(reference().organisations.values(), key=lambda o: (not o.member, o.short_name.casefold()))
        speak = words()
        names = (speak.organisation(o.code, o.name) if o.member else speak.gettext(o.short_name) for o in listed)
        codes = (o.code for o in listed)
        self.owner_organisation.choices = [("", _("Nobody yet")), *zip(codes, names, strict=True)]

    @property
    def owner(self) -> Owner:
        """The owner as typed."""
        return Owner(self.owner_organisation.data or "", self.owner_name.data or "", self.owner_email.data or "")

    def fill_owner(self, row: Owned) -> None:
        """Show the owner that a row has; an organisation that left the list stays offered."""
        known = {code for code, _label in self.owner_organisation.choices}
        if row.owner_organisation and row.owner_organisation not in known:
            self.owner_organisation.choices.append((row.owner_organisation, row.owner_organisation))
        self.owner_organisation.data = row.owner_organisation
        self.owner_name.data, self.owner_email.data = row.owner_name, row.owner_email
