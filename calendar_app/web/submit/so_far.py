"""What an event form says while it is still being filled in: what is wrong or missing counts as not said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.datastructures import MultiDict

from calendar_app.services.records import EventRecord
from calendar_app.web.submit.form_record import record_of_form
from calendar_app.web.submit.form_values import MOST_LINKS
from calendar_app.web.submit.forms import DATES, EventForm

if TYPE_CHECKING:
    import uuid

    from calendar_app.services.access import Person

# Ticks of which none is left are not sent by a browser; the script of the page says so with an empty value.
_TICKS = ("convention", "region", "languages")
# Fields that mean something together only: if one is wrong, none of them is said.
_TOGETHER = (
    ("dates", *(name for names in DATES.values() for name in names)),
    ("start_time", "end_time", "timezone"),
    ("body", "meeting_number"),
    *((f"link_kind_{number}", f"link_event_{number}") for number in range(1, MOST_LINKS + 1)),
)


def record_so_far(
    given: MultiDict[str, str],
    someone: Person | None,
    base: EventRecord | None = None,
    event_id: uuid.UUID | None = None,
    *,
    internal: bool = False,
) -> EventRecord:
    """Return `base` with what was typed; what is not among `given` stays as it is there.

    `internal`: with the fields for the secretariat only, for those who may fill them in.
    """
    base = base or EventRecord()
    kept = MultiDict((name, text) for name, text in given.items(multi=True) if text or name not in _TICKS)
    form = EventForm(kept, person=someone, base=base, event_id=event_id, internal=internal, meta={"csrf": False})
    for name in _TICKS:
        if name not in given:
            del form[name]
    form.validate()
    wrong = set(form.errors)
    for names in _TOGETHER:
        if wrong & set(names):
            wrong |= set(names)
    for name in wrong:
        if name in form:
            form[name].process(None, form.initial.get(name))
    return record_of_form(form, base)
