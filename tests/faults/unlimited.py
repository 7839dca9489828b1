"""The calendar as it is served, for machines that act as a hundred people from one address.

Nothing is left out but the limits on how much one address may send, and the time a person takes for a form.
"""

from __future__ import annotations

import os

import config
from calendar_app.factory import create_app

app = create_app({**config.load(os.environ).for_flask(), "RATELIMIT_ENABLED": False, "FORM_LEAST_SECONDS": 0})
