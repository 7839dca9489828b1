"""The organisations, to which stewards, members and services refer: first the packaged ones, then what people made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from calendar_app.models import Event, EventFacet, Invitation, Membership, Organisation, OrganisationSeat
from calendar_app.services import audit, reference_entries
from calendar_app.services.reference_entries import TakenError, listed
from calendar_app.services.text import fold

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person
    from calendar_app.services.reference import ListedOrganisation, Reference

KINDS = ("secretariat", "un-body", "partner", "regional-centre", "government")


@dataclass(frozen=True, slots=True)
class Ties:
    """What binds an organisation to the exchange: events it stewards, people who are its members or invited."""

    events: int
    people: int


class StillTiedError(ValueError):
    """An organisation cannot leave the exchange while it keeps events or has people."""

    def __init__(self, ties: Ties) -> None:
        """Say what binds it."""
        super().__init__(ties)
        self.ties = ties


def add_packaged(session: Session, reference: Reference) -> int:
    """Add the packaged organisations that are not there yet; leave the others as people made them; return how many."""
    existing = set(session.scalars(select(Organisation.code)))
    missing = [o for o in reference.organisations.values() if o.code not in existing]
    for organisation in missing:
        session.add(_written(Organisation(code=organisation.code), organisation))
    session.flush()
    return len(missing)


def search(session: Session, text: str = "") -> list[Organisation]:
    """Return the organisations in which `text` is found, members of the exchange first, then by short name."""
    query = select(Organisation).options(selectinload(Organisation.seats))
    wanted = fold(text)
    found = [
        organisation
        for organisation in session.scalars(query)
        if wanted in fold(f"{organisation.code} {organisation.short_name} {organisation.name}")
        or any(wanted in fold(alias) for alias in organisation.aliases)
    ]
    return sorted(found, key=lambda o: (not o.member, fold(o.short_name), o.code))


def ties(session: Session, code: str, now: datetime) -> Ties:
    """Return what binds an organisation to the exchange; an invitation that ran out does not."""
    queries = (
        select(func.count()).select_from(Event).where(Event.steward_code == code),
        select(func.count()).select_from(Membership).where(Membership.organisation_code == code),
        select(func.count())
        .select_from(Invitation)
        .where(
            Invitation.organisation_code == code,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        ),
    )
    events, members, invited = (session.scalar(query) or 0 for query in queries)
    return Ties(events, members + invited)


def save(session: Session, wanted: ListedOrganisation, *, new: bool, by: Person, now: datetime) -> bool:
    """Add an organisation or change the one of this code; return False if it is so already.

    Raises TakenError, StillTiedError for a member that is to leave the exchange, KeyError if there is none to change.
    """
    _refuse_taken(session, wanted, new=new)
    organisation = Organisation(code=wanted.code) if new else session.get(Organisation, wanted.code)
    if organisation is None:
        raise KeyError(wanted.code)
    before = None if new else listed(organisation)
    if before == wanted:
        return False
    if before and before.member and not wanted.member:
        binding = ties(session, wanted.code, now)
        if binding.events or binding.people:
            raise StillTiedError(binding)
    lists = reference_entries.read_lists(session)
    session.add(_written(organisation, wanted))
    # Search texts have organisers as each event names them; feeds name them as the list does.
    held = select(EventFacet.event_id).where(EventFacet.facet == "organiser", EventFacet.value == wanted.code)
    reference_entries.put_in_force(session, lists, now, lambda _facts: Event.id.in_(held), derived=False)
    old, after = asdict(before) if before else {}, asdict(wanted)
    changed = [name for name in after if old.get(name) != after[name]]
    audit.note(
        session,
        actor=by.name or by.email,
        account_id=by.account_id,
        action="organisation added" if new else "organisation changed",
        subject=wanted.code,
        organisation=wanted.code,
        now=now,
        details={
            "before": {name: old[name] for name in changed if name in old},
            "after": {name: after[name] for name in changed},
        },
    )
    return True


def _refuse_taken(session: Session, wanted: ListedOrganisation, *, new: bool) -> None:
    if new:
        same = session.get(Organisation, wanted.code)
        if same:
            raise TakenError(same.name, column="code")
    for other in session.scalars(select(Organisation).where(Organisation.code != wanted.code)):
        for column in ("short_name", "name"):
            if fold(getattr(wanted, column)) in {fold(other.short_name), fold(other.name)}:
                raise TakenError(other.name, column=column)


def _written(organisation: Organisation, values: ListedOrganisation) -> Organisation:
    organisation.short_name, organisation.name, organisation.kind = values.short_name, values.name, values.kind
    organisation.member, organisation.url, organisation.aliases = values.member, values.url, list(values.aliases)
    seats = [(seat.city, seat.duty_station, seat.process) for seat in organisation.seats]
    if seats != list(values.seats):
        organisation.seats = [OrganisationSeat(city=c, duty_station=d, process=p) for c, d, p in values.seats]
    return organisation
