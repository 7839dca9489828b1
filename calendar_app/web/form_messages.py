"""What forms say about wrong values, in the reader's language: our words first, then WTForms' own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from babel.support import Translations
from flask import request
from wtforms.i18n import messages_path

from calendar_app.services import wording
from calendar_app.web.page import current_language

if TYPE_CHECKING:
    from babel.support import NullTranslations
    from flask import Flask


def init_app(app: Flask) -> None:
    """Let every form of Flask-WTF speak the interface's language."""
    app.before_request(_speak)


def _speak() -> None:
    # Flask-WTF keeps its catalogue there for the time of a request, and looks there before it loads one.
    request.wtforms_translations = _Messages()  # type: ignore[attr-defined]


class _Messages:
    """The two methods of a catalogue that Flask-WTF calls; the catalogues are read when a form first needs them."""

    def ugettext(self, text: str) -> str:
        return gettext_of_forms(current_language(), text)

    def ungettext(self, one: str, many: str, count: int) -> str:
        return ngettext_of_forms(current_language(), one, many, count)


@cache
def _of_library(language: str) -> NullTranslations:
    return Translations.load(messages_path(), [language], domain="wtforms")


def gettext_of_forms(language: str, text: str) -> str:
    """Return a message of the library of forms in a language."""
    text = INSTEAD.get(text, text)
    ours = wording.catalogue(language).ugettext(text)
    return ours if ours != text else _of_library(language).ugettext(text)


def ngettext_of_forms(language: str, one: str, many: str, count: int) -> str:
    """Return a message of the library of forms in a language, in the plural form that `count` needs."""
    ours = wording.catalogue(language).ungettext(one, many, count)
    return ours if ours not in {one, many} else _of_library(language).ungettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext tools know it
    """Mark a text for translation elsewhere."""
    return text


def ngettext(one: str, many: str) -> tuple[str, str]:
    """Mark a text and its plural for translation elsewhere."""
    return one, many


# What we say instead of WTForms, because its words speak of programs.
INSTEAD = {
    "Not a valid choice.": N_("This is not in the list. Choose one of the list."),
    "Not a valid integer value.": N_("Write a whole number, such as 25."),
}

# What WTForms lacks, or has in English, in one of our languages (tests/test_translations.py says when one is missing).
LACKING = (
    N_("Choices cannot be None."),
    N_("Date must be at least %(min)s."),
    N_("Date must be at most %(max)s."),
    N_("Date must be between %(min)s and %(max)s."),
    N_("Not a valid time value."),
    N_("Not a valid week value."),
    N_("This field cannot be edited."),
    N_("This field is disabled and cannot have a value."),
    ngettext("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters."),
    ngettext("Field must be at least %(min)d character long.", "Field must be at least %(min)d characters long."),
    ngettext("Field must be exactly %(max)d character long.", "Field must be exactly %(max)d characters long."),
    ngettext("'%(value)s' is not a valid choice for this field.", "'%(value)s' are not valid choices for this field."),
)
