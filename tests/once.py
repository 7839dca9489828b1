"""What is made once per process, although nearly every test makes an application of its own. Importing it is enough.

None of it changes what is made: only that the second application need not make it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import BytecodeCache
from werkzeug.routing import Rule

from calendar_app.extensions import db

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from jinja2.bccache import Bucket
    from sqlalchemy import Engine


class Compiled(BytecodeCache):
    """Templates that were compiled in this process."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if its template was compiled from the same text before."""
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.codes[bucket.key, bucket.checksum] = bucket.code


# What takes longest in a new application is to compile the same templates.
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}


# The code that puts addresses together, which werkzeug writes and compiles for every rule, hangs on nothing but what
# stands in the key.
write_builder = Rule._compile_builder
builders: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


def builder_of(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002
    """Return what puts an address together, not yet bound to the rule, whose converters it calls."""
    key = (rule.rule, *rule._trace, repr(rule.defaults), append_unknown)
    if key not in builders:
        builders[key] = write_builder(rule, append_unknown)
    return builders[key]


Rule._compile_builder = builder_of


# Statements are compiled for a kind of database. Whoever connects the first engine of a kind puts it here.
first_engines: dict[str, Engine] = {}
make_engine = db._make_engine


def make_engine_that_knows(*arguments) -> Engine:
    """Make an engine that finds the statements compiled which another one of its kind has compiled."""
    engine = make_engine(*arguments)
    if first := first_engines.get(engine.name):
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


db._make_engine = make_engine_that_knows
