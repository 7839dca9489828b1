"""Runs migrations on the application's own engine, so that they see its pragmas and its transactions."""

from alembic import context
from flask import current_app

from calendar_app.models.base import Base, UtcDateTime


def render_item(kind, value, autogen_context):
    """Write our own column types as the plain ones they store, so that old migrations outlive the models."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


# A backup of an older revision is restored in a transaction that is open already, and stays so.
if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        run(connection)
