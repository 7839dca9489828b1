"""Whether the tables are those that this version of the program was written for."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# The newest of migrations/versions; to ask the library for it takes ten megabytes in each process.
NEWEST = "0010"


class State(Enum):
    """How the tables stand to the program; the value says it, and what to do."""

    CURRENT = "up to date"
    BEHIND = "behind: run 'flask prepare'"
    LATER = "the tables are of a later version of the program: update the program"


def state(session: Session) -> State:
    """Tell whether all migrations have been run, and none of a later version. Revisions are named in their order."""
    connection = session.connection()
    if not sa.inspect(connection).has_table("alembic_version"):
        return State.BEHIND
    found = max(connection.scalars(sa.text("SELECT version_num FROM alembic_version")), default="")
    if found == NEWEST:
        return State.CURRENT
    return State.LATER if found > NEWEST else State.BEHIND
