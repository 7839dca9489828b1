"""The scheduler process: APScheduler runs the jobs declared here; one process at a time leads, by a lease."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from calendar_app.extensions import transaction
from calendar_app.services import lease

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)


def run(app: Flask) -> None:
    """Run until SIGTERM or SIGINT."""
    holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    scheduler = BackgroundScheduler(timezone="UTC")
    every = lease.LEASE.total_seconds() / 3
    scheduler.add_job(lead, "interval", args=[app, holder], seconds=every, coalesce=True, max_instances=1)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    lead(app, holder)
    scheduler.start()
    stopping.wait()
    scheduler.shutdown(wait=False)
    try:
        with app.app_context(), transaction(exclusive=False) as session:
            lease.give_up_lease(session, holder)
    except SQLAlchemyError:
        log.warning("The lease of the schedule could not be given up; it ends by itself.")


def lead(app: Flask, holder: str) -> bool:
    """Take or renew the lease; return whether this process leads. A database out of reach is tried again later."""
    try:
        with app.app_context(), transaction(exclusive=False) as session:
            return lease.take_lease(session, holder)
    except SQLAlchemyError:
        log.exception("The lease of the schedule could not be renewed.")
        return False
