"""The scheduler process with everything shorter, so that it can be killed often: run by `mail_while_killed`.

Its clock is shifted by so many seconds; leases and claims last seconds, where they last minutes otherwise. A claim has
to last longer than any delivery may take on the machine: what runs out meanwhile is sent by somebody else.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta

import config
from calendar_app.extensions import clock
from calendar_app.factory import create_app
from calendar_app.jobs import schedule
from calendar_app.services import lease, outbox

# The database tells seconds apart and no less.
LEASE_SECONDS = 2


def main(shift_seconds: float, claim_seconds: float) -> None:
    """Run until killed."""
    lease.LEASE = timedelta(seconds=LEASE_SECONDS)
    outbox.CLAIM = timedelta(seconds=claim_seconds)
    outbox.WAITS = tuple(timedelta(seconds=1) for _wait in outbox.WAITS)
    schedule.MAIL_SECONDS, schedule.MONTH_SECONDS = 0.3, 2
    app = create_app(config.load(os.environ).for_flask())
    clock.shift = timedelta(seconds=shift_seconds)
    schedule.run(app)


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
