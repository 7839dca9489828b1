"""The scheduler process: APScheduler runs the jobs declared here; one process at a time leads, by a lease."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from calendar_app.extensions import transaction
from calendar_app.jobs import days, imports, mail, month, sources
from calendar_app.services import lease

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

log = logging.getLogger(__name__)
MAIL_SECONDS = 10
MONTH_SECONDS = 60
IMPORT_SECONDS = 5
SOURCES_SECONDS = 10
# How long a stop waits for what is being done: everything here may be cut off and goes on at the next start.
STOP_SECONDS = 4


def run(app: Flask) -> None:
    """Run until SIGTERM or SIGINT."""
    holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    lead(app, holder)
    scheduler = _scheduler(app, holder, stopping)
    scheduler.start()
    stopping.wait()
    ending = threading.Thread(target=scheduler.shutdown, daemon=True)
    ending.start()
    ending.join(STOP_SECONDS)
    try:
        with app.app_context(), transaction(exclusive=False) as session:
            lease.give_up_lease(session, holder)
    except SQLAlchemyError:
        log.warning("The lease of the schedule could not be given up; it ends by itself.")
    if ending.is_alive():
        # A mail server that does not answer would hold this process; its letter stays claimed and goes out later.
        logging.shutdown()
        os._exit(0)


def _scheduler(app: Flask, holder: str, stopping: threading.Event) -> BackgroundScheduler:
    """Return the schedule: who leads, mail, files and sources in seconds, the month each minute, the days each hour.

    All of it is also done at the start.
    """
    # However late this machine comes to it, what is due is done, once.
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
    every = lease.LEASE.total_seconds() / 3
    scheduler.add_job(lead, "interval", args=[app, holder], seconds=every)
    for job, seconds in (
        (partial(mail.deliver, app, stopping), MAIL_SECONDS),
        (partial(month.run, app, stopping), MONTH_SECONDS),
        (partial(imports.carry_out, app), IMPORT_SECONDS),
        (partial(sources.run, app, stopping), SOURCES_SECONDS),
    ):
        scheduler.add_job(work, _now_and(IntervalTrigger(seconds=seconds)), args=[app, holder, stopping, job])
    hourly = (days.publish, days.release, days.remind, days.remind_owners, days.remind_of_actions, days.forget)
    for step in (*hourly, imports.forget_files):
        # A turn that meets a running one is left out: not for an hour. Side by side they do nothing twice.
        for trigger in (DateTrigger(timezone="UTC"), CronTrigger(minute=0, timezone="UTC")):
            scheduler.add_job(work, trigger, args=[app, holder, stopping, partial(step, app)])
    return scheduler


def _now_and(trigger: IntervalTrigger) -> OrTrigger:
    """Return a trigger for one job that is due at the start and then as `trigger` says.

    As a job of its own, what is done at the start could run beside the one that follows: two letters on their way in
    one process, where each is to be the only one that a crash can send twice.
    """
    return OrTrigger([DateTrigger(timezone="UTC"), trigger])


def lead(app: Flask, holder: str) -> bool:
    """Take or renew the lease; return whether this process leads. A database out of reach is tried again later."""
    try:
        with app.app_context(), transaction(exclusive=False) as session:
            return lease.take_lease(session, holder)
    except SQLAlchemyError:
        log.exception("The lease of the schedule could not be renewed.")
        return False


def work(app: Flask, holder: str, stopping: threading.Event, job: Callable[[], object]) -> None:
    """Do a job if this process leads. What goes wrong in it is told in the log and does not end the schedule."""
    if not stopping.is_set() and lead(app, holder):
        job()
