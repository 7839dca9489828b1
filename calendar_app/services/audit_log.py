"""Reading the audit log: who did what that is not a change of an event, latest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, true

from calendar_app.models import Account, AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, tzinfo

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

COLUMNS = ("time", "who", "email", "action", "subject", "organisation", "details")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of one organisation, of one action, by whom or about whom, from one day to another, inclusive.

    `visible` are the organisations whose entries the reader may see, None for all there are.
    """

    visible: frozenset[str] | None
    organisation: str = ""
    action: str = ""
    person: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries with the addresses of who acted, how many match in all, and which page of how many it is."""

    entries: list[tuple[AuditEntry, str]]
    total: int
    number: int
    last_number: int


def page(session: Session, wanted: Wanted, zone: tzinfo, *, number: int, size: int = 100) -> Page:
    """Return page `number` (from 1; the last one if there are fewer). Days are those of `zone`."""
    condition = _matching(wanted, zone)
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(*condition)) or 0
    last_number = max(1, -(-total // size))
    number = min(number, last_number)
    query = _with_addresses(condition).order_by(AuditEntry.id.desc()).limit(size).offset((number - 1) * size)
    return Page([(entry, email or "") for entry, email in session.execute(query)], total, number, last_number)


def rows(session: Session, wanted: Wanted, zone: tzinfo) -> Iterator[dict[str, str]]:
    """Yield every matching entry as cells for a sheet, earliest first; times in UTC."""
    for entry, email in session.execute(_with_addresses(_matching(wanted, zone)).order_by(AuditEntry.id)):
        yield {
            "time": entry.at.isoformat(timespec="seconds"),
            "who": entry.actor,
            "email": email or "",
            "action": entry.action,
            "subject": entry.subject,
            "organisation": entry.organisation_code,
            "details": json.dumps(entry.details, ensure_ascii=False) if entry.details else "",
        }


def actions(session: Session, visible: frozenset[str] | None) -> list[str]:
    """Return the actions that there are entries of, in order."""
    return sorted(session.scalars(select(AuditEntry.action).where(_visible(visible)).distinct()))


def _with_addresses(condition: list[ColumnElement[bool]]) -> Select[tuple[AuditEntry, str]]:
    """Return the query of entries and the address of who acted (none for strangers): names change and can be alike."""
    return select(AuditEntry, Account.email).outerjoin(Account, Account.id == AuditEntry.account_id).where(*condition)


def _visible(visible: frozenset[str] | None) -> ColumnElement[bool]:
    return true() if visible is None else AuditEntry.organisation_code.in_(visible)


def _matching(wanted: Wanted, zone: tzinfo) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_visible(wanted.visible)]
    for column, value in ((AuditEntry.organisation_code, wanted.organisation), (AuditEntry.action, wanted.action)):
        if value:
            conditions.append(column == value)
    if wanted.person:
        text = wanted.person.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        named: list[Any] = [AuditEntry.actor, AuditEntry.subject]
        acted = select(Account.id).where(Account.email.ilike(f"%{text}%", escape="\\"))
        found = [column.ilike(f"%{text}%", escape="\\") for column in named]
        conditions.append(or_(*found, AuditEntry.account_id.in_(acted)))
    if wanted.first:
        conditions.append(AuditEntry.at >= datetime.combine(wanted.first, time(), zone))
    if wanted.last:
        conditions.append(AuditEntry.at < datetime.combine(wanted.last + timedelta(days=1), time(), zone))
    return conditions
