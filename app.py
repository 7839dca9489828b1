"""The entry point: builds the application from the environment. Nothing imports this module."""

import gc
import os
import sys

# What is imported and built here stays until the end. To look through it for garbage, again and again while it grows,
# takes a fifth of the start; once it is all there, the collector leaves it out.
gc.disable()

import config  # noqa: E402 - as above
from calendar_app.factory import create_app  # noqa: E402

try:
    settings = config.load(os.environ)
except config.ConfigurationError as problem:
    sys.exit(f"The calendar cannot start. {problem}")

app = create_app(settings.for_flask())
gc.freeze()
gc.enable()
