"""A form as it was typed, kept for later: as plain lists of texts, and a form made of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from werkzeug.datastructures import MultiDict

from calendar_app.extensions import db
from calendar_app.services import submissions
from calendar_app.services.event_form_text import several_lines
from calendar_app.web.page import words
from calendar_app.web.submit.forms import SubmissionForm

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from calendar_app.services.access import Person
    from calendar_app.services.records import EventRecord
    from calendar_app.web.submit.choices import Choices

# Of each field no more is kept, and of all together; what is longer is no text that a person typed.
_MOST_CHARACTERS, _MOST_VALUES, _MOST_IN_ALL = 30_000, 100, 100_000
# Of this form and this browser only.
_NOT_KEPT = frozenset({"csrf_token", "draft"})


def typed(form: SubmissionForm) -> dict[str, list[str]]:
    """Return what this request brought for the fields of the form."""
    left = _MOST_IN_ALL
    kept: dict[str, list[str]] = {}
    for name in form._fields:
        if name in _NOT_KEPT or name not in request.form:
            continue
        kept[name] = []
        for text in request.form.getlist(name)[:_MOST_VALUES]:
            kept[name].append(several_lines(text[: min(left, _MOST_CHARACTERS)]))
            left -= len(kept[name][-1])
    return kept


def form_of(kept: Mapping[str, list[str]], person: Person | None, *, csrf: bool = True) -> SubmissionForm:
    """Return the form in which this was typed."""
    return submission_form(person, MultiDict(kept), csrf=csrf)


def submission_form(
    person: Person | None,
    formdata: MultiDict[str, str] | None = None,
    *,
    base: EventRecord | None = None,
    event_id: uuid.UUID | None = None,
    csrf: bool = True,
) -> SubmissionForm:
    """Return the form as sent by this request, or with `formdata`; members find what is for the secretariat only."""
    return SubmissionForm(
        formdata,
        organisations=organisation_choices(),
        person=person,
        base=base,
        event_id=event_id,
        internal=bool(person and person.roles),
        meta={"csrf": csrf},
    )


def organisation_choices() -> Choices:
    """Return the organisations to which an event can be sent."""
    speak = words()
    found = submissions.organisations(db.session())
    return [(o.code, f"{speak.gettext(o.short_name)} – {speak.organisation(o.code, o.name)}") for o in found]
