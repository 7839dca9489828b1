"""Whether the process is alive, and whether it is fit to serve."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from calendar_app.extensions import db
from calendar_app.services import lease, schema

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process lives."""
    return _uncached(jsonify(alive=True))


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 200 when database and migrations are in order, else 503.

    A late schedule is reported and does not make the pages unfit: readers lose nothing by it.
    """
    try:
        state = _state()
    except SQLAlchemyError:
        db.session.rollback()
        return _uncached(jsonify(ready=False, database="out of reach")), 503
    return _uncached(jsonify(state)), 200 if state["ready"] else 503


def _state() -> dict[str, Any]:
    tables = schema.state(db.session())
    migrated = tables is schema.State.CURRENT
    state: dict[str, Any] = {
        "ready": migrated,
        "database": "reached",
        "migrations": tables.value,
    }
    if migrated:
        age = lease.lease_age(db.session())
        state["scheduler"] = {
            "lease_age_seconds": None if age is None else int(age.total_seconds()),
            "leads": age is not None and age <= lease.LEASE,
        }
    return state


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
