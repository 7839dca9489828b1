"""Others who work with the calendar while it is restored."""

from __future__ import annotations

import threading

from calendar_app.extensions import clock, db, transaction
from calendar_app.models import DueStep

# In seconds; nothing that waits for nobody takes so long.
SOON = 5


class Other(threading.Thread):
    """Another process, as it were: work in an application context, and database connections, of its own."""

    def __init__(self, app, work) -> None:
        super().__init__(daemon=True)
        self.app, self.work, self.got, self.problem = app, work, None, None
        self.start()

    def run(self) -> None:
        try:
            with self.app.app_context():
                self.got = self.work()
                db.session.remove()
        except Exception as problem:  # noqa: BLE001 - the test asks for it
            self.problem = problem


def step(key: str) -> DueStep:
    return DueStep(key=key, action="digest", month=clock.today(), due_at=clock.now(), state="due")


def write_in_passing(key: str) -> None:
    """Write what is no change of the calendar, and so does not wait for its writers."""
    with transaction(exclusive=False) as session:
        session.add(step(key))
