"""What pages say of imports: states, fields, and sentences about a file and its rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from calendar_app.extensions import clock
from calendar_app.services import import_files
from calendar_app.services.column_guess import PLACE
from calendar_app.services.field_words import FieldWords
from calendar_app.services.import_terms import BACK
from calendar_app.services.sentences import in_words
from calendar_app.web.page import words
from calendar_app.web.submit.area import moment_in_words

if TYPE_CHECKING:
    from calendar_app.models import Import

# The fields that people have columns for, in the order in which they are offered; the others keep their own names.
_FIELDS = (
    "title title_ar title_es title_fr title_ru title_zh short_title conventions kind body organiser start end date_text"
    " status format place city country venue regions description web_url registration_url documents_url online_url"
    " contact languages expected_participants notes start_time end_time timezone id"
).split()
OFFERED = tuple(_FIELDS)
# What becomes of rows that take time: each is an event that is made or changed.
_BROUGHT_IN = ("new", "changed", BACK)
_AS_FIELDS = {"title": "titles", "conventions": "processes", "body": "bodies", "organiser": "organisers"}


def left_out() -> str:
    """Return what a column is called that is left out."""
    return str(_("left out"))


def target(name: str) -> str:
    """Return what a field is called for a column."""
    fields = FieldWords(words())
    if name.startswith("title_"):
        return f"{fields.label('titles')} ({words().locale.languages[name[-2:]]})"
    own = {
        "start": _("Dates, or first day"),
        "end": _("Last day"),
        PLACE: _("Place (city, country, venue, online)"),
        "id": _("Id at the source"),
        "date_text": _("Dates in words"),
        "description": fields.label("descriptions"),
    }
    return str(own[name]) if name in own else fields.label(_AS_FIELDS.get(name, name))


def _column(name: str) -> str:
    try:
        label = target(name)
    except KeyError:
        # Columns that only exports have go by their own names.
        label = name
    return str(_("“%(name)s”", name=label))


def _field(name: str) -> str:
    try:
        return FieldWords(words()).label(name)
    except KeyError:
        return name


def sentence(told: str | list[Any]) -> str:
    """Return what is said of a file or a row, as an import keeps it or as it was raised, in the reader's language."""
    return in_words(told, words(), _column, _field)


def summary(made: Import) -> dict[str, Any]:
    """Return what every page says of an import."""
    states = {
        "columns": _("The columns wait to be matched"),
        "preview": _("Looked through, not yet carried out"),
        "waiting": _("Waits to be carried out"),
        "applied": _("Carried out"),
        "undone": _("Undone"),
    }
    return {
        "id": made.id,
        "filename": made.filename,
        "organisation": words().organisation(made.organisation_code),
        "actor": made.actor,
        "moment": moment_in_words(made.made_at),
        "state": made.state,
        "state_label": str(states[made.state]),
        "url": url_for("imports.one", import_id=made.id),
        "reason": made.settings.get("reason", ""),
        "undo_reason": made.settings.get("undo_reason", ""),
        "is_calendar": import_files.is_ics(made),
        "publishes": made.settings.get("stage") == "published",
    }


def under_way(made: Import) -> str:
    """Return since when an import is being carried out, and how long it may take, "" while it waits for its turn."""
    begun = made.settings.get("begun")
    if not begun:
        return ""
    count = sum(row["outcome"] in _BROUGHT_IN for row in made.report.get("rows", []))
    return str(
        ngettext(
            "Since %(time)s %(num)d row is brought in; two hundred rows take about a second.",
            "Since %(time)s %(num)d rows are brought in; two hundred rows take about a second.",
            count,
            time=f"{datetime.fromisoformat(begun).astimezone(clock.zone):%H:%M:%S} {clock.zone.key}",
        )
    )


def failure(made: Import) -> str:
    """Return why an import that was to be carried out was not, "" if nothing went wrong."""
    return {
        "": "",
        "undecided": str(_("Meanwhile events got critical clashes on which nobody has decided. Nothing was changed.")),
        "rights": str(_("Who asked for it may not do so any more. Nothing was changed.")),
        "file": str(_("The file could not be read any more. Nothing was changed.")),
        "error": str(_("Something went wrong. Nothing was changed; you can try again.")),
    }[made.failed]


def kept(made: Import) -> list[dict[str, Any]]:
    """Return the events that undoing left as they are, because somebody changed them since."""
    found = made.report.get("kept", [])
    return [{"title": one["title"], "url": url_for("events.event", event_id=one["event"])} for one in found]


def undo_count(made: Import) -> int:
    """Return how many events undoing would take back, or has."""
    return int(made.report.get("taken_back", 0))
