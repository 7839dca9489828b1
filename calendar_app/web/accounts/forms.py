"""The forms about accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from flask_security.proxies import _security
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from calendar_app.services import passwords
from calendar_app.services.event_form_text import single_line
from calendar_app.services.records import LANGUAGES
from calendar_app.web.page import own_name

if TYPE_CHECKING:
    from calendar_app.models import Account

_LONGEST_EMAIL, _LONGEST_NAME = 254, 200


def _one_line(text: str | None) -> str:
    return single_line(text or "")


def languages() -> list[SelectChoice]:
    """Return the six languages, each by the name and in the language of its readers."""
    return [SelectChoice(code, own_name(code), render_kw={"lang": code}) for code in LANGUAGES]


def _password(label: object, autocomplete: str) -> PasswordField:
    return PasswordField(
        label,
        [InputRequired(_("Please type a password.")), Length(max=passwords.MAX_LENGTH)],
        render_kw={"autocomplete": autocomplete},
    )


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Address and password; `next` is the page to go on to."""

    email = EmailField(
        _("E-mail address"),
        [InputRequired(_("Please type your e-mail address.")), Length(max=_LONGEST_EMAIL)],
        render_kw={"autocomplete": "username"},
    )
    password = _password(_("Password"), "current-password")
    next = HiddenField()


class AddressForm(FlaskForm):  # type: ignore[misc]
    """An address to which a link is sent."""

    email = EmailField(
        _("E-mail address"),
        [InputRequired(_("Please type your e-mail address.")), Length(max=_LONGEST_EMAIL)],
        render_kw={"autocomplete": "username"},
    )
    next = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of six digits from an authenticator."""

    code = StringField(
        _("Code from your authenticator"),
        [InputRequired(_("Please type the code.")), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )

    @property
    def digits(self) -> str:
        """The code without blanks."""
        return "".join((self.code.data or "").split())


class RecoveryForm(FlaskForm):  # type: ignore[misc]
    """A recovery code."""

    code = StringField(
        _("Recovery code"),
        [InputRequired(_("Please type the code.")), Length(max=40)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    @property
    def letters(self) -> str:
        """The code as it was given out: in small letters, in groups of four."""
        sign = "".join(c for c in (self.code.data or "").lower() if c.isalnum())
        return "-".join(sign[i : i + 4] for i in range(0, len(sign), 4))


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password, typed again before something that matters."""

    password = _password(_("Your password"), "current-password")


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password for `account`; it may be pasted, and is typed once, for it can be shown."""

    password = _password(_("New password"), "new-password")
    repeated = _password(_("New password, once more"), "new-password")

    def __init__(self, account: Account, **values: Any) -> None:  # noqa: ANN401 - what FlaskForm takes
        """Make the form for an account."""
        super().__init__(**values)
        self.account = account

    def validate_password(self, field: PasswordField) -> None:
        """Refuse what is too short or too easy to guess."""
        field.data = _security.password_util.normalize(field.data)
        problem = passwords.problem_of(field.data, self.account.email, self.account.name)
        if problem == "easy":
            raise ValidationError(
                _("This password is too easy to guess. Take several words that have nothing to do with you or with us.")
            )
        if problem:
            raise ValidationError(
                _("A password has %(least)d to %(most)d characters.")
                % {"least": passwords.MIN_LENGTH, "most": passwords.MAX_LENGTH}
            )

    def validate_repeated(self, field: PasswordField) -> None:
        """Refuse what is not the same."""
        if _security.password_util.normalize(field.data) != self.password.data:
            raise ValidationError(_("The two passwords are not the same."))


class ChangePasswordForm(NewPasswordForm):
    """The same with the password so far."""

    current = _password(_("Password so far"), "current-password")


class AccountForm(FlaskForm):  # type: ignore[misc]
    """Name and language of a person."""

    name = StringField(
        _("Name"),
        [DataRequired(_("Please type your name.")), Length(max=_LONGEST_NAME)],
        filters=[_one_line],
        render_kw={"autocomplete": "name", "dir": "auto"},
    )
    language = SelectField(_("Language of letters to you"), choices=languages())


class InvitationForm(FlaskForm):  # type: ignore[misc]
    """Accepting; the name is asked of those who have no account yet."""

    name = StringField(
        _("Your name"),
        [DataRequired(_("Please type your name.")), Length(max=_LONGEST_NAME)],
        filters=[_one_line],
        render_kw={"autocomplete": "name", "dir": "auto"},
    )
