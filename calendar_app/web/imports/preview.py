"""Looking what the rows of an import would do: they are brought in, told of, and not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import Import
from calendar_app.services import import_files, imports
from calendar_app.services.import_terms import BACK, NEW
from calendar_app.services.reference import reference

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping


def look(import_id: uuid.UUID, typed: Mapping[str, str]) -> None:
    """Work out what becomes of each row and keep it with the import; `typed` are the choices for lines.

    First without any choice, so that what new rows may be the same as is found; then as it was decided. Nothing is kept
    of an import that was changed meanwhile.
    """
    with transaction(keep=False) as session:
        made = session.get_one(Import, import_id)
        settings = made.settings
        sheet = import_files.sheet_of(made, clock.today(), clock.zone.key)
        made.choices = {}
        report = imports.carry_out(session, made, sheet, clock.now(), reference())
        likely = imports.likely_ones(session, made, report)
    choices = imports.chosen(likely, typed) | imports.chosen_back(report, typed)
    if any(choice not in {NEW, BACK} for choice in choices.values()):
        with transaction(keep=False) as session:
            made = session.get_one(Import, import_id)
            made.choices = choices
            report = imports.carry_out(session, made, sheet, clock.now(), reference())
    with transaction(exclusive=False) as session:
        made = session.get_one(Import, import_id, with_for_update=True)
        if made.state in imports.OPEN_STATES and made.settings == settings:
            made.choices, made.failed = choices, ""
            made.report = imports.told(sheet, report, likely, choices)
            made.state = imports.PREVIEW
    db.session.expire_all()
