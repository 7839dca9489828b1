"""The letters about accounts, each in the language of its reader. A subject never holds a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendar_app.mail.composing import Action, Letter, Paragraph
from calendar_app.models import Organisation
from calendar_app.services.access import Role
from calendar_app.services.wording import Words

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy.orm import Session

    from calendar_app.models import Invitation
    from calendar_app.services.access import Person

_MINUTE = 60


def role_label(role: str, words: Words) -> str:
    """Return a role in words."""
    return {
        Role.CONTRIBUTOR: words.gettext("Contributor"),
        Role.COORDINATOR: words.gettext("Coordinator"),
        Role.ADMINISTRATOR: words.gettext("Administrator"),
    }[Role(role)]


def invitation(session: Session, invited: Invitation, by: Person | None, url: str) -> Letter:
    """Return the letter that invites somebody to an organisation; `by` is None for the command line."""
    words = Words(invited.language)
    organisation = session.get_one(Organisation, invited.organisation_code)
    values = {
        "person": (by.name or by.email) if by else words.gettext("An administrator"),
        "organisation": words.organisation(organisation.code, organisation.name),
        "role": role_label(invited.role, words),
        "day": words.day(invited.expires_at.date()),
    }
    return Letter(
        words.gettext("Invitation to the joint meeting calendar"),
        (
            Paragraph(
                words.gettext(
                    "%(person)s invites you to keep the joint meeting calendar together with %(organisation)s."
                    " Your role there: %(role)s."
                )
                % values
            ),
            Action(words.gettext("See and accept the invitation"), url),
            Paragraph(
                words.gettext("The link works once, until %(day)s. If you do not want to join, you need do nothing.")
                % values
            ),
        ),
    )


def sign_in_link(language: str, url: str, lives: timedelta) -> Letter:
    """Return the letter with a link that signs in."""
    words = Words(language)
    minutes = int(lives.total_seconds()) // _MINUTE
    return Letter(
        words.gettext("Your sign-in link"),
        (
            Paragraph(words.gettext("Somebody, most likely you, asked for a link to sign in.")),
            Action(words.gettext("Sign in to the joint meeting calendar"), url),
            Paragraph(
                words.ngettext(
                    "The link works once, within %(num)d minute, in the browser where you open it.",
                    "The link works once, within %(num)d minutes, in the browser where you open it.",
                    minutes,
                )
                % {"num": minutes}
            ),
            Paragraph(words.gettext("If you did not ask for it, you need do nothing.")),
        ),
    )


def password_link(language: str, url: str, lives: timedelta) -> Letter:
    """Return the letter with a link at which a new password can be chosen."""
    words = Words(language)
    minutes = int(lives.total_seconds()) // _MINUTE
    return Letter(
        words.gettext("Choose a new password"),
        (
            Paragraph(words.gettext("Somebody, most likely you, asked for a new password.")),
            Action(words.gettext("Choose a new password"), url),
            Paragraph(
                words.ngettext(
                    "The link works once, within %(num)d minute.",
                    "The link works once, within %(num)d minutes.",
                    minutes,
                )
                % {"num": minutes}
            ),
            Paragraph(words.gettext("If you did not ask for it, you need do nothing: your password stays as it is.")),
        ),
    )


def password_changed(language: str) -> Letter:
    """Return the letter that tells of a new password."""
    words = Words(language)
    return Letter(
        words.gettext("Your password was changed"),
        (
            Paragraph(words.gettext("Your password was changed, and all other browsers were signed out.")),
            _if_not_you(words),
        ),
    )


def two_steps_changed(language: str, *, on: bool) -> Letter:
    """Return the letter that tells that the second step of signing in was set up, or removed."""
    words = Words(language)
    told = (
        words.gettext("An authenticator was set up for your account: signing in now takes a code from it as well.")
        if on
        else words.gettext("The authenticator of your account was removed: signing in no longer takes a code from it.")
    )
    return Letter(words.gettext("Two-step sign-in was changed"), (Paragraph(told), _if_not_you(words)))


def _if_not_you(words: Words) -> Paragraph:
    return Paragraph(
        words.gettext(
            "If this was not you, choose a new password on the sign-in page at once and tell an administrator of your"
            " organisation."
        )
    )
