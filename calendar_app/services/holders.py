"""Who holds an event, in words; of one that its steward only keeps for others, also that it keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendar_app.planning.vocabulary import OrganiserRole
from calendar_app.services.finding_board import short_name
from calendar_app.services.records import holders_of
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calendar_app.models import Event
    from calendar_app.services.records import Organiser
    from calendar_app.services.wording import Words


def holder(words: Words, steward_code: str, organisers: Sequence[Organiser]) -> str:
    """Return "BRS", "Ozone (kept by BRS)" or, where nobody is known to hold it, "Kept by BRS"."""
    steward = short_name(words, steward_code)
    if steward_code in {organiser.code for organiser in organisers}:
        return steward
    leads = [organiser for organiser in organisers if organiser.role == OrganiserRole.LEAD] or organisers
    names = [short_name(words, organiser.code) if organiser.code else organiser.name for organiser in leads]
    if not names:
        return words.running(words.gettext("Kept by %(steward)s") % {"steward": words.isolated(steward)})
    values = {"holder": words.listed(map(words.isolated, names)), "steward": words.isolated(steward)}
    return words.running(words.gettext("%(holder)s (kept by %(steward)s)") % values)


def is_of_others(event: Event) -> bool:
    """Tell whether listed organisations hold an event and no member does: then no member moves or prepares it.

    What is held by somebody who is in no list counts as its keeper's.
    """
    listed, holding = reference().organisations, holders_of(event)
    return bool(holding) and not any(code in listed and listed[code].member for code in holding)
