"""The table of organisations, which stewards and services refer to, filled from the packaged list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from calendar_app.models import Organisation, OrganisationSeat

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from calendar_app.services.reference import Reference


def add_packaged(session: Session, reference: Reference) -> int:
    """Add the packaged organisations that are not there yet; leave the others as people made them; return how many."""
    existing = set(session.scalars(select(Organisation.code)))
    missing = [o for o in reference.organisations.values() if o.code not in existing]
    session.add_all(
        Organisation(
            code=o.code,
            short_name=o.short_name,
            name=o.name,
            kind=o.kind,
            member=o.member,
            url=o.url,
            aliases=list(o.aliases),
            seats=[OrganisationSeat(city=c, duty_station=d, process=p) for c, d, p in o.seats],
        )
        for o in missing
    )
    session.flush()
    return len(missing)
