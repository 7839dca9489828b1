"""A process that changes one event again and again, and says which change is committed: run by `feeds_while_edited`."""

from __future__ import annotations

import os
import sys
import uuid
from dataclasses import replace

import config
from calendar_app.extensions import clock, transaction
from calendar_app.factory import create_app
from calendar_app.models import Event
from calendar_app.services import events
from calendar_app.services.records import record_of
from calendar_app.services.reference import reference


def main(event_id: uuid.UUID, number: int) -> None:
    """Change it until killed."""
    app = create_app(config.load(os.environ).for_flask())
    with app.app_context():
        while True:
            number += 1
            with transaction() as session:
                event = session.get(Event, event_id)
                record = replace(record_of(event), titles={"en": f"Change {number}"})
                events.change(session, event, record, events.Change("test", clock.now()), reference())
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(uuid.UUID(sys.argv[1]), int(sys.argv[2]))
