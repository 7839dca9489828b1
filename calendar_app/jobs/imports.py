"""Carrying out the imports that wait, one after the other, and deleting files that are old.

One transaction is one import: a process that is killed leaves it waiting, and it is carried out at the next start.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from calendar_app.extensions import clock, transaction
from calendar_app.models import Account, Import
from calendar_app.services import date_decisions, imports
from calendar_app.services.access import person_of
from calendar_app.services.date_decisions import UndecidedError
from calendar_app.services.imports import StoppedError
from calendar_app.services.reference import reference
from calendar_app.services.sheets import SheetError

if TYPE_CHECKING:
    import uuid

    from flask import Flask
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)


class _RightsError(Exception):
    """Whoever asked for the import may not do it any more."""


def carry_out(app: Flask) -> None:
    """Carry out what waits. What goes wrong with one import is noted with it and does not hold up the next."""
    with app.app_context():
        while (waiting := _next()) and _carried_out(waiting):
            pass


def _next() -> uuid.UUID | None:
    try:
        with transaction(keep=False, exclusive=False) as session:
            made = imports.next_waiting(session)
            return made.id if made else None
    except SQLAlchemyError as problem:
        log.warning("Waiting imports could not be looked for: %s", type(problem).__name__)
        return None


def _carried_out(import_id: uuid.UUID) -> bool:
    """Carry one import out, as a whole or not at all; return whether the next one may be tried."""
    try:
        # In a transaction of its own, so that whoever waits for it sees that it is under way.
        with transaction(exclusive=False) as session:
            made = session.get(Import, import_id, with_for_update=True)
            if made and made.state == imports.WAITING:
                made.settings = {**made.settings, "begun": clock.now().isoformat()}
        with transaction() as session:
            made = session.get(Import, import_id)
            # Somebody may have stopped it, or another process have done it.
            if made and made.state == imports.WAITING:
                _do(session, made)
    except StoppedError:
        return True
    except UndecidedError:
        return _note(import_id, "undecided")
    except _RightsError:
        return _note(import_id, "rights")
    except SheetError:
        return _note(import_id, "file")
    except Exception as problem:  # noqa: BLE001 - it must not be tried again and again, nor end the schedule
        # The text of an error may hold what is in the file.
        log.error("An import could not be carried out: %s", type(problem).__name__)  # noqa: TRY400
        return _note(import_id, "error")
    return True


def _do(session: Session, made: Import) -> None:
    account = session.get(Account, made.account_id) if made.account_id else None
    person = person_of(account) if account and account.active else None
    if person is None or made.organisation_code not in person.deciding:
        raise _RightsError
    imports.apply(session, made, clock.now(), clock.today(), clock.zone.key, reference())
    date_decisions.require(session, person, clock.now().astimezone(clock.zone), made.decision)


def _note(import_id: uuid.UUID, failed: str) -> bool:
    try:
        with transaction(exclusive=False) as session:
            waits = (Import.id == import_id) & (Import.state == imports.WAITING)
            session.execute(update(Import).where(waits).values(state=imports.PREVIEW, failed=failed))
    except SQLAlchemyError as problem:
        log.warning("Why an import was not carried out could not be noted: %s", type(problem).__name__)
        return False
    return True


def forget_files(app: Flask) -> None:
    """Delete the files that were sent more than 30 days ago."""
    try:
        with app.app_context(), transaction(exclusive=False) as session:
            imports.forget_files(session, clock.now())
    except SQLAlchemyError as problem:
        log.warning("Old files could not be deleted: %s", type(problem).__name__)
