"""The entry point: builds the application from the environment. Nothing imports this module."""

import os
import sys

import config
from calendar_app.factory import create_app

try:
    settings = config.load(os.environ)
except config.ConfigurationError as problem:
    sys.exit(f"The calendar cannot start. {problem}")

app = create_app(settings.for_flask())
