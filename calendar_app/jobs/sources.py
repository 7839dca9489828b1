"""Harvests the sources that are due, one after the other; one that fails stops no other."""

from __future__ import annotations

import logging
import time
import traceback
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from calendar_app.extensions import clock, db, source_reader, transaction
from calendar_app.models import Source
from calendar_app.services import harvesting
from calendar_app.services.reference import reference
from calendar_app.services.source_asks import SourceFailedError

if TYPE_CHECKING:
    import threading

    from flask import Flask

    from calendar_app.models import SourceRun
    from calendar_app.services.harvesting import Due
    from calendar_app.services.source_asks import Answer

log = logging.getLogger(__name__)


def run(app: Flask, stopping: threading.Event) -> int:
    """Harvest what is due until `stopping`; return how many sources were asked."""
    asked = 0
    with app.app_context():
        try:
            while not stopping.is_set() and (due := _claim()):
                asked += 1
                _harvest_alone(app, due)
        except SQLAlchemyError as problem:
            # Its text may have letters in it.
            log.warning("The sources cannot be read or written: %s", type(problem).__name__)
    return asked


def _harvest_alone(app: Flask, due: Due) -> None:
    """Harvest a source; what goes wrong even in noting that it went wrong stops no other."""
    try:
        harvest(app, due)
    except Exception as problem:  # noqa: BLE001 - it is logged
        db.session.rollback()
        _log(f"What became of source {due.name} could not be noted", problem)


def _log(message: str, problem: Exception) -> None:
    """Log where a problem arose; what a database says stays out, for it may have letters in it."""
    if isinstance(problem, SQLAlchemyError):
        where = "".join(traceback.format_tb(problem.__traceback__))
        log.error("%s: %s\n%s", message, type(problem).__name__, where)
    else:
        log.error("%s.", message, exc_info=problem)


def _claim() -> Due | None:
    """Return a source that is due; without writing, if none is."""
    if not harvesting.is_any_due(db.session(), clock.now()):
        db.session.rollback()
        return None
    with transaction(exclusive=False) as session:
        return harvesting.claim(session, clock.now(), clock.today())


def harvest(app: Flask, due: Due) -> SourceRun | None:
    """Ask a source that was claimed and carry out what it comes to; return the run, None if nothing had to be noted.

    Whatever goes wrong is noted with the source and raises nothing, but for a database that is out of reach.
    """
    started = time.perf_counter()
    try:
        _tell_stage(due, harvesting.Stage.ASKING)
        answer = source_reader()(due.ask)
        _tell_stage(due, harvesting.Stage.COMPARING)
        return _finish(app, due, answer, started)
    except SourceFailedError as problem:
        return _failed(app, due, problem.sentence, started)
    except Exception as problem:  # noqa: BLE001 - it is logged, and noted with the source
        _log(f"Source {due.name} could not be harvested", problem)
        return _failed(app, due, type(problem).__name__, started)


def _finish(app: Flask, due: Due, answer: Answer, started: float) -> SourceRun | None:
    db.session.rollback()
    if not harvesting.needs_writing(db.session(), db.session.get_one(Source, due.source_id), answer, clock.today()):
        db.session.rollback()
        return None
    with transaction() as session:
        source = session.get_one(Source, due.source_id)
        home = app.config["PUBLIC_URL"]
        run = harvesting.finish(session, source, answer, clock.now(), clock.today(), reference(), home, due.ask)
        run.seconds = round(time.perf_counter() - started, 2)
    return run


def _failed(app: Flask, due: Due, sentence: str, started: float) -> SourceRun:
    db.session.rollback()
    with transaction(exclusive=False) as session:
        source = session.get_one(Source, due.source_id)
        run = harvesting.failed(session, source, sentence, clock.now(), app.config["PUBLIC_URL"])
        run.seconds = round(time.perf_counter() - started, 2)
    return run


def _tell_stage(due: Due, stage: harvesting.Stage) -> None:
    """Write down how far a run is, if somebody waits for it."""
    if due.is_waited_for:
        with transaction(exclusive=False) as session:
            session.get_one(Source, due.source_id).stage = stage
