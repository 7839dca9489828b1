"""The entry point: builds the application from the environment. Nothing imports this module."""

import gc
import os
import sys

import click

# What is imported and built here stays until the end. To look through it for garbage, again and again while it grows,
# takes a fifth of the start; once it is all there, the collector leaves it out.
gc.disable()

from flask.cli import FlaskGroup  # noqa: E402 - as above

import config  # noqa: E402
from calendar_app.factory import create_app  # noqa: E402

try:
    settings = config.load(os.environ)
except config.ConfigurationError as problem:
    sys.exit(f"The calendar cannot start. {problem}")

# The web server may be a command as well, but not one of Flask's.
called = click.get_current_context(silent=True)
is_command = called is not None and isinstance(called.find_root().command, FlaskGroup)
# A shell that completes what is typed asks for the commands as well, without calling one.
app = create_app(settings.for_flask(), commands=is_command or "_FLASK_COMPLETE" in os.environ)
gc.freeze()
gc.enable()
