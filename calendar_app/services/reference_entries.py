"""What a calendar says beside the packaged lists: rows added or changed while it runs, and its organisations.

Which state of the lists holds is said by one value in the database (`CalendarVersion.reference_digest`), so that every
process sees a change with its next request; docs/decisions/0012 tells why.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from calendar_app.models import (
    CalendarVersion,
    Event,
    EventFacet,
    LeadTimes,
    Organisation,
    OrganisationSeat,
    ReferenceEntry,
)
from calendar_app.services import audit, events, touched
from calendar_app.services.records import apply_record, record_of
from calendar_app.services.reference import (
    ListedOrganisation,
    Reference,
    ReferenceFileError,
    build,
    digest,
    packaged_lists,
    packaged_rows,
)
from calendar_app.services.reference_files import WrongCellError, as_list
from calendar_app.services.text import fold, slugify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from calendar_app.services.access import Person


@dataclass(frozen=True, slots=True)
class EditableList:
    """A list that is added to: its file, the column of the code, and what its codes are to the index of names."""

    file: str
    key: str
    sort: str


LISTS = {
    "bodies": EditableList("bodies.csv", "code", "body"),
    "cities": EditableList("cities.csv", "slug", "city"),
}
# States of the lists that were read before, by digest: what is in one never changes.
_MOST_KEPT = 8
_kept: dict[str, Reference] = {}


class InUseError(ValueError):
    """A row cannot go: `count` events (or seats of organisations) refer to it."""

    def __init__(self, count: int) -> None:
        """Say how many."""
        super().__init__(count)
        self.count = count


class TakenError(ValueError):
    """The code or the name belongs to another row already; `column` says which of them, `name` to what."""

    def __init__(self, name: str, *, column: str) -> None:
        """Say where, and whose it is."""
        super().__init__(f"{column}: {name}")
        self.column = column
        self.name = name


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row as it holds now. `packaged`: it comes with the program; `entry`: this calendar added or changed it."""

    code: str
    values: Mapping[str, str]
    packaged: bool
    entry: ReferenceEntry | None


def lists_of(session: Session, version: CalendarVersion | None) -> Reference:
    """Return the facts as they hold in this database, whose `version` is given. Raises `ReferenceFileError`.

    Only when the lists have changed since this process last looked are they read again.
    """
    wanted = version.reference_digest if version else ""
    # Before anything was derived nothing was added.
    if wanted in {"", digest()}:
        return packaged_lists()
    return _kept.get(wanted) or read_lists(session)


def read_lists(session: Session) -> Reference:
    """Return the same from the tables themselves, whatever state was last written down. Raises `ReferenceFileError`."""
    entries: dict[str, dict[str, dict[str, str]]] = {}
    rows = select(ReferenceEntry).order_by(ReferenceEntry.list_name, ReferenceEntry.code)
    for entry in session.scalars(rows):
        entries.setdefault(LISTS[entry.list_name].file, {})[entry.code] = entry.values
    known = packaged_lists().organisations
    loaded = session.scalars(
        select(Organisation).options(selectinload(Organisation.seats)).order_by(Organisation.code)
    ).all()
    organisations = [o for o in map(listed, loaded) if known.get(o.code) != o]
    lead_times = {row.kind: row.steps for row in session.scalars(select(LeadTimes).order_by(LeadTimes.kind))}
    if not entries and not organisations and not lead_times:
        return packaged_lists()
    facts = build(entries, organisations, _digest_of(entries, organisations, lead_times), lead_times)
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[facts.digest] = facts
    return facts


def listed(organisation: Organisation) -> ListedOrganisation:
    """Return an organisation of the table as the lists have it."""
    return ListedOrganisation(
        organisation.code,
        organisation.short_name,
        organisation.name,
        organisation.kind,
        organisation.member,
        organisation.url,
        tuple(organisation.aliases),
        tuple((seat.city, seat.duty_station, seat.process) for seat in organisation.seats),
    )


def _digest_of(
    entries: Mapping[str, Any], organisations: Iterable[ListedOrganisation], lead_times: Mapping[str, Any]
) -> str:
    listed_ones = [[getattr(o, name) for name in ListedOrganisation.__slots__] for o in organisations]
    values: list[Any] = [digest(), entries, listed_ones]
    if lead_times:
        # Left out where there are none: a calendar without them is in the state in which it was before there could be.
        values.append(lead_times)
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def put_in_force(
    session: Session,
    before: Reference,
    now: datetime,
    meant: Callable[[Reference], ColumnElement[bool]],
    *,
    derived: bool = True,
) -> None:
    """Let everybody see the lists as the tables now have them; `before` is how they were. The calendar's version rises.

    For use in the transaction of the change. `meant` gives, for the new facts, the condition of the events to which the
    change may mean something: feeds show them anew, and if `derived`, their search texts and facets are made anew.
    Raises `ReferenceFileError` if the rows do not fit together.
    """
    session.flush()
    facts = read_lists(session)
    events.touch_calendar(session, now, public=True)
    session.flush()
    version = session.get_one(CalendarVersion, 1)
    if version.reference_digest not in {"", before.digest}:
        # Another version of the program wrote last: what it derived is not known here.
        events.derive_anew(session, facts, facts.digest)
        touched.note_shown(session, session.scalars(select(Event.id)))
        return
    version.reference_digest = facts.digest
    touched.note_shown(session, session.scalars(select(Event.id).where(meant(facts))))
    if derived:
        stored = session.scalars(select(Event).where(meant(facts)).options(*events.whole_record())).all()
        for event in stored:
            apply_record(event, record_of(event), facts)


def _meant(
    name: str, code: str, before: Reference, *rows: Mapping[str, str]
) -> Callable[[Reference], ColumnElement[bool]]:
    """Return the events to which a row, as it was and as it is, may mean something."""

    def condition(after: Reference) -> ColumnElement[bool]:
        if name == "bodies":
            of_body = select(EventFacet.event_id).where(EventFacet.facet == "body", EventFacet.value == code)
            return Event.id.in_(of_body)
        names = {text for row in rows for text in (row["name"], *as_list(row["aliases"]))}
        # A name may have meant no city of the list, or another one.
        owners = {facts.find("city", text) for facts in (before, after) for text in names}
        return Event.city_slug.in_({code, *map(slugify, names), *filter(None, owners)})

    return condition


def rows_of(session: Session, name: str) -> list[ListRow]:
    """Return the rows of an editable list, packaged ones in their order, then added ones by code."""
    which = LISTS[name]
    entries = {e.code: e for e in session.scalars(select(ReferenceEntry).where(ReferenceEntry.list_name == name))}
    rows = []
    for _line, values in packaged_rows(which.file):
        entry = entries.pop(values[which.key], None)
        rows.append(ListRow(values[which.key], entry.values if entry else values, packaged=True, entry=entry))
    added = (ListRow(code, e.values, packaged=False, entry=e) for code, e in sorted(entries.items()))
    return [*rows, *added]


def row_of(session: Session, name: str, code: str) -> ListRow | None:
    """Return one row of an editable list."""
    return next((row for row in rows_of(session, name) if row.code == code), None)


def put(session: Session, name: str, values: Mapping[str, str], *, new: bool, by: Person, now: datetime) -> str:
    """Add a row, or change the one of this code; return its code. `values` are cells as the packaged file has them.

    The code of a new city is made from its name. Raises TakenError, and WrongCellError for a value that cannot be.
    """
    which = LISTS[name]
    row = dict(values)
    if new and name == "cities":
        row["slug"] = slugify(row["name"])
    code = row[which.key]
    if not code:
        raise WrongCellError("name" if name == "cities" else which.key, code)
    facts = read_lists(session)
    _refuse_taken(facts, which, row, new=new)
    entry = session.get(ReferenceEntry, (name, code))
    old = row_of(session, name, code)
    if old and dict(old.values) == row:
        return code
    if entry is None:
        entry = ReferenceEntry(list_name=name, code=code)
        session.add(entry)
    entry.values, entry.changed_at, entry.changed_by = row, now, by.name or by.email
    try:
        put_in_force(session, facts, now, _meant(name, code, facts, row, *([old.values] if old else [])))
    except ReferenceFileError as problem:
        if isinstance(problem.__cause__, WrongCellError):
            raise problem.__cause__ from problem
        raise
    _note(session, by, now, "list row added" if new else "list row changed", name, old, row)
    return code


def _refuse_taken(facts: Reference, which: EditableList, row: Mapping[str, str], *, new: bool) -> None:
    code = row[which.key]
    known: Mapping[str, Any] = facts.cities if which.sort == "city" else facts.bodies
    same = next((other for other in known if fold(other) == fold(code)), None)
    if new and same:
        raise TakenError(known[same].name, column="name" if which.sort == "city" else which.key)
    owner = facts.find(which.sort, row["name"])
    if owner and owner != code:
        raise TakenError(known[owner].name, column="name")


def remove(session: Session, name: str, code: str, *, by: Person, now: datetime) -> None:
    """Take back what this calendar says: a changed row is as packaged again, an added one is gone.

    Nothing happens to a row that is as packaged. Raises InUseError for an added row that something refers to.
    """
    row = row_of(session, name, code)
    if row is None or row.entry is None:
        return
    if not row.packaged and (count := uses(session, name, code)):
        raise InUseError(count)
    before = read_lists(session)
    session.delete(row.entry)
    session.flush()
    packaged = row_of(session, name, code)
    after = packaged.values if packaged else {}
    put_in_force(session, before, now, _meant(name, code, before, row.values, *([after] if after else [])))
    action = "list row as packaged again" if row.packaged else "list row removed"
    _note(session, by, now, action, name, row, after)


def uses(session: Session, name: str, code: str) -> int:
    """Return how many events, and for a city seats of organisations, refer to a row."""
    if name == "bodies":
        of_body = (EventFacet.facet == "body", EventFacet.value == code)
        return session.scalar(select(func.count()).select_from(EventFacet).where(*of_body)) or 0
    events_there = session.scalar(select(func.count()).select_from(Event).where(Event.city_slug == code)) or 0
    seats = select(func.count()).select_from(OrganisationSeat).where(OrganisationSeat.city == code)
    return events_there + (session.scalar(seats) or 0)


def _note(
    session: Session,
    by: Person,
    now: datetime,
    action: str,
    name: str,
    before: ListRow | None,
    after: Mapping[str, str],
) -> None:
    old = before.values if before else {}
    changed = [column for column in {**old, **after} if old.get(column) != after.get(column)]
    audit.note(
        session,
        actor=by.name or by.email,
        account_id=by.account_id,
        action=action,
        subject=f"{name}: {(after or old)[LISTS[name].key]}",
        now=now,
        details={
            "before": {column: old[column] for column in changed if column in old},
            "after": {column: after[column] for column in changed if column in after},
        },
    )
