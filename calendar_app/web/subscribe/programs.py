"""What calendar programs do with a feed, as far as it is known: from specifications, users' reports and trials."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class Program:
    """A program in words: how often it looks, and what becomes of an event that is cancelled or moved."""

    name: str
    looks: str
    cancelled: str
    moved: str


def programs() -> list[Program]:
    """Return what people who read this calendar use."""
    unknown, struck = _("Not known to us."), _("Struck through.")
    return [
        Program(
            _("Google Calendar"),
            _("Usually every 12 to 24 hours. It cannot be set or hurried."),
            _("Taken out of your calendar, unless you choose above to keep it in view."),
            _("Moved at the next look."),
        ),
        Program(
            _("Outlook on the web, Outlook.com"),
            _("Usually every few hours, at times more than a day. It cannot be set."),
            unknown,
            unknown,
        ),
        Program(
            _("Outlook on the desktop (classic)"),
            _(
                "While the program is open, when it sends and receives; it can follow the interval of six hours that"
                " we suggest."
            ),
            unknown,
            unknown,
        ),
        Program(
            _("Apple Calendar on a Mac"),
            _(
                "As you set it: open the calendar’s information and choose the refresh, from every five minutes to"
                " every week."
            ),
            struck,
            unknown,
        ),
        Program(
            _("Apple Calendar on an iPhone or iPad"),
            _("As you set it, under fetching of new data in the calendar accounts."),
            struck,
            unknown,
        ),
        Program(_("Thunderbird"), _("As you set it in the properties of the calendar."), unknown, unknown),
        Program(
            _("ICSx5 on Android"),
            unknown,
            _("Shown like any other; the word in front of its title says that it is cancelled."),
            _("Moved at the next look."),
        ),
    ]
